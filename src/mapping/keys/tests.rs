use super::*;
use crate::mapping::fields::key;

const SAMPLE: Table = Table {
    name: "a sample",
    fields: &[
        key("text", Kind::Text, "", "."),
        key("count", Kind::Integer(1), "", "."),
        key("on", Kind::Boolean, "", "."),
        key("wait", Kind::Duration, "", "."),
        key("waits", Kind::Durations, "", "."),
        key("names", Kind::Texts, "", "."),
        key("pairs", Kind::TextTable, "", "."),
        key("any", Kind::Literal, "", "."),
        key("all", Kind::Value, "", "."),
        key("word", Kind::Word(&["mapped", "whole"]), "", "."),
    ],
};

/// What reading `text` gives, as one line, and the findings with their places' texts.
fn read(text: &str) -> (String, Vec<(Code, String, String)>) {
    let source = Source::new("m.toml", text);
    let mut found = Diagnostics::new("m.toml");
    let mut values = String::new();
    if let Some(table) = parse(&source, &mut found) {
        let keys = Keys::open(&SAMPLE, 0..0, &table, &mut found);
        let found = &mut found;
        values = [
            keys.text("text", found).map(|text| text.value),
            keys.integer("count", found).map(|number| number.to_string()),
            keys.boolean("on", found).map(|on| on.value.to_string()),
            keys.quantity("wait", units::duration, found).map(|wait| format!("{wait:?}")),
            keys.durations("waits", found).map(|waits| format!("{waits:?}")),
            keys.texts("names", found).map(|names| format!("{:?}", names.iter().map(|n| &n.value).collect::<Vec<_>>())),
            keys.text_table("pairs", found)
                .map(|pairs| format!("{:?}", pairs.iter().map(|(k, v)| (&k.value, &v.value)).collect::<Vec<_>>())),
            keys.literal("any", found).map(|any| any.value.to_string()),
            keys.json("all", found).map(|all| all.value.to_string()),
            keys.word("word", found).map(|word| word.value),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    }
    let found = found.found.into_iter().map(|f| (f.code, f.message, text[f.span].to_owned())).collect();
    (values, found)
}

#[test]
fn values_of_the_right_type_are_read() {
    let cases = [
        ("a string", "text = 'a'", "a"),
        ("a whole number", "count = 1_000", "1000"),
        ("a hexadecimal one", "count = 0xff", "255"),
        ("a boolean", "on = true", "true"),
        ("a duration", "wait = '10s'", "10s"),
        ("durations", "waits = ['1s', '3s']", "[1s, 3s]"),
        ("strings", "names = ['b', 'a']", r#"["b", "a"]"#),
        ("a table in the order of the file", "pairs = { b = '1', a = '2' }", r#"[("b", "1"), ("a", "2")]"#),
        ("a number with its text", "any = 1.10", "1.10"),
        ("a number beyond 64 bits", "any = 123456789012345678901234567890", "123456789012345678901234567890"),
        ("a signed number", "any = +7", "7"),
        ("lists and tables", "all = { b = [1, []], a = {} }", r#"{"b":[1,[]],"a":{}}"#),
        ("a word", "word = 'whole'", "whole"),
    ];
    for (name, text, want) in cases {
        assert_eq!(read(text), (want.to_owned(), vec![]), "{name}");
    }
}

#[test]
fn values_of_the_wrong_type_are_refused_at_their_place() {
    let cases = [
        ("a number for a string", "text = 1", "1"),
        ("a fraction for a whole number", "count = 1.7", "1.7"),
        ("text for a whole number", "count = '12'", "'12'"),
        ("below the least", "count = 0", "0"),
        ("a negative number", "count = -1", "-1"),
        ("text for a boolean", "on = 'true'", "'true'"),
        ("a duration without a unit", "wait = 10", "10"),
        ("a duration of an unknown unit", "wait = '10x'", "'10x'"),
        ("an odd duration in a list", "waits = ['1s', 3]", "['1s', 3]"),
        ("an odd string in a list", "names = ['a', 2]", "2"),
        ("an odd value in a table", "pairs = { a = true }", "true"),
        ("a date", "any = 2026-01-01", "2026-01-01"),
        ("no number", "any = nan", "nan"),
        ("a list for one value", "any = []", "[]"),
        ("a date within", "all = [{ a = 2026-01-01 }]", "[{ a = 2026-01-01 }]"),
        ("an unknown word", "word = 'hole'", "'hole'"),
    ];
    for (name, text, place) in cases {
        let (_, found) = read(text);
        let places: Vec<_> = found.iter().map(|(code, _, place)| (*code, place.as_str())).collect();
        assert_eq!(places, [(Code::E14, place)], "{name}");
    }
}

#[test]
fn all_faulty_keys_are_told_at_once() {
    let (_, found) = read("tetx = 'a'\nword = 'other'\ncount = ''\n");
    let messages: Vec<_> = found.iter().map(|(code, message, _)| (*code, message.as_str())).collect();
    assert_eq!(
        messages,
        [
            (Code::E01, "unknown key `tetx` in a sample"),
            (Code::E14, "`count` must be a whole number, 1 or more"),
            (Code::E14, "`word` must be `mapped` or `whole`"),
        ]
    );
}

#[test]
fn nesting_without_end_is_a_fault_and_not_a_crash() {
    let cases = [
        ("lists", format!("any = {}", "[".repeat(500_000))),
        ("tables", format!("any = {}", "{a=".repeat(200_000))),
        ("dotted keys", format!("{}a = 1", "a.".repeat(400_000))),
    ];
    for (name, text) in cases {
        let (_, found) = read(&text);
        assert_eq!(found.iter().map(|(code, ..)| *code).collect::<Vec<_>>(), [Code::E13], "{name}");
    }
}

#[test]
fn a_file_with_too_many_keys_is_refused_at_once() {
    let cases = [
        ("keys", (0..=MOST_KEYS).map(|number| format!("k{number} = 1")).collect::<Vec<_>>().join("\n")),
        ("list elements", format!("names = [{}]", "'a',".repeat(MOST_KEYS))),
    ];
    for (name, text) in cases {
        let (_, found) = read(&text);
        assert_eq!(found.iter().map(|(code, ..)| *code).collect::<Vec<_>>(), [Code::E27], "{name}");
    }
}
