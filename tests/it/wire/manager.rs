//! The manager of the enterprise extension, in all the ways that clients send it.

use serde_json::{Map, Value, json};

use crate::support::case::{Case, HEAD, patch, play, replace, user};
use crate::support::upstream::{Step, expect};

const URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A form, and the body of a request that has it.
type Form = (&'static str, Value);

const RULES: &str = r#"
[User.attributes]
id = "id"
userName = "login"
[User.attributes."urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]
department = "dept"
manager.value = { at = "boss", type = "int" }
manager.displayName = { at = "boss_name", mutability = "readOnly" }
[User]
list = { call = "GET /users?boss={filter['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value']?}&page={page}", items = "$.rows[*]" }
get = "GET /users/{id}"
create = "POST /users"
update = "PATCH /users/{id}"
"#;

fn mapping() -> String {
    format!("{HEAD}{RULES}")
}

/// A user as the API keeps it; 0 is nobody.
fn record(boss: u32) -> Value {
    let (boss, name) = if boss == 0 { (Value::Null, Value::Null) } else { (json!(boss), json!(format!("N. {boss}"))) };
    json!({ "id": "7", "login": "ada", "dept": "R", "boss": boss, "boss_name": name })
}

/// What SCIM shows of it.
fn shown(boss: u32) -> Value {
    let manager = json!({ "value": boss.to_string(), "displayName": format!("N. {boss}") });
    let extension =
        if boss == 0 { json!({ "department": "R" }) } else { json!({ "department": "R", "manager": manager }) };
    json!({ "id": "7", URN: extension })
}

fn read(boss: u32) -> Step {
    expect("GET /users/7").answer(200, &record(boss))
}

fn changed(boss: u32) -> Step {
    let sent = json!({ "boss": record(boss)["boss"] });
    expect("PATCH /users/7").json(sent).answer(200, &record(boss))
}

fn urn(part: &str) -> String {
    format!("{URN}:{part}")
}

/// `{key: value}` with a key that is made.
fn table(key: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(key.to_owned(), value)]))
}

fn at(op: &str, path: &str, value: Value) -> Value {
    let mut operation = json!({ "op": op, "path": path });
    operation["value"] = value;
    patch(&Value::Array(vec![operation]))
}

/// PATCH bodies that make 9 the manager.
fn assigning() -> Vec<Form> {
    let whole = json!({ "value": "9", "displayName": "Another name", "$ref": "https://elsewhere/Users/8" });
    vec![
        ("a bare id", at("add", &urn("manager"), json!("9"))),
        ("a bare id, replaced", at("replace", &urn("manager"), json!("9"))),
        ("in capitals", at("Replace", &urn("MANAGER").to_uppercase(), json!("9"))),
        ("an object", at("Add", &urn("manager"), json!({ "value": "9" }))),
        ("a list of one object", at("Add", &urn("manager"), json!([{ "value": "9" }]))),
        ("a list of one id", at("Add", &urn("manager"), json!(["9"]))),
        ("with its name and a reference", at("replace", &urn("manager"), whole.clone())),
        ("the part", at("replace", &urn("manager.value"), json!("9"))),
        ("the part in a list", at("Add", &urn("manager.value"), json!([{ "value": "9" }]))),
        ("the URN as a path", at("replace", URN, json!({ "manager": { "value": "9" } }))),
        ("the URN as a path, a bare id", at("add", URN, json!({ "manager": "9" }))),
        ("a key with the URN, a bare id", replace(&table(&urn("manager"), json!("9")))),
        ("a key with the URN, an object", replace(&table(&urn("manager"), whole.clone()))),
        ("a key with the URN, a list", replace(&table(&urn("manager"), json!([{ "value": "9" }])))),
        ("a key with the part", replace(&table(&urn("manager.value"), json!("9")))),
        ("below the URN, an object", replace(&json!({ URN: { "manager": whole } }))),
        ("below the URN, a bare id", replace(&json!({ URN: { "manager": "9" } }))),
        ("below the URN, the part", replace(&json!({ URN: { "manager.value": "9" } }))),
    ]
}

/// PATCH bodies that leave nobody the manager.
fn unassigning() -> Vec<Form> {
    let remove = |path: &str| patch(&json!([{ "op": "remove", "path": path }]));
    vec![
        ("removed", remove(&urn("manager"))),
        ("its part removed", remove(&urn("manager.value"))),
        ("removed, and named", at("Remove", &urn("manager"), json!("8"))),
        ("an empty text", at("replace", &urn("manager"), json!(""))),
        ("null", at("Replace", &urn("manager"), Value::Null)),
        ("an empty object", at("replace", &urn("manager"), json!({}))),
        ("an empty list", at("replace", &urn("manager"), json!([]))),
        ("an object with an empty id", at("replace", &urn("manager"), json!({ "value": "", "$ref": "" }))),
        ("an object with a null id", at("replace", &urn("manager"), json!({ "value": null }))),
        ("a list of an empty id", at("Replace", &urn("manager"), json!([{ "value": "" }]))),
        ("the part as an empty text", at("replace", &urn("manager.value"), json!(""))),
        ("the part as null", at("replace", &urn("manager.value"), Value::Null)),
        ("a key with the URN, an empty text", replace(&table(&urn("manager"), json!("")))),
        ("a key with the URN, null", replace(&table(&urn("manager"), Value::Null))),
        ("a key with the URN, an empty object", replace(&table(&urn("manager"), json!({})))),
        ("a key with the part, an empty text", replace(&table(&urn("manager.value"), json!("")))),
        ("below the URN, null", replace(&json!({ URN: { "manager": null } }))),
        ("below the URN, an empty text", replace(&json!({ URN: { "manager": "" } }))),
        ("below the URN, an empty object", replace(&json!({ URN: { "manager": {} } }))),
        ("below the URN, the part", replace(&json!({ URN: { "manager.value": "" } }))),
    ]
}

#[tokio::test]
async fn a_patch_makes_somebody_the_manager_in_every_form() {
    let mut cases = Vec::new();
    for old in [0, 8] {
        for (name, body) in assigning() {
            let upstream = vec![read(old), changed(9)];
            cases.push(Case { name, upstream, request: "PATCH /Users/7", body, status: 200, wanted: shown(9) });
        }
    }
    play(&mapping(), cases).await;
}

#[tokio::test]
async fn a_patch_that_names_the_manager_who_is_there_changes_nothing() {
    let case = |(name, body)| Case {
        name,
        upstream: vec![read(9)],
        request: "PATCH /Users/7",
        body,
        status: 200,
        wanted: shown(9),
    };
    play(&mapping(), assigning().into_iter().map(case).collect()).await;
}

#[tokio::test]
async fn a_patch_leaves_nobody_the_manager_in_every_form() {
    let mut cases = Vec::new();
    for (name, body) in unassigning() {
        let case = |upstream, body| Case {
            name,
            upstream,
            request: "PATCH /Users/7",
            body,
            status: 200,
            // A list of what the extension must hold would not show that the manager is gone.
            wanted: Value::Null,
        };
        cases.push(case(vec![read(8), changed(0)], body.clone()));
        cases.push(case(vec![read(0)], body));
    }
    for case in cases {
        let name = case.name;
        let answer = crate::support::case::play_one(&mapping(), case).await;
        assert_eq!(answer.body[URN], json!({ "department": "R" }), "{name}");
    }
}

#[tokio::test]
async fn what_cannot_be_a_manager_is_refused() {
    let invalid = |name, value: Value| Case {
        name,
        upstream: vec![read(8)],
        request: "PATCH /Users/7",
        body: at("replace", &urn("manager"), value),
        status: 400,
        wanted: json!({ "scimType": "invalidValue" }),
    };
    let cases = vec![
        invalid("two of them", json!([{ "value": "8" }, { "value": "9" }])),
        invalid("no id of the API's form", json!("nine")),
        invalid("a list in its place", json!({ "value": ["8", "9"] })),
        invalid("a truth", json!(true)),
        Case {
            name: "the name of the manager is another resource's",
            upstream: vec![read(8)],
            request: "PATCH /Users/7",
            body: at("replace", &urn("manager.displayName"), json!("Bo")),
            status: 400,
            wanted: json!({ "scimType": "mutability" }),
        },
        Case {
            name: "an attribute that the extension does not have",
            upstream: vec![read(8)],
            request: "PATCH /Users/7",
            body: at("replace", &urn("boss"), json!("9")),
            status: 400,
            wanted: json!({ "scimType": "invalidPath" }),
        },
    ];
    play(&mapping(), cases).await;
}

/// Whole users with 9 as the manager, and with nobody.
fn whole() -> (Vec<Form>, Vec<Form>) {
    let body = |extension: Value| user(json!({ "userName": "ada", URN: extension }));
    let manager = |manager: Value| body(json!({ "department": "R", "manager": manager }));
    let mut dotted = user(json!({ "userName": "ada", URN: { "department": "R" } }));
    dotted[urn("manager")] = json!("9");
    let somebody = vec![
        ("an object", manager(json!({ "value": "9" }))),
        ("a bare id", manager(json!("9"))),
        ("with its name and a reference", manager(json!({ "value": "9", "displayName": "X", "$ref": "../Users/9" }))),
        ("a list of one", manager(json!([{ "value": "9" }]))),
        ("a key with the URN", dotted),
    ];
    let nobody = vec![
        ("an empty object", manager(json!({}))),
        ("null", manager(Value::Null)),
        ("an empty text", manager(json!(""))),
        ("an empty list", manager(json!([]))),
        ("an object with an empty id", manager(json!({ "value": "" }))),
        ("an object with null", manager(json!({ "value": null, "displayName": null }))),
        ("a name alone", manager(json!({ "displayName": "X" }))),
        ("none", body(json!({ "department": "R" }))),
    ];
    (somebody, nobody)
}

#[tokio::test]
async fn a_put_sets_and_takes_away_the_manager_in_every_form() {
    let case = |(name, body): Form, old, new| {
        let upstream = if old == new { vec![read(old)] } else { vec![read(old), changed(new)] };
        Case { name, upstream, request: "PUT /Users/7", body, status: 200, wanted: shown(new) }
    };
    let mut cases = Vec::new();
    for old in [0, 8] {
        let (somebody, nobody) = whole();
        cases.extend(somebody.into_iter().map(|form| case(form, old, 9)));
        cases.extend(nobody.into_iter().map(|form| case(form, old, 0)));
    }
    for case in cases {
        let (name, gone) = (case.name, case.wanted[URN].get("manager").is_none());
        let answer = crate::support::case::play_one(&mapping(), case).await;
        assert_eq!(answer.body[URN].get("manager").is_none(), gone, "{name}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_new_user_has_the_manager_that_the_post_names_in_every_form() {
    let case = |(name, body): Form, boss: u32| {
        let mut sent = json!({ "login": "ada", "dept": "R" });
        if boss != 0 {
            sent["boss"] = json!(boss);
        }
        let made = expect("POST /users").json(sent).answer(201, &record(boss));
        Case { name, upstream: vec![made], request: "POST /Users", body, status: 201, wanted: shown(boss) }
    };
    let (somebody, nobody) = whole();
    let mut cases: Vec<Case> = somebody.into_iter().map(|form| case(form, 9)).collect();
    cases.extend(nobody.into_iter().map(|form| case(form, 0)));
    play(&mapping(), cases).await;
}

#[tokio::test]
async fn users_are_found_by_their_manager_and_the_reference_is_a_url() {
    let found = || expect("GET /users?boss=9&page=1").answer(200, &json!({ "rows": [record(9)] }));
    let get =
        |name, upstream, request, wanted| Case { name, upstream, request, body: Value::Null, status: 200, wanted };
    let one = json!({ "totalResults": 1, "Resources": [{ "id": "7" }] });
    let cases = vec![
        get(
            "by the part",
            vec![found()],
            "GET /Users?filter=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value%20eq%20%229%22",
            one.clone(),
        ),
        get(
            "an id that is none of the API's finds nobody",
            vec![],
            "GET /Users?filter=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value%20eq%20%22x%22",
            json!({ "totalResults": 0 }),
        ),
        get(
            "the part alone",
            vec![read(9)],
            "GET /Users/7?attributes=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            json!({ URN: { "manager": { "value": "9" } } }),
        ),
    ];
    play(&mapping(), cases).await;
    let whole = get("the whole", vec![read(9)], "GET /Users/7", shown(9));
    let answer = crate::support::case::play_one(&mapping(), whole).await;
    let reference = answer.body[URN]["manager"]["$ref"].as_str().unwrap();
    assert!(reference.starts_with("http://") && reference.ends_with("/scim/v2/Users/9"), "{reference}");
}
