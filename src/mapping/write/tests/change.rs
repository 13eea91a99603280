use std::sync::LazyLock;

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::{Value, json};

use super::{CORE, USERS, object, text};
use crate::mapping::read::ReadPlan;
use crate::mapping::view::View;
use crate::mapping::write::ChangePlan;
use crate::scim::{self, Patch};

static PLAN: LazyLock<ChangePlan> = LazyLock::new(|| ChangePlan::compile(&USERS).unwrap());
static READ: LazyLock<ReadPlan> = LazyLock::new(|| ReadPlan::compile(&USERS).unwrap());

const RECORD: &str = r#"{"a":5,"b":"ada","d":"X","p":{"a":"Ada","z":1.10},"c":"00u","pw":"s","kept":[1]}"#;

fn message(operations: &str) -> String {
    format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{operations}]}}"#)
}

/// What a message sends for a record.
fn sent(message: &str, record: &str) -> Option<String> {
    let asked = PLAN.read(message.as_bytes())?;
    PLAN.of(&asked, &READ, &READ.glance(record)?).map(|change| change.sent)
}

/// The changed rules, the record after the change and the resource as it shall be, on values.
fn by_value(view: &View, message: &str, record: &Value) -> Result<(Vec<usize>, Value, scim::Resource), scim::Error> {
    let patch = Patch::parse(message.as_bytes())?;
    let old = match patch.touched() {
        Some(names) => view.read_only(record, None, &names),
        None => view.read(record),
    };
    let new = patch.apply(&old, &view.schema)?.resource;
    let mut after = record.clone();
    let changed = view.update(&mut after, &old, &new)?;
    Ok((changed, after, new))
}

#[test]
fn usual_messages_are_carried_out_without_values() {
    let cases = [
        ("Okta's deactivation", r#"{"op":"replace","value":{"active":true}}"#, Some(r#"{"d":"A"}"#)),
        ("a path", r#"{"op":"Replace","path":"externalId","value":"x"}"#, Some(r#"{"c":"x"}"#)),
        ("a boolean as text", r#"{"op":"add","path":"active","value":"True"}"#, Some(r#"{"d":"A"}"#)),
        // `X` reads as false already, and stays.
        ("what is there already", r#"{"op":"replace","path":"active","value":false}"#, Some("{}")),
        (
            "the last value counts",
            r#"{"op":"add","path":"externalId","value":"x"},{"op":"add","path":"externalId","value":"00u"}"#,
            Some("{}"),
        ),
        ("a part", r#"{"op":"replace","path":"name.givenName","value":"Eve"}"#, Some(r#"{"p":{"a":"Eve","z":1.10}}"#)),
        (
            "two fields, one of them new",
            r#"{"op":"replace","value":{"name":{"familyName":"L"},"locale":"en-GB","externalId":"x"}}"#,
            Some(r#"{"c":"x","p":{"a":"Ada","z":1.10,"b":"L","c":"en_GB"}}"#),
        ),
        ("what nobody maps", r#"{"op":"replace","value":{"profileUrl":"x","externalId":"x"}}"#, Some(r#"{"c":"x"}"#)),
        ("a removal", r#"{"op":"remove","path":"externalId"}"#, None),
        ("null", r#"{"op":"replace","value":{"externalId":null}}"#, None),
        ("a list", r#"{"op":"replace","value":{"emails":[]}}"#, None),
        ("a value filter", r#"{"op":"add","path":"emails[type eq \"home\"].value","value":"x"}"#, None),
        (
            "an extension",
            r#"{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"x"}"#,
            None,
        ),
        ("what is read-only", r#"{"op":"add","path":"displayName","value":"x"}"#, None),
        ("a password", r#"{"op":"add","path":"password","value":"x"}"#, None),
        ("a place to write that is not read", r#"{"op":"add","path":"nickName","value":"x"}"#, None),
        ("a value that would not read back", r#"{"op":"add","path":"name.familyName","value":"-"}"#, None),
        ("no operations", "", None),
        ("something unknown", r#"{"op":"add","path":"active","value":true,"x":1}"#, None),
    ];
    for (name, operations, want) in cases {
        assert_eq!(sent(&message(operations), RECORD).as_deref(), want, "{name}");
    }
    let other = message(r#"{"op":"add","path":"active","value":true}"#).replace("2.0:PatchOp", "2.0:BulkRequest");
    assert_eq!(sent(&other, RECORD), None, "another message");
    let part = message(r#"{"op":"add","path":"name.givenName","value":"x"}"#);
    assert_eq!(sent(&part, r#"{"a":5,"p":[1]}"#), None, "a list where the object should be");
}

fn operation() -> impl Strategy<Value = String> {
    let verb = || select(vec!["add", "replace", "Replace"]);
    let names = [
        "externalId",
        "userName",
        "title",
        "locale",
        "displayName",
        "active",
        "active",
        "name.givenName",
        "name.familyName",
        "zz",
    ];
    let name = prop_oneof![4 => object(&["givenName", "familyName", "formatted"], text()), 1 => text()];
    let members =
        (select(names[..7].to_vec()), text(), name, any::<bool>()).prop_map(|(attribute, value, name, both)| {
            let name = if both { format!(",\"name\":{name}") } else { String::new() };
            format!("{{\"{attribute}\":{value}{name}}}")
        });
    prop_oneof![
        2 => (verb(), select(names.to_vec()), text()).prop_map(|(verb, path, value)| format!(r#"{{"op":"{verb}","path":"{path}","value":{value}}}"#)),
        2 => (verb(), members).prop_map(|(verb, value)| format!(r#"{{"op":"{verb}","value":{value}}}"#)),
    ]
}

fn messages() -> impl Strategy<Value = String> {
    proptest::collection::vec(operation(), 1..3).prop_map(|operations| message(&operations.join(",")))
}

fn record() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        4 => select(vec!["\"a\"", "\"A\"", "\"D\"", "\"Tx\"", "7", "7.0", "true", "null", "\"\\u0061\"", "\"en_GB\"", "\"\""]).prop_map(str::to_owned),
        1 => text(),
    ];
    let name = prop_oneof![4 => object(&["a", "b", "c", "f"], text()), 1 => text()];
    (object(&["b", "c", "d", "f", "g", "n1", "pw"], value), name).prop_map(|(rest, name)| {
        let rest = if rest == "{}" { "}" } else { &format!(",{}", &rest[1..]) };
        format!("{{\"a\":5,\"p\":{name}{rest}")
    })
}

fn holds_all(record: &Value, other: &Value) -> bool {
    other.as_object().is_none_or(|other| {
        other.iter().all(|(name, other)| record.get(name).map_or(other.is_null(), |field| holds_all(field, other)))
    })
}

proptest! {
    #[test]
    fn a_change_is_what_the_rules_say(message in messages(), record in record()) {
        let view = &*USERS;
        let value: Value = serde_json::from_str(&record).unwrap();
        // A record that is too odd to be glanced at goes by values.
        let Some(glance) = READ.glance(&record) else { return Ok(()) };
        let asked = PLAN.read(message.as_bytes());
        if let Some(change) = asked.as_ref().and_then(|asked| PLAN.of(asked, &READ, &glance)) {
            let (changed, after, _) = by_value(view, &message, &value).map_err(|error| error.detail).unwrap();
            prop_assert_eq!(change.rules().collect::<Vec<_>>(), changed, "{} {}", message, record);
            let sent: Value = serde_json::from_str(&change.sent).unwrap();
            for (name, field) in sent.as_object().unwrap() {
                prop_assert_eq!(field, &after[name], "{} {}", message, record);
            }
            for (name, field) in after.as_object().unwrap() {
                prop_assert!(value.get(name) == Some(field) || sent.get(name).is_some(), "{} {}", message, record);
            }
        }
    }

    #[test]
    fn an_answer_with_the_change_made_is_the_resource(message in messages(), record in record(), other in record(), own in any::<bool>()) {
        let view = &*USERS;
        let Some(before) = READ.glance(&record) else { return Ok(()) };
        let value: Value = serde_json::from_str(&record).unwrap();
        let asked = PLAN.read(message.as_bytes());
        let Some(change) = asked.as_ref().and_then(|asked| PLAN.of(asked, &READ, &before)) else { return Ok(()) };
        let (_, made, new) = by_value(view, &message, &value).unwrap();
        let answer = if own { made.to_string() } else { other };
        let after: Value = serde_json::from_str(&answer).unwrap();
        let Some(seen) = READ.glance(&answer) else { return Ok(()) };
        if PLAN.is_made(&change, &READ, &before, &seen) {
            prop_assert!(view.is_whole(&after, &new, Some("5")) && holds_all(&after, &value), "{} {} {}", message, record, answer);
            for rule in view.rules.iter().filter(|rule| rule.name == "active") {
                let wanted = rule.value_in(&new);
                prop_assert!(wanted.is_none() || rule.get(&after) == wanted, "{} {} {}", message, record, answer);
            }
        }
    }
}

#[test]
fn the_answer_that_shows_the_change_is_known() {
    let message = message(r#"{"op":"replace","value":{"active":true}}"#);
    let before = READ.glance(RECORD).unwrap();
    let asked = PLAN.read(message.as_bytes()).unwrap();
    let change = PLAN.of(&asked, &READ, &before).unwrap();
    let cases = [
        ("the record with the change", RECORD.replace("\"X\"", "\"A\""), true),
        ("another spelling that reads the same", RECORD.replace("\"X\"", "7"), true),
        ("the record as it was", RECORD.to_owned(), false),
        ("less of it", r#"{"a":5,"d":"A"}"#.to_owned(), false),
    ];
    for (name, answer, want) in cases {
        assert_eq!(PLAN.is_made(&change, &READ, &before, &READ.glance(&answer).unwrap()), want, "{name}");
    }
    assert_eq!(READ.id_of(&before).as_deref(), Some("5"));
    assert_eq!(json!(CORE), json!(USERS.schema.core.id));
}
