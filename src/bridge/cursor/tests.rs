use proptest::prelude::*;

use super::*;
use crate::scim::{AttributePath, Filter, Sort};

const OF: &str = "acme /Users";

fn query() -> ListQuery {
    ListQuery { cursor: Some(String::new()), count: 50, ..ListQuery::default() }
}

fn page(cursor: Option<&str>) -> Resume {
    let position = Position { page: 7, offset: 600, count: 100, cursor: cursor.map(Value::from) };
    Resume { kind: 1, at: At::Page { position, first: 600, before: 650 }, total: Some(9) }
}

#[tokio::test]
async fn a_place_comes_back_as_it_was_sealed() {
    let cursors = Cursors::default();
    for resume in [page(None), page(Some("eyJ/+=")), Resume { kind: 0, at: At::Index(3), total: None }] {
        let cursor = cursors.seal(&resume, (&query(), OF)).unwrap();
        assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{cursor}");
        assert_eq!(cursors.open(&cursor, (&query(), OF)), Ok(Some(resume)));
    }
    assert_eq!(cursors.open("", (&query(), OF)), Ok(None), "the beginning");
}

#[tokio::test]
async fn a_place_whose_own_cursor_is_too_long_for_a_url_is_told_by_its_index() {
    let cursors = Cursors::default();
    let cursor = cursors.seal(&page(Some(&"x".repeat(LONGEST + 1))), (&query(), OF)).unwrap();
    let resume = cursors.open(&cursor, (&query(), OF)).unwrap().unwrap();
    assert_eq!(resume.at, At::Index(650));
    let longest = cursors.seal(&page(Some(&"x".repeat(LONGEST))), (&query(), OF)).unwrap();
    assert!(longest.len() < MOST);
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_query_alone() {
    let cursors = Cursors::default();
    let cursor = cursors.seal(&page(Some("secret-place")), (&query(), OF)).unwrap();
    let filter = |text| Filter::parse(text).ok();
    let sort = |descending| Some(Box::new(Sort { by: AttributePath::parse("userName").unwrap(), descending }));
    let cases = [
        ("another filter", ListQuery { filter: filter("userName pr"), ..query() }, OF, ErrorType::InvalidCursor),
        ("an order", ListQuery { sort: sort(false), ..query() }, OF, ErrorType::InvalidCursor),
        ("another type", query(), "acme /Groups", ErrorType::InvalidCursor),
        ("another tenant", query(), "other /Users", ErrorType::InvalidCursor),
        ("another count", ListQuery { count: 51, ..query() }, OF, ErrorType::InvalidCount),
    ];
    for (name, query, of, want) in cases {
        assert_eq!(cursors.open(&cursor, (&query, of)).unwrap_err().scim_type, Some(want), "{name}");
    }
    let other = Cursors::default().open(&cursor, (&query(), OF));
    assert_eq!(other.unwrap_err().scim_type, Some(ErrorType::InvalidCursor), "another process");
    assert!(!String::from_utf8_lossy(&URL_SAFE_NO_PAD.decode(&cursor).unwrap()).contains("secret-place"));
}

#[tokio::test(start_paused = true)]
async fn a_cursor_expires() {
    let cursors = Cursors::default();
    let cursor = cursors.seal(&page(None), (&query(), OF)).unwrap();
    tokio::time::advance(CURSOR_LIFE).await;
    assert!(cursors.open(&cursor, (&query(), OF)).is_ok());
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(cursors.open(&cursor, (&query(), OF)).unwrap_err().scim_type, Some(ErrorType::ExpiredCursor));
}

proptest! {
    #[test]
    fn what_a_client_makes_up_is_refused(text in "[A-Za-z0-9_-]{1,80}|.{1,20}", at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _entered = runtime.enter();
        let cursors = Cursors::default();
        let refused = |cursor: &str| cursors.open(cursor, (&query(), OF)).unwrap_err().scim_type;
        prop_assert_eq!(refused(&text), Some(ErrorType::InvalidCursor));
        let mut bytes = URL_SAFE_NO_PAD.decode(cursors.seal(&page(None), (&query(), OF)).unwrap()).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert_eq!(refused(&URL_SAFE_NO_PAD.encode(bytes)), Some(ErrorType::InvalidCursor));
    }
}
