//! Bulk requests and their answers (RFC 7644 §3.7).

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::scim::discovery::BulkLimits;
use crate::scim::{Error, resource};
use crate::value::{member, type_name};

/// The URN of a bulk request.
const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// The URN of its answer.
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// What a reference to another operation begins with.
const REFERENCE: &str = "bulkId:";

/// A bulk request.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkRequest {
    /// After so many failures nothing more is begun.
    pub fail_on_errors: Option<usize>,
    /// What is to be done, in this order.
    pub operations: Vec<BulkOperation>,
}

/// One operation of a bulk request, as it was sent: what is wrong with it is told when it is its turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BulkOperation {
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path below the tenant's: `/Users/42`.
    pub path: String,
    /// The name of a resource that is going to be created.
    pub bulk_id: Option<String>,
    /// The version that the resource must have.
    pub version: Option<String>,
    /// The body.
    pub data: Option<Value>,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkOutcome {
    /// The resource's URL, where there is one.
    pub location: Option<String>,
    /// The resource's version, where it is known.
    pub version: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// Why it failed.
    pub error: Option<Error>,
}

impl BulkRequest {
    /// Reads the body of a bulk request.
    ///
    /// # Errors
    /// 400 `invalidSyntax` for what is none, 400 `invalidValue` for a `failOnErrors` below 1, 413 for more operations than
    /// the limit.
    pub fn parse(body: &[u8], limits: BulkLimits) -> Result<Self, Error> {
        let body = resource::parse(body)?;
        let named = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(REQUEST));
        let is_bulk = match member(&body, "schemas") {
            Some(Value::Array(urns)) => urns.iter().any(named),
            Some(single) => named(single),
            None => false,
        };
        if !is_bulk {
            return Err(Error::invalid_syntax(format!("`schemas` must contain `{REQUEST}`")));
        }
        let fail_on_errors = match member(&body, "failOnErrors") {
            None | Some(Value::Null) => None,
            Some(given) => {
                let count = given.as_u64().and_then(|count| usize::try_from(count).ok()).filter(|count| *count > 0);
                let wrong = || Error::invalid_value("`failOnErrors` must be a whole number above 0");
                Some(count.ok_or_else(wrong)?)
            }
        };
        let Some(Value::Array(operations)) = member(&body, "Operations") else {
            return Err(Error::invalid_syntax("`Operations` must be an array of operations"));
        };
        let most = limits.max_operations;
        if operations.len() > most {
            let detail = format!("{} operations are more than `maxOperations`, which is {most}", operations.len());
            return Err(Error::with_status(413, detail));
        }
        let operations = operations.iter().map(BulkOperation::parse).collect::<Result<_, _>>()?;
        Ok(Self { fail_on_errors, operations })
    }
}

impl BulkOperation {
    fn parse(operation: &Value) -> Result<Self, Error> {
        let Value::Object(members) = operation else {
            let detail = format!("an element of `Operations` must be an object, not {}", type_name(operation));
            return Err(Error::invalid_syntax(detail));
        };
        Ok(Self {
            method: text(members, "method")?.unwrap_or_default().to_ascii_uppercase(),
            path: text(members, "path")?.unwrap_or_default(),
            bulk_id: text(members, "bulkId")?,
            version: text(members, "version")?,
            data: member(members, "data").filter(|data| !data.is_null()).cloned(),
        })
    }

    /// What the answer says of it.
    pub fn answer(&self, outcome: &BulkOutcome) -> Value {
        let mut answer = Map::with_capacity(6);
        let mut put = |name: &str, value: Option<Value>| value.map(|value| answer.insert(name.to_owned(), value));
        put("method", Some(self.method.as_str().into()));
        put("bulkId", self.bulk_id.as_deref().map(Value::from));
        put("location", outcome.location.as_deref().map(Value::from));
        put("version", outcome.version.as_deref().map(Value::from));
        put("status", Some(outcome.status.to_string().into()));
        let error = outcome.error.as_ref().and_then(|error| serde_json::from_slice(&error.body()).ok());
        put("response", error);
        Value::Object(answer)
    }
}

/// The body of the answer to a bulk request, of what is answered of each operation.
pub fn response(operations: Vec<Value>) -> Vec<u8> {
    let mut body = Map::with_capacity(2);
    body.insert("schemas".to_owned(), Value::from(vec![RESPONSE]));
    body.insert("Operations".to_owned(), Value::Array(operations));
    Value::Object(body).to_string().into_bytes()
}

/// What the `bulkId`s of a request stand for.
#[derive(Debug, Default)]
pub struct BulkIds {
    /// Those of creates that are to come, or have failed.
    named: HashSet<String>,
    /// The ids of what was created.
    made: HashMap<String, String>,
    /// Those of creates that were tried.
    tried: HashSet<String>,
}

impl BulkIds {
    /// The `bulkId`s of a request of which nothing is done.
    pub fn of(request: &BulkRequest) -> Self {
        let creates = request.operations.iter().filter(|operation| operation.method == "POST");
        Self { named: creates.filter_map(|operation| operation.bulk_id.clone()).collect(), ..Self::default() }
    }

    /// Notes that it is a create's turn.
    ///
    /// # Errors
    /// 400 `invalidSyntax` for one without a `bulkId`, 400 `invalidValue` for one whose `bulkId` stands for another.
    pub fn begin(&mut self, operation: &BulkOperation) -> Result<(), Error> {
        match operation.bulk_id.as_deref() {
            None | Some("") => Err(Error::invalid_syntax("an operation with the method `POST` needs a `bulkId`")),
            Some(id) if !self.tried.insert(id.to_owned()) => {
                Err(Error::invalid_value(format!("the `bulkId` `{id}` stands for an earlier operation already")))
            }
            Some(_) => Ok(()),
        }
    }

    /// Notes what a create has made.
    pub fn made(&mut self, operation: &BulkOperation, id: String) {
        if let Some(bulk_id) = &operation.bulk_id {
            self.made.insert(bulk_id.clone(), id);
        }
    }

    /// The id that a text stands for, where it is a reference; `None` where it is none.
    ///
    /// # Errors
    /// 409 for a reference to what is not created yet, or could not be; 400 `invalidValue` for one to nothing.
    pub fn resolve(&self, text: &str) -> Result<Option<&str>, Error> {
        let Some(bulk_id) = text.strip_prefix(REFERENCE) else { return Ok(None) };
        if let Some(id) = self.made.get(bulk_id) {
            return Ok(Some(id));
        }
        Err(if self.tried.contains(bulk_id) {
            Error::with_status(409, format!("what the `bulkId` `{bulk_id}` stands for was not created"))
        } else if self.named.contains(bulk_id) {
            let detail =
                format!("what the `bulkId` `{bulk_id}` stands for is not created yet: put its operation first");
            Error::with_status(409, detail)
        } else {
            Error::invalid_value(format!("no `POST` of this request has the `bulkId` `{bulk_id}`"))
        })
    }

    /// Puts ids in the place of all references in a body: of values, and of those that a `path` compares with.
    ///
    /// # Errors
    /// As of [`resolve`](Self::resolve).
    pub fn fill(&self, data: &mut Value) -> Result<(), Error> {
        match data {
            Value::String(text) => {
                if let Some(id) = self.resolve(text)? {
                    *text = id.to_owned();
                }
            }
            Value::Array(elements) => elements.iter_mut().try_for_each(|element| self.fill(element))?,
            Value::Object(members) => {
                for (name, value) in members {
                    if let (Value::String(path), true) = (&mut *value, name.eq_ignore_ascii_case("path")) {
                        self.fill_path(path)?;
                    } else {
                        self.fill(value)?;
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        Ok(())
    }

    /// The same in `members[value eq "bulkId:x"]`.
    fn fill_path(&self, path: &mut String) -> Result<(), Error> {
        while let Some((before, (reference, behind))) =
            path.split_once("\"bulkId:").and_then(|(before, rest)| Some((before, rest.split_once('"')?)))
        {
            let id = self.resolve(&format!("{REFERENCE}{reference}"))?.unwrap_or_default();
            *path = format!("{before}{}{behind}", Value::from(id));
        }
        Ok(())
    }
}

/// A member that is text; null is as good as none.
fn text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, Error> {
    match member(members, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => {
            Err(Error::invalid_syntax(format!("`{name}` of an operation must be a string, not {}", type_name(other))))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::ErrorType;

    const LIMITS: BulkLimits = BulkLimits { max_operations: 2, max_payload_size: 1000 };

    fn parse(mut body: Value) -> Result<BulkRequest, Error> {
        body["schemas"] = json!([REQUEST]);
        BulkRequest::parse(body.to_string().as_bytes(), LIMITS)
    }

    #[test]
    fn a_request_is_read_as_it_was_sent() {
        let operation = json!({"method": "post", "path": "/Users", "bulkId": "a", "version": null, "data": {"x": 1}});
        let found = parse(json!({"failOnErrors": 1, "operations": [operation, {}]})).unwrap();
        let read = BulkOperation {
            method: "POST".to_owned(),
            path: "/Users".to_owned(),
            bulk_id: Some("a".to_owned()),
            version: None,
            data: Some(json!({"x": 1})),
        };
        assert_eq!(found, BulkRequest { fail_on_errors: Some(1), operations: vec![read, BulkOperation::default()] });
    }

    #[test]
    fn what_is_no_bulk_request_is_refused_whole() {
        let cases = [
            ("no operations", json!({}), 400, Some(ErrorType::InvalidSyntax)),
            ("an operation that is text", json!({"Operations": ["x"]}), 400, Some(ErrorType::InvalidSyntax)),
            ("a path that is no text", json!({"Operations": [{"path": 1}]}), 400, Some(ErrorType::InvalidSyntax)),
            ("no failures at all", json!({"failOnErrors": 0, "Operations": []}), 400, Some(ErrorType::InvalidValue)),
            ("half a failure", json!({"failOnErrors": 0.5, "Operations": []}), 400, Some(ErrorType::InvalidValue)),
            ("too many operations", json!({"Operations": [{}, {}, {}]}), 413, None),
        ];
        for (name, body, status, scim_type) in cases {
            let error = parse(body).unwrap_err();
            assert_eq!((error.status, error.scim_type), (status, scim_type), "{name}: {error}");
        }
        let error = BulkRequest::parse(br#"{"Operations": []}"#, LIMITS).unwrap_err();
        assert_eq!(error.scim_type, Some(ErrorType::InvalidSyntax), "another message");
    }

    #[test]
    fn references_lead_backwards_only() {
        let post = |id: &str| json!({"method": "POST", "path": "/Users", "bulkId": id});
        let request = parse(json!({"Operations": [post("made"), post("later")]})).unwrap();
        let mut ids = BulkIds::of(&request);
        ids.begin(&request.operations[0]).unwrap();
        assert_eq!(ids.resolve("bulkId:made").unwrap_err().status, 409, "it was tried, and not made");
        ids.made(&request.operations[0], "4\"2".to_owned());
        assert_eq!(ids.begin(&request.operations[0]).unwrap_err().scim_type, Some(ErrorType::InvalidValue), "twice");
        assert_eq!(ids.begin(&BulkOperation::default()).unwrap_err().scim_type, Some(ErrorType::InvalidSyntax));
        let cases = [
            ("a value", json!("bulkId:made"), Ok(json!("4\"2"))),
            (
                "deep inside",
                json!({"members": [{"value": "bulkId:made"}]}),
                Ok(json!({"members": [{"value": "4\"2"}]})),
            ),
            (
                "a path",
                json!({"path": "members[value eq \"bulkId:made\" or value eq \"7\"]"}),
                Ok(json!({"path": "members[value eq \"4\\\"2\" or value eq \"7\"]"})),
            ),
            ("inside a text", json!("see bulkId:made"), Ok(json!("see bulkId:made"))),
            ("forward", json!(["bulkId:later"]), Err((409, None))),
            ("forward in a path", json!({"path": "members[value eq \"bulkId:later\"]"}), Err((409, None))),
            ("to nothing", json!("bulkId:x"), Err((400, Some(ErrorType::InvalidValue)))),
        ];
        for (name, mut data, want) in cases {
            let filled = ids.fill(&mut data).map(|()| data).map_err(|error| (error.status, error.scim_type));
            assert_eq!(filled, want, "{name}");
        }
    }

    #[test]
    fn an_answer_holds_what_is_known_of_an_operation() {
        let operation = BulkOperation { method: "PUT".to_owned(), ..BulkOperation::default() };
        let location = Some("https://scim.example/Users/1".to_owned());
        let done = BulkOutcome { location, version: Some("W/\"1\"".to_owned()), status: 200, error: None };
        let want =
            json!({"method": "PUT", "location": "https://scim.example/Users/1", "version": "W/\"1\"", "status": "200"});
        assert_eq!(operation.answer(&done), want);
        let error = Error::invalid_value("x");
        let failed = BulkOutcome { location: None, version: None, status: 400, error: Some(error) };
        let shown = operation.answer(&failed);
        assert_eq!((&shown["status"], &shown["response"]["scimType"]), (&json!("400"), &json!("invalidValue")));
    }
}
