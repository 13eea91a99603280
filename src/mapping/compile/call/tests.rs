use super::*;
use crate::mapping::call::{Each, Then};
use crate::mapping::compile::rule::compile_view;
use crate::mapping::document::Document;
use crate::mapping::source::Source;
use crate::scim::ErrorType;
use crate::scim::ResourceSchema;
use crate::scim::filter::Operator;

const RULES: &str = r#"
[User.attributes]
id = { at = "uid", type = "int" }
userName = "login"
name.givenName = "first"
name.familyName = "last"
'emails[type eq "work"].value' = "mail"
active = "enabled"
title = "job.title"
displayName = { at = "shown", mutability = "readOnly" }
entitlements = "roles"
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department" = "dept"
"#;

/// The calls of one operation, and the findings as `code text`, where `text` is what the finding points at.
fn compile(upstream: &str, calls: &str, purpose: Purpose) -> (Vec<Call>, Vec<String>) {
    let text = format!("scim_bridge = 1\n[upstream]\nurl = \"https://h/v1\"\n{upstream}\n[User]\n{calls}\n{RULES}");
    let source = Source::new("test.toml", text);
    let mut found = Diagnostics::new("test.toml");
    let document = Document::read(&source, &mut found).unwrap();
    let kind = &document.types[0];
    let view = compile_view(
        ResourceSchema::standard("User").unwrap(),
        &kind.attributes,
        (&serde_json::Value::Null, &[], &[]),
        &(0..0),
        &mut found,
    );
    let view = view.unwrap_or_else(|| panic!("{:?}", found.found));
    compile_upstream(&document.upstream, &mut found);
    let documents = match purpose {
        Purpose::List => &kind.list,
        Purpose::Get => &kind.get,
        Purpose::Create => &kind.create,
        Purpose::Update => &kind.update,
        Purpose::Delete
        | Purpose::Part
        | Purpose::Add
        | Purpose::Remove
        | Purpose::Change
        | Purpose::Before
        | Purpose::Undo
        | Purpose::Login => &kind.delete,
    };
    let calls = compile_calls(documents, purpose, &view, &document.upstream, &mut found);
    let told =
        found.found.iter().map(|finding| format!("{} {}", finding.code, &source.text[finding.span.clone()])).collect();
    (calls, told)
}

fn clean(calls: &str, purpose: Purpose) -> Vec<Call> {
    let (calls, told) = compile("", calls, purpose);
    assert_eq!(told, Vec::<String>::new());
    calls
}

/// The names of the rules that each call carries.
fn carried(calls: &str, purpose: Purpose) -> Vec<Vec<&'static str>> {
    const NAMES: [&str; 10] =
        ["id", "userName", "given", "family", "emails", "active", "title", "displayName", "entitlements", "department"];
    clean(calls, purpose).iter().map(|call| call.carries.iter().map(|rule| NAMES[*rule]).collect()).collect()
}

#[test]
fn calls_take_their_defaults() {
    let get = &clean("get = \"GET /users/{id}?full=1\"", Purpose::Get)[0];
    assert_eq!(
        (get.label.as_str(), get.purpose, get.idempotent, get.body.is_none()),
        ("GET /users/{id}", Purpose::Get, true, true)
    );
    assert_eq!((get.item.text.as_str(), get.page_first, get.page_size, get.complete), ("$", 1, 100, true));
    let create = &clean("create = \"POST /users\"", Purpose::Create)[0];
    assert!(!create.idempotent && create.send == Send::Mapped && create.body.is_some() && create.reads.record);
    let put = &clean("update = \"PUT /users/{id}\"", Purpose::Update)[0];
    assert!(put.idempotent && put.send == Send::Whole && !put.specific && !put.reads.old);
    let patch =
        &clean("update = { call = \"PATCH /u/{id}\", body = { a = \"{record}\", b = \"{old.b}\" } }", Purpose::Update)
            [0];
    assert!(!patch.idempotent && patch.send == Send::Changed && patch.reads.old);
    let own = &clean(
        "update = { call = \"POST /u/{id}\", send = \"whole\", idempotent = true, for = [\"active\"] }",
        Purpose::Update,
    )[0];
    assert!(own.idempotent && own.send == Send::Whole && own.specific && own.body.is_none());
    let (calls, told) = compile(
        "call = \"POST\"\npage = { first = 0, size = 50 }",
        "list = { items = \"$[*]\", page = { size = 10 }, body = { o = \"{offset}\" } }",
        Purpose::List,
    );
    assert_eq!((told.len(), calls[0].label.as_str(), calls[0].page_first, calls[0].page_size), (0, "POST", 0, 10));
    assert!(calls[0].reads.offset && calls[0].idempotent, "a search by POST is a read");
}

#[test]
fn purposes_follow_from_keys() {
    let get = r#"get = [{ call = "GET /u/{id}" }, { call = "GET /u/{id}/roles", items = "$[*]", into = "roles" }]"#;
    assert_eq!(
        clean(get, Purpose::Get).iter().map(|call| call.purpose).collect::<Vec<_>>(),
        [Purpose::Get, Purpose::Part]
    );
    let update = r#"update = [
  { call = "PATCH /u/{id}" },
  { call = "PUT /u/{id}/roles/{item}", for = ["entitlements"], each = "added", undo = { call = "DELETE /u/{id}/roles/{item}?was={old.x?}" } },
  { call = "DELETE /u/{id}/roles/{item}", for = ["entitlements"], each = "removed" },
]"#;
    let calls = clean(update, Purpose::Update);
    let kinds: Vec<_> = calls.iter().map(|call| (call.purpose, call.each)).collect();
    assert_eq!(
        kinds,
        [(Purpose::Update, None), (Purpose::Add, Some(Each::Added)), (Purpose::Remove, Some(Each::Removed))]
    );
    assert_eq!(calls[1].undo.as_ref().map(|undo| (undo.purpose, undo.idempotent)), Some((Purpose::Undo, true)));
    assert!(calls[1].reads.old, "what the undo reads must be there before the call");
}

#[test]
fn a_call_carries_what_it_is_for() {
    let all = ["userName", "given", "family", "emails", "active", "title", "entitlements", "department"];
    let table: [(&str, &str, Purpose, Vec<Vec<&str>>); 8] = [
        ("everything that can be written", r#"create = "POST /u""#, Purpose::Create, vec![all.to_vec()]),
        (
            "less what it is without",
            r#"create = { call = "POST /u", without = ["active", "name"] }"#,
            Purpose::Create,
            vec![vec!["userName", "emails", "title", "entitlements", "department"]],
        ),
        (
            "less what others are for",
            r#"update = [{ call = "PATCH /u/{id}" }, { call = "POST /u/{id}/off", for = ["active"], when = "$.scim.active == false" }, { call = "PUT /u/{id}/d", for = ["emails", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] }]"#,
            Purpose::Update,
            vec![
                vec!["userName", "given", "family", "title", "entitlements"],
                vec!["active"],
                vec!["emails", "department"],
            ],
        ),
        (
            "a prefix in another case",
            r#"update = { call = "PATCH /u/{id}", for = ["NAME"] }"#,
            Purpose::Update,
            vec![vec!["given", "family"]],
        ),
        (
            "the core URN in front",
            r#"update = { call = "PATCH /u/{id}", for = ["urn:ietf:params:scim:schemas:core:2.0:User:title"] }"#,
            Purpose::Update,
            vec![vec!["title"]],
        ),
        (
            "without the record, what its holes name",
            r#"update = { call = "POST /u/{id}", body = { a = "{scim.active}", g = "x {scim.name.givenName?}", d = "{scim['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].department?}" } }"#,
            Purpose::Update,
            vec![vec!["given", "active", "department"]],
        ),
        (
            "by a place in the record",
            r#"update = { call = "POST /u/{id}", body = { t = "{record.job.title}" } }"#,
            Purpose::Update,
            vec![vec!["title"]],
        ),
        ("nothing", r#"update = { call = "POST /u/{id}/touch", body = {} }"#, Purpose::Update, vec![vec![]]),
    ];
    for (name, calls, purpose, expected) in table {
        assert_eq!(carried(calls, purpose), expected, "{name}");
    }
}

#[test]
fn filter_holes_are_counted() {
    let list = r#"list = { call = "GET /u?n={filter.userName}&g={filter.name.givenName.sw?}&again={filter.username?}&e={filter.emails.value?}", items = "$[*]" }"#;
    let filters = clean(list, Purpose::List)[0].filters.clone();
    let hole = |attribute: &str, operator, optional| FilterHoleText { attribute: attribute.into(), operator, optional };
    let found: Vec<_> =
        filters.into_iter().map(|filter| hole(&filter.attribute, filter.operator, filter.optional)).collect();
    let expected = [
        hole("userName", Operator::Eq, false),
        hole("name.givenName", Operator::Sw, true),
        hole("emails.value", Operator::Eq, true),
    ];
    assert_eq!(found, expected);
}

#[derive(Debug, PartialEq)]
struct FilterHoleText {
    attribute: String,
    operator: Operator,
    optional: bool,
}

#[test]
fn the_calls_own_rows_come_before_the_upstreams() {
    let upstream = r#"errors = [{ when = "$.status == 409", then = "uniqueness" }, { when = "$.status == 410", then = "notFound" }]"#;
    let create =
        r#"create = { call = "POST /u", errors = [{ when = "$.status == 409", then = 503, detail = "{body.m}" }] }"#;
    let (calls, told) = compile(upstream, create, Purpose::Create);
    assert_eq!(told, Vec::<String>::new());
    let rows: Vec<_> = calls[0].errors.iter().map(|row| (row.then, row.detail.is_some())).collect();
    assert_eq!(rows, [(Then::Status(503), true), (Then::Type(ErrorType::Uniqueness), false), (Then::NotFound, false)]);
}

/// A fault, the operation with it, and the finding.
const FAULTS: [(&str, Purpose, &str, &str); 35] = [
    (
        "a cursor on the first page",
        Purpose::List,
        r#"list = { call = "GET /u?c={cursor}", items = "$[*]", next = "$.next" }"#,
        "E19 {cursor}",
    ),
    ("an unknown method", Purpose::Get, r#"get = "GTE /u""#, "E14 GTE"),
    ("no leading slash", Purpose::Get, r#"get = "GET users/{id}""#, "E22 users/{id}"),
    ("an absolute URL", Purpose::Get, r#"get = "GET https://evil.example/""#, "E22 https://evil.example/"),
    ("a climbing path", Purpose::Get, r#"get = "GET /u/%2e%2E/x""#, "E22 /u/%2e%2E/x"),
    ("an optional hole in a path", Purpose::Get, r#"get = "GET /u/{id?}""#, "E19 {id?}"),
    (
        "a hole in a parameter's name",
        Purpose::List,
        r#"list = { call = "GET /u?{page}=1", items = "$[*]" }"#,
        "E19 {page}",
    ),
    ("an open brace", Purpose::Get, r#"get = "GET /u/{id""#, "E24 {"),
    (
        "a hole of elsewhere",
        Purpose::Create,
        r#"create = { call = "POST /u", body = { x = ["{old.x}"] } }"#,
        "E17 {old.x}",
    ),
    ("an item without `each`", Purpose::Update, r#"update = "PUT /u/{id}/{item}""#, "E17 {item}"),
    ("an id before there is one", Purpose::Create, r#"create = "POST /u/{id}""#, "E17 {id}"),
    (
        "an answer before there is one",
        Purpose::Update,
        r#"update = { call = "PATCH /u/{id}", when = "$.status == 1" }"#,
        "E17 status",
    ),
    (
        "a secret in a condition",
        Purpose::Update,
        r#"update = { call = "PATCH /u/{id}", when = "$.secret.x == 'a'" }"#,
        "E23 secret",
    ),
    (
        "a secret in a detail",
        Purpose::Get,
        r#"get = { call = "GET /u/{id}", errors = [{ when = "$.status == 1", then = 400, detail = "a {secret.x}" }] }"#,
        "E23 {secret.x}",
    ),
    ("a secret in a URL", Purpose::Get, r#"get = "GET /u/{id}?key={secret.x}""#, "W33 {secret.x}"),
    (
        "an unknown filter",
        Purpose::List,
        r#"list = { call = "GET /u?n={filter.nickName}", items = "$[*]" }"#,
        "E09 {filter.nickName}",
    ),
    ("a filter outside a list", Purpose::Get, r#"get = "GET /u?n={filter.userName}""#, "E17 {filter.userName}"),
    ("a bad path", Purpose::Get, r#"get = { call = "GET /u/{id}", item = "$.a[" }"#, "E16 "),
    (
        "a hole in a path of an answer",
        Purpose::Get,
        r#"get = { call = "GET /u/{id}", item = "$[?@.id > {id}]" }"#,
        "E60 \"$[?@.id > {id}]\"",
    ),
    (
        "an unknown word of `then`",
        Purpose::Get,
        r#"get = { call = "GET /u/{id}", errors = [{ when = "$.status == 1", then = "unique" }] }"#,
        "E19 \"unique\"",
    ),
    (
        "a status that is no failure",
        Purpose::Get,
        r#"get = { call = "GET /u/{id}", errors = [{ when = "$.status == 1", then = 200 }] }"#,
        "E14 200",
    ),
    (
        "a call elsewhere",
        Purpose::Get,
        r#"get = "GET https://elsewhere.example/u/{id}""#,
        "E22 https://elsewhere.example/u/{id}",
    ),
    (
        "a bad condition",
        Purpose::Get,
        r#"get = { call = "GET /u/{id}", errors = [{ when = "$.status = 1", then = "ok" }] }"#,
        "E12 =",
    ),
    (
        "an unknown attribute",
        Purpose::Update,
        r#"update = { call = "PATCH /u/{id}", for = ["titel"] }"#,
        "E28 \"titel\"",
    ),
    (
        "an attribute without a rule",
        Purpose::Create,
        r#"create = { call = "POST /u", without = ["nickName"] }"#,
        "E28 \"nickName\"",
    ),
    (
        "`each` of no list",
        Purpose::Update,
        r#"update = { call = "PUT /u/{item}", for = ["title"], each = "added" }"#,
        "E19 \"added\"",
    ),
    (
        "`each` without `for`",
        Purpose::Update,
        r#"update = { call = "PUT /u/{item}", each = "added" }"#,
        "E19 \"added\"",
    ),
    (
        "an unknown `each`",
        Purpose::Update,
        r#"update = { call = "PUT /u/{id}", for = ["entitlements"], each = "add" }"#,
        "E14 \"add\"",
    ),
    ("`for` on a create", Purpose::Create, r#"create = { call = "POST /u", for = ["title"] }"#, "E19 \"title\""),
    ("`items` on a delete", Purpose::Delete, r#"delete = { call = "DELETE /u/{id}", items = "$[*]" }"#, "E19 \"$[*]\""),
    ("an unknown `send`", Purpose::Create, r#"create = { call = "POST /u", send = "all" }"#, "E14 \"all\""),
    ("a header's name", Purpose::Get, r#"get = { call = "GET /u/{id}", headers = { "X Y" = "1" } }"#, "E14 \"X Y\""),
    (
        "a header of the bridge's own",
        Purpose::Get,
        r#"get = { call = "GET /u/{id}", headers = { Host = "evil" } }"#,
        "E19 Host",
    ),
    (
        "a pattern without a part",
        Purpose::Create,
        r#"create = { call = "POST /u", capture = { id = { header = "Location", text = "/u/" } } }"#,
        "E19 \"/u/\"",
    ),
    (
        "a list that comes too late",
        Purpose::List,
        r#"list = [{ call = "GET /u?n={filter.userName?}", items = "$[*]" }, { call = "GET /v?n={filter.userName}", items = "$[*]" }]"#,
        "W29 { call = \"GET /v?n={filter.userName}\", items = \"$[*]\" }",
    ),
];

#[test]
fn findings_stand_where_the_fault_is() {
    for (name, purpose, calls, expected) in FAULTS {
        assert_eq!(compile("", calls, purpose).1, [expected], "{name}");
    }
}

#[test]
fn a_list_behind_a_narrower_one_can_be_chosen() {
    let table = [
        r#"list = [{ call = "GET /s?n={filter.userName}", items = "$[*]" }, { call = "GET /u", items = "$[*]" }]"#,
        r#"list = [{ call = "GET /u", items = "$[*]" }, { call = "GET /s?n={filter.userName}", items = "$[*]" }]"#,
        r#"list = [{ call = "GET /s?n={filter.userName}", items = "$[*]" }, { call = "GET /t?n={filter.title}", items = "$[*]" }]"#,
    ];
    for calls in table {
        assert_eq!(clean(calls, Purpose::List).len(), 2, "{calls}");
    }
}

#[test]
fn the_upstream_is_checked_once() {
    let table = [
        ("a hole of a call", "headers = { X = \"{id}\" }", vec!["E17 {id}"]),
        ("a secret in a parameter", "query = { key = \"{secret.x}\" }", vec!["W33 {secret.x}"]),
        ("a secret in a row", "errors = [{ when = \"$.secret.x\", then = \"ok\" }]", vec!["E23 secret"]),
        ("a row without `then`", "errors = [{ when = \"$.status == 1\" }]", vec!["E20 { when = \"$.status == 1\" }"]),
        ("a name of calls in a row", "errors = [{ when = \"$.status == 1 && $.item\", then = \"ok\" }]", vec![]),
        ("fine", "headers = { A = \"{secret.x} {tenant.name} {now}\" }", vec![]),
    ];
    for (name, upstream, expected) in table {
        assert_eq!(
            compile(upstream, "get = \"GET /u/{id}\"\ndelete = \"DELETE /u/{id}\"", Purpose::Get).1,
            expected,
            "{name}"
        );
    }
}

#[test]
fn what_is_filled_once_cannot_be_left_out() {
    for (upstream, told) in [
        ("tls = { ca = '{secret.ca?}' }", "E19 {secret.ca?}"),
        ("tls = { cert = 'c.pem', key = '{secret.key?}' }", "E19 {secret.key?}"),
        ("proxy = 'http://u:{tenant.word?}@proxy.example'", "E19 {tenant.word?}"),
        ("sign = { header = 'X-Sign', key = '{secret.key?}' }", "E19 {secret.key?}"),
        ("sign = { header = 'X-Sign', key = '' }", "E14 ''"),
    ] {
        let found = compile(upstream, "get = \"GET /users/{id}\"", Purpose::Get).1;
        assert_eq!(found, [told], "{upstream}");
    }
}
