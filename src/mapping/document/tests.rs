use super::*;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::fields::{self, Kind};
use crate::mapping::source::Source;

/// A file's document, and its findings as code and the text at their place.
fn read(text: &str) -> (Document, Vec<(Code, String, String)>) {
    let source = Source::new("m.toml", text);
    let mut found = Diagnostics::new("m.toml");
    let document = Document::read(&source, &mut found).unwrap_or_default();
    found.sort();
    (document, found.found.into_iter().map(|f| (f.code, text[f.span].to_owned(), f.message)).collect())
}

/// A mapping with `rest` after what every mapping has.
fn mapping(rest: &str) -> String {
    format!("scim_bridge = 1\n[upstream]\nurl = \"https://a.example\"\n{rest}")
}

/// The left sides and paths of User's rules.
fn rules(text: &str) -> Vec<(String, String)> {
    let (document, found) = read(&mapping(text));
    assert_eq!(found, []);
    let rules = &document.types[0].attributes;
    rules.iter().map(|rule| (rule.left.clone().unwrap().value, rule.at.clone().unwrap().value)).collect()
}

#[test]
fn left_sides_are_whole_and_in_the_order_of_the_file() {
    let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let cases = [
        (
            "dotted keys",
            "name.givenName = 'g'\nid = 'i'\nname.familyName = 'f'".to_owned(),
            vec!["name.givenName", "id", "name.familyName"],
        ),
        (
            "a quoted value filter",
            "'emails[type eq \"work\"].value' = 'e'".to_owned(),
            vec!["emails[type eq \"work\"].value"],
        ),
        (
            "a quoted attribute of an extension",
            format!("\"{department}\" = 'd'\n\"{manager}\" = 'm'"),
            vec![department, manager],
        ),
        (
            "a dotted one",
            format!("\"{urn}\".department = 'd'\n\"{urn}\".manager.value = 'm'"),
            vec![department, manager],
        ),
        (
            "a table below the URN",
            format!("[User.attributes.\"{urn}\"]\ndepartment = 'd'\nmanager.value = 'm'"),
            vec![department, manager],
        ),
        ("a sub-attribute below an attribute's URN", format!("\"{urn}:manager\".value = 'm'"), vec![manager]),
        (
            "a namespace in braces",
            "name = { givenName = 'g', familyName = { at = 'f' } }".to_owned(),
            vec!["name.givenName", "name.familyName"],
        ),
        (
            "a sub-attribute called type",
            "emails = { type = 't', value = 'v' }".to_owned(),
            vec!["emails.type", "emails.value"],
        ),
    ];
    for (name, text, want) in cases {
        let rules = rules(&format!("[User.attributes]\n{text}\n"));
        assert_eq!(rules.iter().map(|(left, _)| left.as_str()).collect::<Vec<_>>(), want, "{name}");
    }
}

#[test]
fn a_left_side_knows_its_place() {
    let text = mapping("[User.attributes]\nname.givenName = 'g'\nname.familyName = 'f'\n'title' = 't'\n");
    let (document, _) = read(&text);
    let places: Vec<_> =
        document.types[0].attributes.iter().map(|rule| &text[rule.left.clone().unwrap().span]).collect();
    assert_eq!(places, ["name.givenName", "name.familyName", "'title'"]);
    let family = document.types[0].attributes[1].left.clone().unwrap();
    assert_eq!(&text[family.within(&(5..11))], "family");
}

#[test]
fn every_key_of_a_rule_is_read() {
    let text = mapping(
        "[User.attributes]\nactive = { read_at = 'r', write_at = 'w', type = 'int', map = { true = 'A', false = ['D', 1] , else = false }, \
         time = 'date', text = 'x{}', replace = { a = 'b' }, case = 'lower', split = ';', show = '{s}', default = { n = [1, 'd'] }, \
         unset = '', mutability = 'immutable', required = true, lossy = 'warn', each = { value = 'v', type = { at = 'k', type = 'int' } } }\n",
    );
    let (document, found) = read(&text);
    assert_eq!(found, []);
    let rule = &document.types[0].attributes[0];
    let word = |text: &Option<Text>| text.clone().unwrap().value;
    assert_eq!([word(&rule.read_at), word(&rule.write_at), word(&rule.kind)], ["r", "w", "int"]);
    assert_eq!(
        [word(&rule.time), word(&rule.text), word(&rule.case), word(&rule.split)],
        ["date", "x{}", "lower", ";"]
    );
    assert_eq!([word(&rule.show), word(&rule.mutability), word(&rule.lossy)], ["{s}", "immutable", "warn"]);
    let map = rule.map.clone().unwrap().value;
    let map: Vec<_> = map
        .iter()
        .map(|(left, right)| (left.value.as_str(), right.iter().map(|v| v.value.to_string()).collect()))
        .collect();
    assert_eq!(map, [("true", vec![r#""A""#.to_owned()]), ("false", vec![r#""D""#.to_owned(), "1".to_owned()])]);
    assert_eq!(rule.map_else.clone().unwrap().value, Value::Bool(false));
    assert_eq!(rule.replace.clone().unwrap().value[0].1.value, "b");
    assert_eq!(rule.unset.clone().unwrap().value, Value::String(String::new()));
    assert!(rule.required.clone().unwrap().value);
    assert!(matches!(&rule.default, Some(Tree::Table(members)) if members.len() == 1));
    let each: Vec<_> = rule.each.iter().map(|rule| (word(&rule.left), word(&rule.at))).collect();
    assert_eq!(each, [("value".to_owned(), "v".to_owned()), ("type".to_owned(), "k".to_owned())]);
}

#[test]
fn a_call_is_a_string_a_table_or_several_tables() {
    let (document, found) = read(&mapping(
        "[User]\nlist = 'GET /users'\nget = { call = 'GET /users/{id}', item = '$.user' }\n[[User.update]]\nfor = ['active']\neach = 'added'\n\
         undo = 'DELETE /x'\n[[User.update]]\ncall = 'PUT /x'\nformat = 'form'\ntotal = { header = 'X-Total', text = '{}/' }\n\
         next = 'link'\ncapture = { id = '$.id', a = { header = 'Location' } }\nerrors = [{ when = '$.status == 404', then = 502 }]\n\
         [User.delete]\nset = { active = false, name.givenName = 'x' }\n",
    ));
    assert_eq!(found, []);
    let user = &document.types[0];
    assert_eq!(user.list[0].call.clone().unwrap().value, "GET /users");
    assert_eq!(user.get[0].item.clone().unwrap().value, "$.user");
    assert_eq!(user.update[0].carries.clone().unwrap()[0].value, "active");
    assert_eq!(user.update[0].undo.clone().unwrap().call.unwrap().value, "DELETE /x");
    assert_eq!(user.update[1].format.clone().unwrap().value, Format::Form);
    assert!(
        matches!(&user.update[1].total, Some(SourceDocument::Header { name, text: Some(_) }) if name.value == "X-Total")
    );
    assert!(matches!(&user.update[1].next, Some(SourceDocument::Path(text)) if text.value == "link"));
    assert_eq!(user.update[1].capture.iter().map(|(name, _)| name.value.as_str()).collect::<Vec<_>>(), ["id", "a"]);
    assert_eq!(user.update[1].errors[0].then.clone().unwrap().value, "502");
    let set: Vec<_> = user.delete_set.iter().map(|(name, value)| (name.value.as_str(), value.value.clone())).collect();
    assert_eq!(set, [("active", Value::Bool(false)), ("name.givenName", Value::String("x".to_owned()))]);
    assert!(user.delete.is_empty());
}

#[test]
fn the_upstream_is_read_whole() {
    let (document, found) = read(
        "scim_bridge = 1\n[upstream]\nurl = 'https://a.example'\ncall = 'POST'\nheaders = { A = 'b' }\nquery = { k = '{secret.k}' }\n\
         basic = { user = 'u', password = '{secret.p}' }\npage = { first = 0, size = 50 }\nformat = 'form'\nunset = ''\ninsecure = true\n\
         limits = { rate = '300/min', concurrent = 4, timeout = '1s', deadline = '2s', retries = 0, backoff = '1ms..2ms', scan = 0, \
         max_body = '1KiB', settle = [] }\n[User]\nget = 'GET /{id}'\n",
    );
    assert_eq!(found, []);
    let upstream = document.upstream;
    assert_eq!(upstream.page, PageDocument { first: Some(0), size: Some(50) });
    assert!(upstream.insecure);
    let limits = LimitsDocument {
        rate: Some((300, Duration::from_secs(60))),
        concurrent: Some(4),
        timeout: Some(Duration::from_secs(1)),
        deadline: Some(Duration::from_secs(2)),
        retries: Some(0),
        backoff: Some((Duration::from_millis(1), Duration::from_millis(2))),
        scan: Some(0),
        max_body: Some(1024),
        settle: Some(Vec::new()),
    };
    assert_eq!(upstream.limits, limits);
}

#[test]
fn faults_are_found_at_their_place() {
    let cases = [
        ("no version", "[upstream]\nurl = 'u'\n[User]\n".to_owned(), Code::E26, ""),
        ("another version", "scim_bridge = 2\n[upstream]\nurl = 'u'\n[User]\n".to_owned(), Code::E26, "2"),
        ("a version in quotes", "scim_bridge = '1'\n[upstream]\nurl = 'u'\n[User]\n".to_owned(), Code::E26, "'1'"),
        ("no type", mapping(""), Code::E20, ""),
        ("an unknown table", mapping("[User]\n[upsteam]\n"), Code::E01, "upsteam"),
        ("a type in lower case", mapping("[User]\n[groups]\n"), Code::E01, "groups"),
        ("a type with a dash", mapping("[User]\n[Fax-Line]\n"), Code::E01, "Fax-Line"),
        ("an unknown key of a call", mapping("[User.list]\nitmes = '$'\n"), Code::E01, "itmes"),
        (
            "a page by its own call",
            mapping("[User.list]\nnext = { call = 'GET /n' }\n"),
            Code::E19,
            "{ call = 'GET /n' }",
        ),
        ("a source without a header", mapping("[User.list]\ntotal = { text = '{}' }\n"), Code::E20, "{ text = '{}' }"),
        (
            "an operation among attributes",
            mapping("[User.attributes]\nid = 'i'\ndelete = 'DELETE /x'\n"),
            Code::E05,
            "delete",
        ),
        ("a key of the type among attributes", mapping("[User.attributes]\nhide = '$.record.x'\n"), Code::E05, "hide"),
        ("a rule without at", mapping("[User.attributes]\nactive = { map = { true = 1 } }\n"), Code::E20, "map"),
        ("a number for a rule", mapping("[User.attributes]\nactive = 1\n"), Code::E14, "1"),
        ("a number for a call", mapping("[User]\nlist = 1\n"), Code::E14, "1"),
        ("a date in a body", mapping("[User.create]\nbody = { d = 2026-01-01 }\n"), Code::E14, "2026-01-01"),
        ("a password missing", mapping("basic = { user = 'u' }\n[User]\n"), Code::E20, "{ user = 'u' }"),
        (
            "a row without then",
            mapping("errors = [{ when = '$.status == 1' }]\n[User]\n"),
            Code::E20,
            "{ when = '$.status == 1' }",
        ),
        ("no TOML", "scim_bridge = \n".to_owned(), Code::E13, ""),
    ];
    for (name, text, code, place) in cases {
        let (_, found) = read(&text);
        assert_eq!(
            found.iter().map(|(code, place, _)| (*code, place.as_str())).collect::<Vec<_>>(),
            [(code, place)],
            "{name}"
        );
    }
}

/// The header below which a table's keys can stand in a file; `None` for tables that only stand inside a value.
fn header(table: &fields::Table) -> Option<&'static str> {
    let headers = [
        ("[upstream]", "[User]\n[upstream]"),
        ("`basic`", "[User]\n[upstream.basic]"),
        ("`page`", "[User]\n[upstream.page]"),
        ("[upstream.limits]", "[User]\n[upstream.limits]"),
        ("an error row", "[User]\n[[upstream.errors]]"),
        ("a resource type", "[User]"),
        ("a rule", "[User.attributes.title]\nat = 't'"),
        ("a call", "[User.list]"),
    ];
    headers.iter().find(|(name, _)| *name == table.name).map(|(_, header)| *header)
}

#[test]
fn every_key_of_the_table_is_read_with_its_type() {
    for table in fields::TABLES {
        let Some(header) = header(table) else { continue };
        for field in table.fields {
            // A value that is wrong for every type but `Literal` and `Tree`, and a date is wrong for those.
            let odd =
                if matches!(field.kind, Kind::Literal | Kind::Value | Kind::Tree) { "2026-01-01" } else { "-1.5" };
            let (_, found) = read(&format!("scim_bridge = 1\n{header}\n{} = {odd}\n", field.key));
            let name = format!("`{}` in {}", field.key, table.name);
            // A second `at` is a fault of the file itself.
            let want = if field.key == "at" { Code::E13 } else { Code::E14 };
            assert!(found.iter().any(|(code, ..)| *code == want), "{name}: {found:?}");
        }
    }
}

#[test]
fn there_are_bounds_to_what_is_compared_with_each_other() {
    let rules = (0..=300).map(|number| format!("a{number} = 'x'")).collect::<Vec<_>>().join("\n");
    let calls = "[[User.update]]\ncall = 'PUT /x'\n".repeat(101);
    let cases = [("rules", format!("[User.attributes]\n{rules}"), "a300 = 'x'"), ("calls", calls, "[[User.update]]")];
    for (name, text, place) in cases {
        let (_, found) = read(&mapping(&text));
        assert_eq!(
            found.iter().map(|(code, place, _)| (*code, place.as_str())).collect::<Vec<_>>(),
            [(Code::E14, place)],
            "{name}"
        );
    }
}

#[test]
fn templates_are_the_strings_that_may_hold_holes() {
    let (document, found) = read(&mapping(
        "headers = { K = '{secret.k}' }\nbasic = { user = 'u', password = 'p' }\nerrors = [{ when = 'w', then = 'ok', detail = 'd' }]\n\
         [User]\nconstants = { c = ['{uuid}'] }\ncreate = { call = 'POST /x', body = { b = 'b' }, add = { a = 'a' }, before = 'GET /z', undo = 'DELETE /u' }\n\
         [User.attributes]\npassword = { at = 'p', default = '{random.24}' }\n",
    ));
    assert_eq!(found, []);
    let texts: Vec<_> = document.templates().into_iter().map(|text| text.value.as_str()).collect();
    assert_eq!(
        texts,
        [
            "https://a.example",
            "{secret.k}",
            "u",
            "p",
            "d",
            "{uuid}",
            "{random.24}",
            "POST /x",
            "b",
            "a",
            "GET /z",
            "DELETE /u"
        ]
    );
}
