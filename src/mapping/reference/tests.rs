use super::*;
use crate::mapping::name::WORDS;

#[test]
fn every_table_of_keys_has_one_place_and_every_mark_a_table() {
    let text = reference();
    for table in TABLES {
        let mark = format!("<!-- keys: {} -->", table.name);
        assert_eq!(text.matches(&keys(table)).count(), 1, "src/mapping/reference/*.md must hold once: {mark}");
    }
    let marks: Vec<&str> = text.lines().skip(1).filter(|line| line.starts_with("<!--")).collect();
    assert!(marks.is_empty(), "{marks:?}");
}

#[test]
fn every_name_of_the_scope_has_a_row() {
    let text = reference();
    let table = text.split("| name | is | stands in |").nth(1).unwrap().split("\n\n").next().unwrap();
    let first_cells: String = table.lines().filter_map(|row| row.split(" | ").next()).collect();
    for word in WORDS {
        let is_there = [".", "`", "["].iter().any(|end| first_cells.contains(&format!("`{word}{end}")));
        assert!(is_there, "`{word}` has no row");
    }
}

#[test]
fn the_contents_lead_to_every_heading() {
    let text = reference();
    let prose = PROSE.concat();
    let titles: Vec<&str> = headings(&prose).map(|line| line.trim_start_matches(['#', ' '])).collect();
    assert!(titles.len() > 15, "{titles:?}");
    for title in titles {
        assert!(text.contains(&format!("[{title}](#{})", anchor(title))), "{title}");
    }
    assert_eq!(anchor("Holes and the scope"), "holes-and-the-scope");
    assert_eq!(anchor("`check`, in words"), "check-in-words");
}
