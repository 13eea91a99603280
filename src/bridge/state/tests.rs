use bytes::Bytes;

use super::*;

fn position(number: u64) -> Position {
    Position { page: number, ..Position::default() }
}

fn page(number: u64) -> Place {
    Place { position: position(number), page: None }
}

/// A page of so many resources and bytes.
fn held(number: u64, items: usize, bytes: usize) -> Place {
    let body = Bytes::from(vec![b' '; bytes]);
    let answer = Arc::new(Answer::new(200, http::HeaderMap::new(), body, false, String::new()));
    Place { page: Some(Page { answer, items, generation: 0 }), ..page(number) }
}

#[tokio::test(start_paused = true)]
async fn the_nearest_place_before_the_index_is_found_for_a_minute() {
    let places = Places::default();
    places.remember((0, ""), 101, page(2));
    places.remember((0, ""), 201, page(3));
    places.remember((0, "name"), 151, page(8));
    places.remember((1, ""), 150, page(9));
    let found = |index| places.nearest((0, ""), index).map(|(index, _)| index);
    assert_eq!(found(1), None);
    assert_eq!(found(100), None);
    assert_eq!(found(101), Some(101));
    assert_eq!(found(200), Some(101), "not the place of another order");
    assert_eq!(found(250), Some(201));
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(found(250), None);
}

#[tokio::test(start_paused = true)]
async fn the_oldest_place_gives_way() {
    let places = Places::default();
    for index in 0..=MOST {
        places.remember((0, ""), index + 2, page(index as u64));
        tokio::time::advance(Duration::from_millis(1)).await;
    }
    assert_eq!(places.nearest((0, ""), 2).map(|(index, _)| index), None);
    assert_eq!(places.nearest((0, ""), 3).map(|(index, _)| index), Some(3));
    assert_eq!(places.known().len(), MOST);
}

#[tokio::test(start_paused = true)]
async fn a_kept_page_is_found_for_what_it_holds() {
    let places = Places::default();
    assert!(places.covering((0, ""), 5).is_none());
    places.remember((0, ""), 101, held(2, 50, 10));
    places.remember((0, ""), 151, page(3));
    let found = |index| places.covering((0, ""), index).map(|(index, _)| index);
    assert_eq!((found(100), found(101), found(150), found(151)), (None, Some(101), Some(101), None));
    assert!(places.page((0, ""), 101, &position(2)).is_some());
    assert!(places.page((0, ""), 101, &position(7)).is_none(), "another page that begins there");
    places.forget_pages();
    assert_eq!(found(101), None);
    assert!(places.nearest((0, ""), 101).is_some(), "where it is stays known");
    places.remember((0, ""), 101, held(2, 50, 10));
    assert_eq!(found(101), None, "asked for before the change");
}

#[tokio::test(start_paused = true)]
async fn kept_pages_take_no_more_than_their_room() {
    let places = Places::default();
    for number in 0..5_usize {
        places.remember((0, ""), number * 10 + 2, held(number as u64, 10, MOST_BYTES / 4));
        tokio::time::advance(Duration::from_millis(1)).await;
    }
    let kept = |index| places.covering((0, ""), index).is_some();
    assert_eq!([2, 12, 22, 32, 42].map(kept), [false, true, true, true, true]);
    places.remember((0, ""), 52, held(9, 10, MOST_BYTES * 2));
    assert_eq!([12, 42, 52].map(kept), [false, false, true], "a single larger one is kept alone");
}
