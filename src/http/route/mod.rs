//! Method and path to an [`Operation`] (RFC 7644 §3.2).

use std::borrow::Cow;

use bytes::Bytes;
use http::Method;
use percent_encoding::percent_decode_str;

use crate::bridge::{Discovery, Operation};
use crate::http::query;
use crate::scim::bulk::BulkRequest;
use crate::scim::discovery::BulkLimits;
use crate::scim::{self, Precondition};

/// A request method, as far as SCIM knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// GET
    Get,
    /// HEAD: a GET whose body is not sent.
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
    /// OPTIONS
    Options,
    /// Any other.
    Other,
}

impl From<&Method> for Verb {
    fn from(method: &Method) -> Self {
        match method.as_str() {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }
}

impl Verb {
    /// The method's name; `other` for those that SCIM does not know, so that a client cannot make up labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Other => "other",
        }
    }
}

/// What a path below the tenant's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place<'p> {
    /// All resources of a type, by its index.
    Collection(usize),
    /// One resource: the type's index, and the id, percent-decoded.
    Resource(usize, Cow<'p, str>),
    /// Searches among a type's resources, by its index, or among those of all types.
    Search(Option<usize>),
    /// Several operations at once.
    Bulk,
    /// A discovery document.
    Discovery(Discovery),
    /// A place of the RFC that is not served.
    Unsupported(&'static str),
}

/// What is to be done where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route<'p> {
    /// List a type's resources.
    List(usize),
    /// Read one.
    Get(usize, Cow<'p, str>),
    /// Create one.
    Create(usize),
    /// Replace one.
    Replace(usize, Cow<'p, str>),
    /// Change one.
    Patch(usize, Cow<'p, str>),
    /// Remove one.
    Delete(usize, Cow<'p, str>),
    /// List a type's resources, or those of all types, as the body says.
    Search(Option<usize>),
    /// Carry several operations out.
    Bulk,
    /// Show a discovery document.
    Discover(Discovery),
}

/// Why a method at a place asks for no operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoOperation {
    /// The client asks which methods the place takes: these.
    Options(&'static str),
    /// The place does not take this method, but these.
    Method(&'static str),
    /// The place is not served at all: this one.
    Unsupported(&'static str),
}

/// What a request's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// It does not count.
    Ignored,
    /// A resource of the type with this index, or changes of one.
    Resource(usize),
    /// What a list is asked for.
    Search,
    /// Operations.
    Bulk,
}

/// What a request asks for.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "the large one is the usual one, and moved once")]
pub enum Job {
    /// One operation.
    One(Operation),
    /// Several, one after the other.
    Bulk(BulkRequest),
}

/// The bounds of what a request asks for.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of a decoded `filter`.
    pub filter: usize,
    /// Those of a bulk request.
    pub bulk: BulkLimits,
}

/// The methods of a type's endpoint.
const COLLECTION: &str = "GET, HEAD, POST, OPTIONS";
/// The methods of a resource.
const RESOURCE: &str = "GET, HEAD, PUT, PATCH, DELETE, OPTIONS";
/// The methods of a bulk request.
const BULK: &str = "POST, OPTIONS";
/// The methods of a search.
const SEARCH: &str = "POST, OPTIONS";
/// The methods of a discovery document.
const DISCOVERY: &str = "GET, HEAD, OPTIONS";

/// Reads a path below the tenant's; `kind` finds the index of the type with an endpoint (`/Users`). A slash at the end
/// does not count. `None`: there is no such place.
pub fn place(path: &str, kind: impl Fn(&str) -> Option<usize>) -> Option<Place<'_>> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let (endpoint, rest) = match path.strip_prefix('/')?.find('/') {
        None => (path, None),
        Some(end) => (&path[..=end], Some(&path[end + 2..])),
    };
    let last = match rest {
        None => None,
        Some(rest) if rest.contains('/') || rest.is_empty() => return None,
        Some(rest) => Some(percent_decode_str(rest).decode_utf8().ok()?),
    };
    match (endpoint, last) {
        ("/Bulk", None) => Some(Place::Bulk),
        ("/Me", None) => Some(Place::Unsupported("/Me")),
        ("/.search", None) => Some(Place::Search(None)),
        ("/ServiceProviderConfig", None) => Some(Place::Discovery(Discovery::ServiceProviderConfig)),
        ("/ResourceTypes", None) => Some(Place::Discovery(Discovery::ResourceTypes)),
        ("/ResourceTypes", Some(name)) => Some(Place::Discovery(Discovery::ResourceType(name.into_owned()))),
        ("/Schemas", None) => Some(Place::Discovery(Discovery::Schemas)),
        ("/Schemas", Some(urn)) => Some(Place::Discovery(Discovery::Schema(urn.into_owned()))),
        (_, None) => kind(endpoint).map(Place::Collection),
        (_, Some(id)) if id == ".search" => kind(endpoint).map(|kind| Place::Search(Some(kind))),
        (_, Some(id)) => kind(endpoint).map(|kind| Place::Resource(kind, id)),
    }
}

/// What a method does at a place.
///
/// # Errors
/// See [`NoOperation`].
pub fn route(verb: Verb, place: Place<'_>) -> Result<Route<'_>, NoOperation> {
    match (place, verb) {
        (Place::Collection(kind), Verb::Get | Verb::Head) => Ok(Route::List(kind)),
        (Place::Collection(kind), Verb::Post) => Ok(Route::Create(kind)),
        (Place::Collection(_), Verb::Options) => Err(NoOperation::Options(COLLECTION)),
        (Place::Collection(_), Verb::Put | Verb::Patch | Verb::Delete | Verb::Other) => {
            Err(NoOperation::Method(COLLECTION))
        }
        (Place::Resource(kind, id), Verb::Get | Verb::Head) => Ok(Route::Get(kind, id)),
        (Place::Resource(kind, id), Verb::Put) => Ok(Route::Replace(kind, id)),
        (Place::Resource(kind, id), Verb::Patch) => Ok(Route::Patch(kind, id)),
        (Place::Resource(kind, id), Verb::Delete) => Ok(Route::Delete(kind, id)),
        (Place::Resource(..), Verb::Options) => Err(NoOperation::Options(RESOURCE)),
        (Place::Resource(..), Verb::Post | Verb::Other) => Err(NoOperation::Method(RESOURCE)),
        (Place::Discovery(document), Verb::Get | Verb::Head) => Ok(Route::Discover(document)),
        (Place::Discovery(_), Verb::Options) => Err(NoOperation::Options(DISCOVERY)),
        (Place::Discovery(_), Verb::Post | Verb::Put | Verb::Patch | Verb::Delete | Verb::Other) => {
            Err(NoOperation::Method(DISCOVERY))
        }
        (Place::Search(kind), Verb::Post) => Ok(Route::Search(kind)),
        (Place::Search(_), Verb::Options) => Err(NoOperation::Options(SEARCH)),
        (Place::Search(_), Verb::Get | Verb::Head | Verb::Put | Verb::Patch | Verb::Delete | Verb::Other) => {
            Err(NoOperation::Method(SEARCH))
        }
        (Place::Bulk, Verb::Post) => Ok(Route::Bulk),
        (Place::Bulk, Verb::Options) => Err(NoOperation::Options(BULK)),
        (Place::Bulk, Verb::Get | Verb::Head | Verb::Put | Verb::Patch | Verb::Delete | Verb::Other) => {
            Err(NoOperation::Method(BULK))
        }
        (Place::Unsupported(place), _) => Err(NoOperation::Unsupported(place)),
    }
}

impl Route<'_> {
    /// What the request's body is.
    pub fn body(&self) -> Body {
        match self {
            Self::Create(kind) | Self::Replace(kind, _) | Self::Patch(kind, _) => Body::Resource(*kind),
            Self::Search(_) => Body::Search,
            Self::Bulk => Body::Bulk,
            Self::List(_) | Self::Get(..) | Self::Delete(..) | Self::Discover(_) => Body::Ignored,
        }
    }

    /// What would be changed, if anything: the operation's name, the index of the type, and the id, where there is one.
    pub fn change(&self) -> Option<(&'static str, Option<usize>, Option<&str>)> {
        match self {
            Self::Create(kind) => Some(("create", Some(*kind), None)),
            Self::Replace(kind, id) => Some(("replace", Some(*kind), Some(id))),
            Self::Patch(kind, id) => Some(("patch", Some(*kind), Some(id))),
            Self::Delete(kind, id) => Some(("delete", Some(*kind), Some(id))),
            Self::Bulk => Some(("bulk", None, None)),
            Self::List(_) | Self::Get(..) | Self::Search(_) | Self::Discover(_) => None,
        }
    }

    /// Whether the operation changes something: then nobody's hang-up may cancel it half-way.
    pub fn is_mutating(&self) -> bool {
        match self {
            Self::Create(_) | Self::Replace(..) | Self::Patch(..) | Self::Delete(..) | Self::Bulk => true,
            Self::List(_) | Self::Get(..) | Self::Search(_) | Self::Discover(_) => false,
        }
    }

    /// What is asked for, with the parameters of `query` (as sent), what it depends on, and the body.
    ///
    /// # Errors
    /// 400 for a parameter that is not valid, in the URL or in a search, and for what is no bulk request; 403 for a filter of
    /// discovery documents; 413 for a bulk request of too many operations.
    pub fn into_job(
        self,
        query: &str,
        bounds: Bounds,
        precondition: Option<Box<Precondition>>,
        body: Bytes,
    ) -> Result<Job, scim::Error> {
        let projection = || query::projection(query);
        Ok(Job::One(match self {
            Self::List(kind) => Operation::List { kind, query: query::list(query, bounds.filter)? },
            Self::Get(kind, id) => {
                Operation::Get { kind, id: id.into_owned(), projection: projection()?, precondition }
            }
            Self::Create(kind) => Operation::Create { kind, body, projection: projection()? },
            Self::Replace(kind, id) => {
                Operation::Replace { kind, id: id.into_owned(), body, projection: projection()?, precondition }
            }
            Self::Patch(kind, id) => {
                Operation::Patch { kind, id: id.into_owned(), body, projection: projection()?, precondition }
            }
            Self::Delete(kind, id) => Operation::Delete { kind, id: id.into_owned(), precondition },
            Self::Search(kind) => {
                let query = scim::search::parse(&body, bounds.filter)?;
                match kind {
                    Some(kind) => Operation::List { kind, query },
                    None => Operation::Search { query },
                }
            }
            Self::Bulk => return Ok(Job::Bulk(BulkRequest::parse(&body, bounds.bulk)?)),
            Self::Discover(document) => {
                query::without_filter(query)?;
                Operation::Discover(document)
            }
        }))
    }
}

#[cfg(test)]
mod tests;
