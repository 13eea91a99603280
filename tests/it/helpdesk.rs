//! The OpenAPI document that the helpdesk serves tells the truth about it.

use std::collections::BTreeSet;

use boon::{Compiler, Schemas};
use serde_json::{Value, json};

use crate::stand_ins::helpdesk::{Helpdesk, KEY, document};
use crate::stand_ins::server::{Api, Request};

/// Requests in order, the last of them on what is left: method, path of the document, path as sent, body, status.
fn requests() -> Vec<(&'static str, &'static str, &'static str, Value, u16)> {
    let user = json!({ "login": "zoe", "email": "zoe@acme.example", "role": "agent" });
    let (none, name) = (Value::Null, |name: &str| json!({ "name": name }));
    vec![
        ("get", "/users", "/users?q=ADA&page=1&perPage=2", none.clone(), 200),
        ("post", "/users", "/users", user.clone(), 201),
        ("post", "/users", "/users", user, 409),
        ("post", "/users", "/users", json!({ "login": "x", "email": "x", "role": "king" }), 422),
        ("get", "/users/{userId}", "/users/5", none.clone(), 200),
        ("get", "/users/{userId}", "/users/99", none.clone(), 404),
        ("patch", "/users/{userId}", "/users/5", json!({ "firstName": "Zoe", "phone": null }), 200),
        ("patch", "/users/{userId}", "/users/99", json!({}), 404),
        ("patch", "/users/{userId}", "/users/5", json!({ "login": "ada" }), 409),
        ("patch", "/users/{userId}", "/users/5", json!({ "lastName": null }), 422),
        ("post", "/users/{userId}/suspend", "/users/5/suspend", none.clone(), 200),
        ("post", "/users/{userId}/suspend", "/users/99/suspend", none.clone(), 404),
        ("post", "/users/{userId}/reactivate", "/users/5/reactivate", none.clone(), 200),
        ("post", "/users/{userId}/reactivate", "/users/99/reactivate", none.clone(), 404),
        ("get", "/teams", "/teams?name=Support", none.clone(), 200),
        ("post", "/teams", "/teams", name("Nights"), 201),
        ("post", "/teams", "/teams", name("Nights"), 409),
        ("post", "/teams", "/teams", name(""), 422),
        ("get", "/teams/{teamId}", "/teams/6", none.clone(), 200),
        ("get", "/teams/{teamId}", "/teams/5", none.clone(), 404),
        ("patch", "/teams/{teamId}", "/teams/6", name("Late"), 200),
        ("patch", "/teams/{teamId}", "/teams/5", name("Late"), 404),
        ("patch", "/teams/{teamId}", "/teams/6", name("Support"), 409),
        ("patch", "/teams/{teamId}", "/teams/6", json!({}), 422),
        ("post", "/teams/{teamId}/members", "/teams/6/members", json!({ "userId": 5 }), 204),
        ("post", "/teams/{teamId}/members", "/teams/5/members", json!({ "userId": 5 }), 404),
        ("post", "/teams/{teamId}/members", "/teams/6/members", json!({ "userId": 6 }), 422),
        ("get", "/teams/{teamId}/members", "/teams/6/members", none.clone(), 200),
        ("get", "/teams/{teamId}/members", "/teams/5/members", none.clone(), 404),
        ("delete", "/teams/{teamId}/members/{userId}", "/teams/6/members/5", none.clone(), 204),
        ("delete", "/teams/{teamId}/members/{userId}", "/teams/6/members/5", none.clone(), 404),
        ("delete", "/teams/{teamId}", "/teams/6", none.clone(), 204),
        ("delete", "/teams/{teamId}", "/teams/6", none.clone(), 404),
        ("delete", "/users/{userId}", "/users/5", none.clone(), 204),
        ("delete", "/users/{userId}", "/users/5", none, 404),
    ]
}

fn request(method: &str, target: &str, key: Option<&str>, body: Value) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Request {
        method: method.to_uppercase(),
        path: format!("/v1{path}"),
        query: query.split('&').filter_map(|pair| pair.split_once('=')).map(|(a, b)| (a.into(), b.into())).collect(),
        headers: key.map(|key| ("x-api-key".to_owned(), key.to_owned())).into_iter().collect(),
        body,
        now: "2026-02-03T04:05:06Z".to_owned(),
    }
}

/// A document whose tables have no fields but those that it names.
fn closed(mut value: Value) -> Value {
    fn close(value: &mut Value) {
        if value.get("properties").is_some_and(Value::is_object) && value.get("type") == Some(&json!("object")) {
            value["additionalProperties"] = json!(false);
        }
        match value {
            Value::Object(members) => members.values_mut().for_each(close),
            Value::Array(elements) => elements.iter_mut().for_each(close),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    close(&mut value);
    value
}

/// Holds an answer's body against the schema that the document has for it; a status without one has no body.
fn hold(document: &Value, method: &str, path: &str, status: u16, body: Option<&Value>) {
    let place = format!("/paths/{}/{method}/responses/{status}", path.replace('/', "~1"));
    let mut place = place.as_str().to_owned();
    let answer = document.pointer(&place).unwrap_or_else(|| panic!("{place} is not in the document"));
    if let Some(target) = answer["$ref"].as_str() {
        place = target.trim_start_matches('#').to_owned();
    }
    let schema = format!("{place}/content/application~1json/schema");
    assert_eq!(document.pointer(&schema).is_some(), body.is_some(), "{place}");
    let Some(body) = body else { return };
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.add_resource("http://helpdesk/openapi.json", document.clone()).unwrap();
    let index = compiler.compile(&format!("http://helpdesk/openapi.json#{schema}"), &mut schemas).unwrap();
    schemas.validate(body, index).unwrap_or_else(|error| panic!("{method} {path}: {body}\n{error}"));
}

#[test]
fn every_operation_of_the_document_answers_as_it_says_and_there_are_no_others() {
    let document = closed(document("helpdesk.example"));
    let mut seen = BTreeSet::new();
    let mut helpdesk = Helpdesk::default();
    for (method, path, target, body, status) in requests() {
        let answer = helpdesk.answer(&request(method, target, Some(KEY), body));
        assert_eq!(answer.status, status, "{method} {target}: {:?}", answer.body);
        hold(&document, method, path, status, answer.body.as_ref());
        seen.insert((path.to_owned(), method.to_owned(), status.to_string()));
    }
    let operations: BTreeSet<_> = seen.iter().map(|(path, method, _)| (path.clone(), method.clone())).collect();
    for (path, method) in &operations {
        let answer = helpdesk.answer(&request(method, &path.replace(['{', '}'], ""), Some("x"), Value::Null));
        assert_eq!(answer.status, 401, "{method} {path}");
        hold(&document, method, path, 401, answer.body.as_ref());
        seen.insert((path.clone(), method.clone(), "401".to_owned()));
    }
    let mut told = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters") {
            let statuses = operation["responses"].as_object().unwrap().keys();
            told.extend(statuses.map(|status| (path.clone(), method.clone(), status.clone())));
        }
    }
    assert_eq!(told, seen);
}

#[test]
fn the_document_names_the_address_that_it_was_asked_at_and_needs_no_key() {
    let mut asked = request("get", "/openapi.json", None, Value::Null);
    asked.headers.push(("host".to_owned(), "127.0.0.1:3000".to_owned()));
    let answer = Helpdesk::default().answer(&asked);
    let told = answer.body.unwrap();
    assert_eq!((answer.status, &told["servers"][0]["url"]), (200, &json!("http://127.0.0.1:3000/v1")));
}
