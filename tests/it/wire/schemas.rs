//! What `/Schemas` says of an attribute is so: tried on every shipped mapping with an API behind it.

use std::path::Path;

use scim_bridge::demo::Seed;
use serde_json::{Map, Value, json};

use crate::stand_ins::{named, server};
use crate::support::bridge::{self, Served, serve};
use crate::support::case::{patch, user};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// What the stand-ins take as credentials.
const SECRETS: [(&str, &str); 8] = [
    ("crm_token", "crm-token"),
    ("redmine_key", "redmine-key"),
    ("zendesk_user", "admin@acme.example/token"),
    ("zendesk_token", "zendesk-key"),
    ("rocketchat_user", "scim-bot"),
    ("rocketchat_password", "rocket-password"),
    ("zabbix_user", "Admin"),
    ("zabbix_password", "zabbix-password"),
];

/// A bridge over the stand-in of this name.
pub(super) async fn over(name: &str) -> Served {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings").join(name);
    let text = std::fs::read_to_string(folder.join("mapping.toml")).unwrap();
    let api = server::listen("127.0.0.1:0".parse().unwrap(), named(name).unwrap()).await.unwrap();
    let url = api.url.clone();
    tokio::spawn(api.serve());
    serve(&text, &url, &SECRETS).await
}

/// A server whose schemas are held against what it does.
struct Held<'s> {
    name: &'s str,
    bridge: &'s Served,
    /// The URN of the extension, none for the core schema; the attribute.
    attributes: Vec<(Option<String>, Value)>,
    /// A user to refer to.
    other: String,
}

fn is(attribute: &Value, key: &str, word: &str) -> bool {
    attribute[key] == word
}

fn name_of(attribute: &Value) -> &str {
    attribute["name"].as_str().unwrap()
}

fn parts(attribute: &Value) -> &[Value] {
    attribute["subAttributes"].as_array().map_or(&[], Vec::as_slice)
}

fn place<'v>(resource: &'v Value, urn: Option<&str>, name: &str) -> &'v Value {
    urn.map_or(&resource[name], |urn| &resource[urn][name])
}

/// The table in which the attributes of a schema stand.
fn place_mut<'v>(resource: &'v mut Value, urn: Option<&str>) -> &'v mut Value {
    match urn {
        Some(urn) => &mut resource[urn],
        None => resource,
    }
}

impl<'s> Held<'s> {
    async fn of(name: &'s str, bridge: &'s Served) -> Self {
        let schemas = bridge.scim.send("GET /Schemas", None).await.body;
        let types = bridge.scim.send("GET /ResourceTypes/User", None).await.body;
        let mut attributes = Vec::new();
        for schema in schemas["Resources"].as_array().unwrap() {
            let extends = types["schemaExtensions"].as_array().unwrap().iter().any(|own| own["schema"] == schema["id"]);
            if schema["id"] == CORE || extends {
                let urn = extends.then(|| schema["id"].as_str().unwrap().to_owned());
                attributes
                    .extend(schema["attributes"].as_array().unwrap().iter().map(|own| (urn.clone(), own.clone())));
            }
        }
        let mut held = Self { name, bridge, attributes, other: String::new() };
        let made = bridge.scim.send("POST /Users", Some(&held.draft("other", false))).await;
        assert_eq!(made.status, 201, "{name}: {}", made.body);
        made.body["id"].as_str().unwrap().clone_into(&mut held.other);
        held
    }

    /// A user with all that clients write, or with what they must send.
    fn draft(&self, word: &str, all: bool) -> Value {
        let mut draft = user(json!({}));
        for (urn, attribute) in &self.attributes {
            let required = attribute["required"] == true;
            if is(attribute, "mutability", "readOnly") || !(all || required) {
                continue;
            }
            if let Some(value) = self.value(attribute, word) {
                let members = place_mut(&mut draft, urn.as_deref());
                members[name_of(attribute)] = value;
            }
        }
        draft
    }

    /// A value that the schema allows and an API takes; `None` where only the API knows some.
    fn value(&self, attribute: &Value, word: &str) -> Option<Value> {
        let name = name_of(attribute);
        let value = match (name, attribute["type"].as_str().unwrap()) {
            ("roles", _) => return (self.name == "crm").then(|| json!([{ "value": "rol_agent" }])),
            ("entitlements", _) => return (self.name == "crm").then(|| json!([{ "value": "set_export" }])),
            (_, "complex") => {
                let kind = parts(attribute).iter().find(|part| name_of(part) == "type");
                let kind = kind.and_then(|part| part["canonicalValues"][0].as_str());
                let mut table = Map::new();
                for part in parts(attribute).iter().filter(|part| !is(part, "mutability", "readOnly")) {
                    let value = match (name, name_of(part)) {
                        (_, "type") => kind.map(Value::from),
                        (_, "$ref" | "display") => None,
                        (_, "primary") => Some(json!(true)),
                        ("manager", "value") => Some(json!(self.other)),
                        ("emails", "value") => Some(json!(format!("{word}@acme.example"))),
                        ("phoneNumbers", "value") => Some(json!("+44 20 7946 0000")),
                        (_, other) => Some(json!(format!("{other}-{word}"))),
                    };
                    table.extend(value.map(|value| (name_of(part).to_owned(), value)));
                }
                Value::Object(table)
            }
            ("userName", _) => json!(format!("{word}@acme.example")),
            ("locale", _) => json!("en-GB"),
            ("timezone", _) => json!("Europe/London"),
            ("profileUrl", _) => json!("https://acme.example/ada"),
            ("password", _) => json!("Vf7-quick-Fox!29"),
            (_, "boolean") => json!(true),
            (_, "string") => json!(format!("{name} {word}")),
            (_, other) => panic!("{}: {name} is {other}: say a value of it", self.name),
        };
        Some(if attribute["multiValued"] == true { json!([value]) } else { value })
    }

    /// Every member of a resource is announced as what it is.
    fn shape(&self, resource: &Value) {
        let urns: Vec<&String> = self.attributes.iter().filter_map(|(urn, _)| urn.as_ref()).collect();
        for (member, value) in resource.as_object().unwrap() {
            if matches!(member.as_str(), "schemas" | "id" | "externalId" | "meta") {
                continue;
            }
            if urns.contains(&member) {
                assert!(resource["schemas"].as_array().unwrap().contains(&json!(member)), "{}: {resource}", self.name);
                value.as_object().unwrap().iter().for_each(|(name, value)| self.member(Some(member), name, value));
            } else {
                self.member(None, member, value);
            }
        }
    }

    fn member(&self, urn: Option<&String>, name: &str, value: &Value) {
        let found = self.attributes.iter().find(|(own, attribute)| own.as_ref() == urn && name_of(attribute) == name);
        let (_, attribute) = found.unwrap_or_else(|| panic!("{}: {name} is not announced", self.name));
        assert_eq!(attribute["multiValued"] == true, value.is_array(), "{}: {name}: {value}", self.name);
        assert_ne!(attribute["returned"], "never", "{}: {name}", self.name);
        let elements = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for element in elements {
            self.kind(attribute, element);
            for (part, value) in element.as_object().into_iter().flatten() {
                let announced = parts(attribute).iter().find(|own| name_of(own) == part);
                self.kind(announced.unwrap_or_else(|| panic!("{}: {name}.{part} is not announced", self.name)), value);
            }
        }
    }

    fn kind(&self, attribute: &Value, value: &Value) {
        let fits = match attribute["type"].as_str().unwrap() {
            "complex" => value.is_object(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64(),
            "decimal" => value.is_number(),
            "dateTime" => value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
            "reference" => value.as_str().is_some_and(|text| text.contains("://")),
            _ => value.is_string(),
        };
        assert!(fits, "{}: {} is {value}", self.name, name_of(attribute));
        let types = attribute["referenceTypes"].as_array().map_or(&[][..], Vec::as_slice);
        if let ([only], true) = (types, name_of(attribute) == "$ref") {
            let endpoint = format!("/{}s/", only.as_str().unwrap());
            assert!(value.as_str().unwrap().contains(&endpoint), "{}: {value} is no {only}", self.name);
        }
        let suggested = attribute["canonicalValues"].as_array().map_or(&[][..], Vec::as_slice);
        assert!(suggested.is_empty() || suggested.contains(value), "{}: {value} of {suggested:?}", self.name);
    }

    /// What was sent is there again, but for what is never returned.
    fn came_back(&self, sent: &Value, read: &Value) {
        for (urn, attribute) in &self.attributes {
            let (sent, read) =
                (place(sent, urn.as_deref(), name_of(attribute)), place(read, urn.as_deref(), name_of(attribute)));
            if is(attribute, "returned", "never") {
                assert!(read.is_null(), "{}: {} came back", self.name, name_of(attribute));
            } else if !sent.is_null() {
                assert!(includes(read, sent), "{}: {}: {sent} reads as {read}", self.name, name_of(attribute));
            }
        }
    }

    /// Each simple attribute can be changed by its path or not, as its mutability says.
    async fn mutability(&self, id: &str, before: &Value) {
        for (urn, attribute) in &self.attributes {
            let name = name_of(attribute);
            let path = urn.as_ref().map_or_else(|| name.to_owned(), |urn| format!("{urn}:{name}"));
            if is(attribute, "type", "complex") || attribute["multiValued"] == true || name == "userName" {
                continue;
            }
            let current = place(before, urn.as_deref(), name);
            let wanted = match (name, is(attribute, "type", "boolean")) {
                (_, true) => json!(!current.as_bool().unwrap()),
                ("locale", _) => json!("en-US"),
                ("timezone", _) => json!("Europe/Paris"),
                ("profileUrl", _) => json!("https://acme.example/eve"),
                ("password", _) => json!("Lz4-brown-Owl!83"),
                _ => json!(format!("another {name}")),
            };
            let body = patch(&json!([{ "op": "replace", "path": path, "value": wanted }]));
            let answer = self.bridge.scim.send(&format!("PATCH /Users/{id}"), Some(&body)).await;
            let read = self.bridge.scim.send(&format!("GET /Users/{id}"), None).await.body;
            let now = place(&read, urn.as_deref(), name);
            let about = format!("{}: {path}: {} {}", self.name, answer.status, answer.body);
            match attribute["mutability"].as_str().unwrap() {
                "readWrite" => assert_eq!((answer.status, now), (200, &wanted), "{about}"),
                "writeOnly" => assert_eq!((answer.status, now), (200, &Value::Null), "{about}"),
                "immutable" => assert_eq!((&answer.body["scimType"], now), (&json!("mutability"), current), "{about}"),
                _ => assert_eq!(now, current, "{about}"),
            }
        }
    }

    /// A user without what is required is refused, one without the rest is not; a name that somebody has is refused.
    async fn demands(&self) {
        let least = self.draft("least", false);
        for (urn, attribute) in self.attributes.iter().filter(|(_, own)| own["required"] == true) {
            let mut lacking = least.clone();
            let members = place_mut(&mut lacking, urn.as_deref());
            members.as_object_mut().unwrap().remove(name_of(attribute));
            let answer = self.bridge.scim.send("POST /Users", Some(&lacking)).await;
            let about = format!("{}: without {}: {}", self.name, name_of(attribute), answer.body);
            // Where the mapping has a default, a client may leave it out of a POST all the same.
            let is_filled = answer.status == 201;
            assert!(is_filled || answer.body["scimType"] == "invalidValue", "{about}");
            if is_filled {
                let id = answer.body["id"].as_str().unwrap();
                assert!(!place(&answer.body, urn.as_deref(), name_of(attribute)).is_null(), "{about}");
                self.bridge.scim.send(&format!("DELETE /Users/{id}"), None).await;
            }
        }
        let made = self.bridge.scim.send("POST /Users", Some(&least)).await;
        assert_eq!(made.status, 201, "{}: {least}: {}", self.name, made.body);
        let name = self.attributes.iter().find(|(_, own)| name_of(own) == "userName").map(|(_, own)| own).unwrap();
        assert_eq!(
            (&name["uniqueness"], &name["required"], &name["caseExact"]),
            (&json!("server"), &json!(true), &json!(false))
        );
        let again = self.bridge.scim.send("POST /Users", Some(&least)).await;
        assert_eq!((again.status, &again.body["scimType"]), (409, &json!("uniqueness")), "{}", self.name);
        let capitals = "GET /Users?filter=userName%20eq%20%22LEAST%40ACME.EXAMPLE%22";
        assert_eq!(self.bridge.scim.send(capitals, None).await.body["totalResults"], 1, "{}", self.name);
    }
}

/// Whether all that was sent is in what is read: tables may have more.
fn includes(read: &Value, sent: &Value) -> bool {
    match (read, sent) {
        (Value::Object(read), Value::Object(sent)) => {
            sent.iter().all(|(name, sent)| read.get(name).is_some_and(|read| includes(read, sent)))
        }
        (Value::Array(read), Value::Array(sent)) => {
            sent.iter().all(|sent| read.iter().any(|read| includes(read, sent)))
        }
        (read, sent) => read == sent,
    }
}

/// Holds all of it.
async fn hold(name: &str, bridge: &Served) {
    let held = Held::of(name, bridge).await;
    let draft = held.draft("ada", true);
    let made = bridge.scim.send("POST /Users", Some(&draft)).await;
    assert_eq!(made.status, 201, "{name}: {draft}: {}", made.body);
    let id = made.body["id"].as_str().unwrap();
    let read = bridge.scim.send(&format!("GET /Users/{id}"), None).await.body;
    held.came_back(&draft, &made.body);
    held.came_back(&draft, &read);
    held.shape(&made.body);
    held.shape(&read);
    let listed = bridge.scim.send("GET /Users", None).await.body;
    listed["Resources"].as_array().unwrap().iter().for_each(|user| held.shape(user));
    held.mutability(id, &read).await;
    held.demands().await;
}

#[tokio::test]
async fn the_schemas_of_the_shipped_mappings_tell_the_truth() {
    for name in ["crm", "redmine", "rocketchat", "zabbix", "zendesk"] {
        hold(name, &over(name).await).await;
    }
}

#[tokio::test]
async fn the_schemas_of_the_demo_tell_the_truth() {
    let running = bridge::demo(Seed::Empty).await;
    hold("demo", &running.bridge).await;
}
