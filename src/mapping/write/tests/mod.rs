use std::sync::LazyLock;

use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::{Value, json};

use super::WritePlan;
use crate::mapping::compile::rule::tests::view;
use crate::mapping::equality::same;
use crate::mapping::hole::BodyTemplate;
use crate::mapping::read::ReadPlan;
use crate::mapping::scope::Scope;
use crate::mapping::view::View;
use crate::scim::schema::Mutability;
use crate::scim::{self, Resource};

mod change;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// A mapping with every kind of rule that a plan can carry.
static USERS: LazyLock<View> = LazyLock::new(|| {
    let extension = |name: &str| format!("{ENTERPRISE}:{name}");
    let (department, manager) = (extension("department"), extension("manager.value"));
    let phones = json!({"value": {"at": "n", "unset": "-"}, "primary": "main", "type": {"at": "k", "map": {"work": "o", "mobile": ["c", 1], "else": "other"}}});
    view(
        "User",
        &json!({
            "id": {"at": "a", "type": "int"}, "userName": {"at": "b", "case": "lower"}, "externalId": "c",
            "name.givenName": {"at": "p.a", "unset": ""}, "name.familyName": {"at": "p.b", "unset": "-"},
            "name.formatted": {"at": "p.f", "mutability": "readOnly"},
            "active": {"at": "d", "map": {"true": ["A", 7], "false": [true, "D"], "else": false}, "default": true, "required": true},
            "emails[type eq \"work\" and primary eq true].value": {"at": "m1", "type": "int"}, "emails[type eq \"home\"].value": "p.m2",
            "emails[type eq \"other\"].value": {"at": "m3", "mutability": "readOnly"},
            "title": {"at": "f", "text": "T{}"}, "locale": {"at": "p.c", "replace": {"-": "_"}},
            "displayName": {"at": "g", "mutability": "readOnly"}, "password": {"at": "pw", "mutability": "writeOnly"},
            "phoneNumbers": {"at": "tel", "each": phones}, "entitlements": {"at": "i", "type": "int"},
            "groups": {"at": "gs", "mutability": "readOnly"}, "nickName": {"read_at": "n1", "write_at": "n2"},
            (department.as_str()): "o.a", (manager.as_str()): {"at": "o.b", "type": "int"},
        }),
    )
});

static CONSTANTS: LazyLock<BodyTemplate> = LazyLock::new(|| {
    let literal = |value: Value| BodyTemplate::Literal(value);
    let inner = BodyTemplate::Table(vec![("z".to_owned(), literal(json!(1)))]);
    BodyTemplate::Table(vec![("kind".to_owned(), literal(json!("x"))), ("p".to_owned(), inner)])
});

static PLAN: LazyLock<WritePlan> =
    LazyLock::new(|| WritePlan::compile(&USERS, &CONSTANTS).expect("all rules are simple"));

/// The resource and the record of a create, on values; also what is ignored.
fn by_value(view: &View, body: &str) -> Result<(Resource, Value, Vec<String>), scim::Error> {
    let body = scim::resource::parse(body.as_bytes())?;
    let (mut new, ignored) = scim::body::normalise(&body, &view.schema)?;
    for rule in &view.rules {
        if let Some(default) = rule.default.as_ref().filter(|_| rule.found_in(&new).is_none()) {
            rule.set_in(&mut new, default.fill(&Scope::default()).unwrap().unwrap());
        }
    }
    for rule in view.rules.iter().filter(|rule| rule.mutability != Mutability::ReadOnly) {
        let by_schema = rule.attribute.required && rule.target.sub.is_none() && rule.target.select.is_empty();
        if (rule.required || by_schema) && rule.found_in(&new).is_none() {
            return Err(scim::Error::invalid_value("required"));
        }
    }
    let mut record = CONSTANTS.fill(&Scope::default()).unwrap().unwrap();
    for rule in view.rules.iter().filter(|rule| rule.mutability != Mutability::ReadOnly) {
        if let Some(value) = rule.found_in(&new) {
            rule.put(&mut record, Some(&value))?;
        }
    }
    Ok((new, record, ignored))
}

fn body_of(members: &str) -> String {
    format!("{{\"schemas\":[\"{CORE}\"],\"userName\":\"ada\"{members}}}")
}

#[test]
fn usual_bodies_are_written_without_values() {
    let okta = concat!(
        r#","name":{"givenName":"Ada","familyName":"Lovelace","middleName":"K"},"emails":[{"primary":true,"value":"1","type":"work"},"#,
        r#"{"value":"h@x","type":"HOME","display":"h"}],"displayName":"Ada L","locale":"en-US","externalId":"00u1","groups":[],"#,
        r#""password":"secret","active":false,"phoneNumbers":[{"value":"+44","type":"work"},{"value":"+45"}],"meta":{"a":[{}]}"#,
    );
    let record = concat!(
        r#"{"kind":"x","p":{"z":1,"a":"Ada","b":"Lovelace","m2":"h@x","c":"en_US"},"b":"ada","c":"00u1","d":true,"m1":1,"pw":"secret","#,
        r#""tel":[{"n":"+44","k":"o"},{"n":"+45"}]}"#,
    );
    let cases = [
        ("what Okta sends", okta, Some(record)),
        ("the least", "", Some(r#"{"kind":"x","p":{"z":1},"b":"ada","d":"A"}"#)),
        (
            "no values",
            r#","title":null,"name":null,"emails":[],"nickName":"""#,
            Some(r#"{"kind":"x","p":{"z":1},"b":"ada","d":"A"}"#),
        ),
        ("an escape", r#","externalId":"a\"b""#, None),
        ("a boolean as text", r#","active":"False""#, Some(r#"{"kind":"x","p":{"z":1},"b":"ada","d":true}"#)),
        ("a name in another case", r#","ExternalId":"x""#, None),
        ("a name that nobody knows", r#","favourite":"x""#, None),
        ("a name twice", r#","title":"a","title":"b""#, None),
        ("a value of the wrong type", r#","externalId":7"#, None),
        ("a value that no row has", r#","phoneNumbers":[{"value":"1","type":"fax"}]"#, None),
        ("two primary values", r#","phoneNumbers":[{"value":"1","primary":true},{"value":"2","primary":true}]"#, None),
        ("one value twice", r#","phoneNumbers":[{"value":"1"},{"value":"1","type":"work"}]"#, None),
        ("what stands for no value", r#","name":{"familyName":"-"}"#, None),
        ("a number with a zero in front", r#","entitlements":[{"value":"07"}]"#, None),
        ("an element that nothing writes", r#","emails":[{"value":"x","type":"other"}]"#, None),
        ("something behind", "}", None),
    ];
    for (name, members, want) in cases {
        let body = body_of(members);
        let draft = PLAN.draft(body.as_bytes()).map(|draft| draft.record);
        assert_eq!(draft.as_deref(), want, "{name}");
    }
    let (named, nobody) = (body_of(r#","middleName":"x""#), r#"{"userName":"ada"}"#);
    assert!(PLAN.draft(named.as_bytes()).is_none() && PLAN.draft(nobody.as_bytes()).is_none());
    assert!(PLAN.draft(format!("{{\"schemas\":[\"{CORE}\"]}}").as_bytes()).is_none(), "the user name is required");
}

#[test]
fn only_simple_rules_are_streamed() {
    let none = BodyTemplate::Table(Vec::new());
    let cases = [
        ("plain names", json!({"id": "a", "userName": "b.c"}), true),
        ("an element of yours", json!({"id": "a", "title": "m[?@.k=='w'].n"}), false),
        ("a whole name", json!({"id": "a", "name": {"at": "n", "text": "{givenName} {familyName}"}}), false),
        ("a delimited string", json!({"id": "a", "roles": {"at": "r", "split": ";"}}), false),
        ("a filtered list", json!({"id": "a", "roles": "$.r[?@.k=='w']"}), false),
        ("what is only read", json!({"id": "a", "title": {"show": "{t}!"}}), true),
    ];
    for (name, rules, want) in cases {
        assert_eq!(WritePlan::compile(&view("User", &rules), &none).is_some(), want, "{name}");
    }
    let (view, other) = (view("User", &json!({"id": "a", "title": "kind.t"})), json!("x"));
    let in_the_way = BodyTemplate::Table(vec![("kind".to_owned(), BodyTemplate::Literal(other))]);
    assert!(WritePlan::compile(&view, &in_the_way).is_none(), "a constant where a rule writes");
}

fn text() -> impl Strategy<Value = String> {
    let texts = [
        r#""a""#,
        r#""Ada""#,
        r#""1""#,
        r#""12""#,
        r#""-7""#,
        r#""07""#,
        r#""-""#,
        r#""""#,
        r#""en-GB""#,
        r#""en_GB""#,
        r#""work""#,
        r#""home""#,
        r#""other""#,
        r#""mobile""#,
        r#""ü€😀""#,
        r#""\u0061""#,
        r#""True""#,
        "true",
        "false",
        "null",
        "7",
        "[]",
        "{}",
    ];
    select(texts.to_vec()).prop_map(str::to_owned)
}

/// An object with these names, in any order.
fn object(names: &'static [&'static str], value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    proptest::collection::vec((select(names), value), 0..names.len()).prop_map(|members| {
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        format!("{{{}}}", members.join(","))
    })
}

fn body() -> impl Strategy<Value = String> {
    let label =
        || select(vec![r#""work""#, r#""home""#, r#""other""#, r#""mobile""#, r#""WORK""#]).prop_map(str::to_owned);
    let element = prop_oneof![
        4 => (text(), label(), any::<bool>()).prop_map(|(value, label, primary)| {
            let primary = if primary { ",\"primary\":true" } else { "" };
            format!("{{\"value\":{value},\"type\":{label}{primary}}}")
        }),
        1 => object(&["value", "type", "primary", "display", "x"], text()),
    ];
    let list = prop_oneof![
        6 => proptest::collection::vec(element, 0..3).prop_map(|elements| format!("[{}]", elements.join(","))),
        1 => text(),
    ];
    let name = prop_oneof![5 => object(&["givenName", "familyName", "formatted", "middleName"], text()), 1 => text()];
    let inner = prop_oneof![3 => object(&["value", "displayName"], text()), 1 => text()];
    let extension = (text(), inner)
        .prop_map(|(department, manager)| format!("{{\"department\":{department},\"manager\":{manager}}}"));
    let simple = select(vec![
        "externalId",
        "title",
        "locale",
        "displayName",
        "password",
        "nickName",
        "active",
        "groups",
        "photos",
        "zz",
    ]);
    let member = prop_oneof![
        5 => (simple, text()).prop_map(|(name, value)| format!(",\"{name}\":{value}")),
        2 => name.prop_map(|name| format!(",\"name\":{name}")),
        3 => (select(vec!["emails", "phoneNumbers", "entitlements"]), list).prop_map(|(name, list)| format!(",\"{name}\":{list}")),
        1 => extension.prop_map(|extension| format!(",\"{ENTERPRISE}\":{extension}")),
        1 => Just(",\"id\":{\"x\":1}".to_owned()),
    ];
    proptest::collection::vec(member, 0..6).prop_map(|members| body_of(&members.concat()))
}

proptest! {
    #[test]
    fn the_plan_writes_what_the_rules_put(body in body()) {
        let view = &*USERS;
        if let Some(draft) = PLAN.draft(body.as_bytes()) {
            let (new, record, ignored) = by_value(view, &body).map_err(|error| error.detail).unwrap();
            let drafted: Value = serde_json::from_str(&draft.record).unwrap();
            prop_assert!(same(&drafted, &record), "{}: {} {}", body, drafted, record);
            let mut names: Vec<&str> = ignored.iter().map(String::as_str).collect();
            let mut noted = draft.ignored.clone();
            names.sort_unstable();
            noted.sort_unstable();
            prop_assert_eq!(names, noted, "{}", body);
            for (index, rule) in view.rules.iter().enumerate() {
                let text = rule.value_in(&new).filter(|_| !rule.list).and_then(|value| value.as_str().map(str::to_owned));
                prop_assert_eq!(PLAN.text_of(&draft, index).map(str::to_owned), text, "{} of {}", rule.name, body);
            }
        }
    }

    #[test]
    fn an_answer_that_meets_a_draft_shows_all_of_it(body in body(), other in body(), own in any::<bool>()) {
        let view = &*USERS;
        let read = ReadPlan::compile(view).unwrap();
        let (Some(draft), Some(answer)) = (PLAN.draft(body.as_bytes()), PLAN.draft(if own { body.as_bytes() } else { other.as_bytes() })) else {
            return Ok(());
        };
        let record = format!("{{\"a\":5,\"n1\":\"a\",{}", &answer.record[1..]);
        let met = PLAN.is_met(&draft, &read, &read.glance(&record).unwrap());
        let (new, _, _) = by_value(view, &body).unwrap();
        let value: Value = serde_json::from_str(&record).unwrap();
        let shown = view.is_whole(&value, &new, Some("5"))
            && view.rules.iter().filter(|rule| rule.is_shown()).all(|rule| {
                let asked = rule.found_in(&new);
                asked.is_none() || rule.is_same(rule.get(&value).as_ref(), asked.as_deref())
            });
        prop_assert!(!met || shown, "{} {}", body, record);
        // One's own record is known again, but for what is read elsewhere than it is written.
        prop_assert!(!own || met || new.contains_key("nickName"), "{} {}", body, record);
    }

    #[test]
    fn damaged_bodies_never_panic(body in body(), cut in any::<proptest::sample::Index>(), with in any::<u8>()) {
        let mut bytes = body.into_bytes();
        let place = cut.index(bytes.len());
        bytes[place] = with;
        if PLAN.draft(&bytes).is_some() {
            prop_assert!(by_value(&USERS, std::str::from_utf8(&bytes).unwrap()).is_ok());
        }
        let _ = PLAN.draft(&bytes[..place]);
    }
}
