//! What is known of an API, wherever it comes from: the middle between an OpenAPI file, a curl line or a record, and a mapping.

use serde_json::Value;

use crate::init::shape::Field;
use crate::init::words::Noun;

/// An API.
#[derive(Clone, Debug, Default)]
pub(super) struct Api {
    /// Where it is known from, for the first comment.
    pub(super) sources: Vec<String>,
    /// Its base URL.
    pub(super) url: Option<String>,
    /// The path of the base URL, where no more of it is known.
    pub(super) path: String,
    /// How it wants to be asked.
    pub(super) credentials: Vec<Credential>,
    /// Other headers of every call.
    pub(super) headers: Vec<(String, String)>,
    /// Its bodies are HTML forms.
    pub(super) form: bool,
    /// A create of somebody who exists already is answered 409, as far as is said.
    pub(super) conflict: bool,
    /// The place of the text of a refusal.
    pub(super) refusal: Option<String>,
    /// The resource types.
    pub(super) resources: Vec<Resource>,
    /// What somebody must look up.
    pub(super) unknown: Vec<String>,
}

/// How calls prove who makes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Credential {
    /// A header, with what stands before the secret: `Bearer `.
    Header(String, String),
    /// A query parameter.
    Query(String),
    /// A cookie.
    Cookie(String),
    /// HTTP basic.
    Basic,
    /// OAuth 2 client credentials, by the URL of the token and the scopes.
    Client(String, String),
}

/// Users or groups.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    /// Which of them.
    pub(super) noun: Noun,
    /// The fields of a record.
    pub(super) record: Vec<Field>,
    /// The fields that a create takes, if that is known.
    pub(super) created: Option<Vec<Field>>,
    /// The fields that an update takes, if that is known.
    pub(super) updated: Option<Vec<Field>>,
    /// The name of the parameter by which a record is addressed.
    pub(super) key: Option<String>,
    /// The calls.
    pub(super) list: Option<Listing>,
    /// Reads one.
    pub(super) get: Option<Call>,
    /// Makes one.
    pub(super) create: Option<Call>,
    /// Changes one.
    pub(super) update: Option<Call>,
    /// Takes one away.
    pub(super) delete: Option<Call>,
    /// Lets one in again.
    pub(super) enable: Option<Call>,
    /// Shuts one out.
    pub(super) disable: Option<Call>,
    /// Sets whether one is in.
    pub(super) status: Option<Call>,
    /// Sets the password.
    pub(super) password: Option<Call>,
    /// Reads the members.
    pub(super) members: Option<Listing>,
    /// The fields of a member.
    pub(super) member: Vec<Field>,
    /// Adds a member.
    pub(super) add: Option<Call>,
    /// Takes a member out.
    pub(super) remove: Option<Call>,
}

impl Resource {
    /// A resource of which nothing is known.
    pub(super) fn new(noun: Noun) -> Self {
        Self {
            noun,
            record: Vec::new(),
            created: None,
            updated: None,
            key: None,
            list: None,
            get: None,
            create: None,
            update: None,
            delete: None,
            enable: None,
            disable: None,
            status: None,
            password: None,
            members: None,
            member: Vec::new(),
            add: None,
            remove: None,
        }
    }
}

/// One request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Call {
    /// `GET /users/{id}`.
    pub(super) request: String,
    /// The body, where it is not simply the record. `Value::Null` is none.
    pub(super) body: Value,
    /// The place of the record in the answer, where it is not the answer.
    pub(super) item: Option<String>,
    /// The answer holds the record, or something of it.
    pub(super) answers: bool,
    /// A pattern of the `Location` header that holds the id.
    pub(super) location: Option<String>,
    /// The body is an HTML form.
    pub(super) form: bool,
}

/// A request that reads many.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Listing {
    /// The request without its query.
    pub(super) call: Call,
    /// Its paging parameters, with their holes.
    pub(super) paging: Vec<(String, String)>,
    /// Its other parameters, by which it may search.
    pub(super) searches: Vec<String>,
    /// Parameters that must be given, with a value.
    pub(super) fixed: Vec<(String, String)>,
    /// The place of the list; empty where nobody says.
    pub(super) items: String,
    /// The source of the total, as TOML.
    pub(super) total: Option<String>,
    /// The source of the next page, as TOML.
    pub(super) next: Option<String>,
    /// The number of the first page.
    pub(super) first: Option<u64>,
    /// The largest page.
    pub(super) size: Option<u64>,
}
