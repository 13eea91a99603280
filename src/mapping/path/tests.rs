use serde_json::{Value, json};

use super::{Path, Step};

fn path(text: &str) -> Path {
    Path::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

#[test]
fn a_path_selects_what_rfc_9535_says() {
    let record = json!({
        "login": "ada", "a.b": 1, "first-name": "Ada", "größe": 3, "it's": 4, "none": null,
        "contact": {"mails": [
            {"kind": "work", "addr": "w@x", "main": 1},
            {"kind": "home", "addr": "h@x", "main": 0},
            {"kind": "work", "addr": "w2@x", "main": 1.0}]},
        "pair": ["billing", "Clerks"],
    });
    let cases = [
        ("a bare name", "login", json!(["ada"])),
        ("a name with a dollar", "$.login", json!(["ada"])),
        ("nested names", "contact.mails[0].kind", json!(["work"])),
        ("a name with a dot in quotes", "$['a.b']", json!([1])),
        ("a bracket first", "['first-name']", json!(["Ada"])),
        ("double quotes", "$[\"first-name\"]", json!(["Ada"])),
        ("an escaped quote", r"$['it\'s']", json!([4])),
        ("unicode", "größe", json!([3])),
        ("null is a node", "none", json!([null])),
        ("an index", "pair[0]", json!(["billing"])),
        ("an index from the end", "pair[-1]", json!(["Clerks"])),
        ("an index out of range", "pair[2]", json!([])),
        ("an index before the start", "pair[-3]", json!([])),
        ("a filter", "contact.mails[?@.kind=='home'].addr", json!(["h@x"])),
        ("a filter, several", "contact.mails[?@.kind == 'work'].addr", json!(["w@x", "w2@x"])),
        ("a filter with two terms", "contact.mails[?@.kind=='work' && @.main==1].addr", json!(["w@x", "w2@x"])),
        ("a literal first, in parentheses", "contact.mails[?('home' == @.kind)].addr", json!(["h@x"])),
        ("a wildcard", "contact.mails[*].kind", json!(["work", "home", "work"])),
        ("a descendant", "$..addr", json!(["w@x", "h@x", "w2@x"])),
        ("a comparison", "contact.mails[?@.main < 1].addr", json!(["h@x"])),
        ("a slice", "contact.mails[1:].addr", json!(["h@x", "w2@x"])),
        ("elements of a list of plain values", "pair[?@ == 'Clerks']", json!(["Clerks"])),
        ("a name of a list", "pair.x", json!([])),
    ];
    for (name, text, want) in cases {
        let path = path(text);
        let got: Vec<Value> = path.get(&record).into_iter().cloned().collect();
        assert_eq!(Value::Array(got), want, "{name}");
        assert_eq!(path.first(&record), want.get(0), "{name}: the first");
    }
    assert_eq!(path("$").first(&record), Some(&record), "the record itself");
    assert_eq!(path("$[1]").first(&json!(["a", "b"])), Some(&json!("b")), "a record that is a list");
    assert_eq!(
        path("$[?@.k=='x'].v").first(&json!({"m": {"k": "x", "v": 1}})),
        Some(&json!(1)),
        "members of an object"
    );
}

#[test]
fn the_subset_that_can_be_written_is_told_from_the_rest() {
    let cases = [
        ("a name", "a.b", true),
        ("the record", "$", true),
        ("an index", "$[0]", true),
        ("an index from the end", "a[-1]", true),
        ("a huge index would make a huge list", "a[100000]", false),
        ("an equality filter", "a[?@.k=='x' && @.m.n==1].v", true),
        ("a trailing wildcard", "a[*]", true),
        ("a wildcard inside", "a[*].b", false),
        ("a comparison", "a[?@.k<3].v", false),
        ("an inequality", "a[?@.k!='x'].v", false),
        ("an alternative", "a[?@.k=='x' || @.k=='y'].v", false),
        ("a negation", "a[?!(@.k=='x')].v", false),
        ("a test of existence", "a[?@.k].v", false),
        ("an element that is the literal", "a[?@ == 'x']", false),
        ("a descendant", "$..a", false),
        ("a slice", "a[0:1]", false),
        ("several names", "$['a','b']", false),
    ];
    for (name, text, want) in cases {
        assert_eq!(path(text).is_writable(), want, "{name}");
    }
    assert_eq!(path("a[?@.k=='x']").steps.unwrap()[1], Step::Where(vec![(vec!["k".to_owned()], json!("x"))]));
}

#[test]
fn put_makes_what_is_missing_and_leaves_the_rest() {
    let cases = [
        ("a new member", "a", json!({"b": 1}), json!({"b": 1, "a": 9})),
        ("a nested member", "a.b", json!({}), json!({"a": {"b": 9}})),
        ("through null", "a.b", json!({"a": null}), json!({"a": {"b": 9}})),
        ("through an empty list that means an empty table", "a.b", json!({"a": []}), json!({"a": {"b": 9}})),
        ("a filled list stays", "a.b", json!({"a": [1]}), json!({"a": [1]})),
        ("an unset text gives way", "a.b", json!({"a": ""}), json!({"a": {"b": 9}})),
        ("an element that is there", "$[1]", json!(["a", "b"]), json!(["a", 9])),
        ("an element behind the end", "$[1]", json!(null), json!([null, 9])),
        ("the last of none", "a[-1]", json!({}), json!({"a": [9]})),
        ("the second last of one", "a[-2]", json!({"a": [1]}), json!({"a": [1]})),
        ("a new filter element", "m[?@.kind=='work'].v", json!({}), json!({"m": [{"kind": "work", "v": 9}]})),
        (
            "a filter element that is there",
            "m[?@.kind=='work'].v",
            json!({"m": [{"kind": "home"}, {"kind": "work", "x": 1}, {"kind": "work"}]}),
            json!({"m": [{"kind": "home"}, {"kind": "work", "x": 1, "v": 9}, {"kind": "work"}]}),
        ),
        (
            "two literals, one nested",
            "m[?@.k=='w' && @.n.z==1].v",
            json!({"m": []}),
            json!({"m": [{"k": "w", "n": {"z": 1}, "v": 9}]}),
        ),
        (
            "a member of an object by filter",
            "m[?@.k==1].v",
            json!({"m": {"x": {"k": 1}}}),
            json!({"m": {"x": {"k": 1, "v": 9}}}),
        ),
        ("no element in a filled object", "m[?@.k==1].v", json!({"m": {"x": {"k": 2}}}), json!({"m": {"x": {"k": 2}}})),
        ("a trailing wildcard is the list", "m[*]", json!({"m": [1, 2]}), json!({"m": 9})),
        ("a path that cannot be written", "m[*].v", json!({"m": [{"v": 1}]}), json!({"m": [{"v": 1}]})),
        ("the record", "$", json!({"a": 1}), json!(9)),
        ("a name with a dot", "$['a.b'].c", json!({}), json!({"a.b": {"c": 9}})),
    ];
    for (name, text, mut record, want) in cases {
        path(text).put(&mut record, json!(9));
        assert_eq!(record, want, "{name}");
    }
}

#[test]
fn clear_removes_what_is_selected_and_nothing_else() {
    let cases = [
        ("a member, the others in order", "a", json!({"x": 1, "a": 2, "y": 3}), r#"{"x":1,"y":3}"#),
        ("a nested member", "a.b", json!({"a": {"b": 1, "c": 2}}), r#"{"a":{"c":2}}"#),
        ("what is not there", "a.b", json!({"a": 1}), r#"{"a":1}"#),
        ("an element", "a[0]", json!({"a": [1, 2]}), r#"{"a":[2]}"#),
        (
            "elements by filter",
            "a[?@.k=='x']",
            json!({"a": [{"k": "x"}, {"k": "y"}, {"k": "x"}]}),
            r#"{"a":[{"k":"y"}]}"#,
        ),
        (
            "a member of elements by filter",
            "a[?@.k=='x'].v",
            json!({"a": [{"k": "x", "v": 1}, {"k": "y", "v": 2}]}),
            r#"{"a":[{"k":"x"},{"k":"y","v":2}]}"#,
        ),
        ("a member of every element", "a[*].v", json!({"a": [{"v": 1}, {"w": 2}]}), r#"{"a":[{},{"w":2}]}"#),
        ("all elements", "a[*]", json!({"a": [1, 2]}), r#"{"a":[]}"#),
        ("every descendant", "$..v", json!({"v": 1, "a": [{"v": 2, "w": 3}]}), r#"{"a":[{"w":3}]}"#),
        ("by comparison, several elements", "a[?@ > 1]", json!({"a": [1, 2, 3, 0]}), r#"{"a":[1,0]}"#),
        ("the record", "$", json!({"a": 1}), "null"),
    ];
    for (name, text, mut record, want) in cases {
        path(text).clear(&mut record);
        assert_eq!(record.to_string(), want, "{name}");
    }
}

#[test]
fn paths_overlap_unless_they_part_for_sure() {
    let cases = [
        ("the same name", "a", "$.a", true),
        ("other names", "a", "b", false),
        ("a prefix", "a", "a.b", true),
        ("siblings", "a.b", "a.c", false),
        ("the record holds all", "$", "a", true),
        ("indexes", "a[0]", "a[1]", false),
        ("an index from either end", "a[0]", "a[-1]", true),
        ("filters with different literals", "m[?@.k=='x'].v", "m[?@.k=='y'].v", false),
        ("filters on different members", "m[?@.k=='x'].v", "m[?@.l=='y'].v", true),
        ("the same filter, other members", "m[?@.k=='x'].v", "m[?@.k=='x'].w", false),
        ("equal numbers spelt differently", "m[?@.k==1].v", "m[?@.k==1.0].v", true),
        ("one of two literals differs", "m[?@.k=='x' && @.l==1].v", "m[?@.k=='x' && @.l==2].v", false),
        ("the list and an element", "m", "m[?@.k=='x'].v", true),
        ("a wildcard", "m[*].v", "m[?@.k=='x'].v", true),
        ("a descendant may reach everything", "$..v", "a.b", true),
        ("a descendant below another name", "$.a..v", "b", false),
    ];
    for (name, left, right, want) in cases {
        assert_eq!(path(left).overlaps(&path(right)), want, "{name}");
        assert_eq!(path(right).overlaps(&path(left)), want, "{name}: the other way round");
    }
}

#[test]
fn what_is_no_path_is_refused_at_its_place() {
    let cases = [
        ("nothing", "", 0..0, "a path is missing"),
        ("a dash", "first-name", 5..6, "unexpected `-` in the path `first-name`"),
        ("a dash after a dollar", "$.größe-x", 9..10, "unexpected `-` in the path `$.größe-x`"),
        ("a dot at the end", "$.a.", 4..4, "the path `$.a.` ends too early"),
        ("an open bracket", "$.a[", 4..4, "the path `$.a[` ends too early"),
        ("a single equals sign", "m[?@.k='x'].v", 6..7, "unexpected `=` in the path `m[?@.k='x'].v`"),
    ];
    for (name, text, range, message) in cases {
        let fault = Path::parse(text).unwrap_err();
        assert_eq!((fault.range, fault.message.as_str()), (range, message), "{name}");
        assert!(fault.help.is_some(), "{name}: help");
    }
    assert!(Path::parse("first-name").unwrap_err().help.unwrap().contains("`$['first-name']`"));
}

#[test]
fn the_element_and_the_list_of_a_path_are_its_starts() {
    let cases = [
        ("no element", "a.b", None, None),
        ("a filter", "a[?@.k==1].v", Some("a[?@.k==1]"), None),
        ("the last of two", "a[0].b[?@.k==1].v", Some("a[0].b[?@.k==1]"), None),
        ("a trailing filter", "a[?@.k==1]", Some("a[?@.k==1]"), Some("a")),
        ("a trailing wildcard", "a[*]", None, Some("a")),
    ];
    for (name, text, element, list) in cases {
        let steps = |text: &str| path(text).steps;
        assert_eq!(path(text).element().map(|path| path.steps), element.map(steps), "{name}: element");
        assert_eq!(path(text).list().map(|(path, _)| path.steps), list.map(steps), "{name}: list");
    }
}

#[test]
fn a_path_through_a_list_has_a_part_below_its_elements() {
    let cases = [
        ("names", "a.b", None, None),
        ("the elements", "$.a[*]", Some("$.a"), None),
        ("a part of each", "$.a[*].user.login", Some("$.a"), Some("$.user.login")),
        ("of the last of two lists", "$[*].b[?@.k == 1].v", Some("$[*].b"), Some("$.v")),
        ("one element", "$.a[0].v", None, None),
    ];
    for (name, text, list, part) in cases {
        let (found, rest) = path(text).list_and_part().unzip();
        let steps = |text: &str| path(text).steps;
        assert_eq!(found.map(|path| path.steps), list.map(steps), "{name}: list");
        assert_eq!(rest.flatten().map(|path| path.steps), part.map(steps), "{name}: part");
    }
}

#[test]
fn the_part_that_cannot_be_written_is_pointed_at() {
    let cases = [
        ("a comparison", "$.mails[?@.rank < 3].addr", Some("@.rank < 3")),
        ("short form", "mails[?@.rank < 3].addr", Some("@.rank < 3")),
        ("a second filter", "a[?@.k=='x].[' ].b[?@.n != 2]", Some("@.n != 2")),
        ("a wildcard inside", "$.a[*].b", Some("[*]")),
        ("a wildcard with a dot", "$.a.*.b", Some(".*")),
        ("a descendant", "$.a..b", Some("..b")),
        ("a descendant in brackets", "$..['b']", Some("..['b']")),
        ("a huge index", "a[99999]", Some("[99999]")),
        ("writable", "$.a[0]['b.c']", None),
    ];
    for (name, text, want) in cases {
        assert_eq!(path(text).unwritable().map(|range| &text[range]), want, "{name}");
    }
}
