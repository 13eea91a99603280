//! What is sent back: status, the few headers we send at all, a body.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;

use crate::bridge::{self, Reply};
use crate::http::access::Challenge;
use crate::http::route::NoOperation;
use crate::scim;

pub use crate::telemetry::correlation::X_REQUEST_ID;

/// The media type of every body (RFC 7644 §3.1), unless the client takes only the plain one.
const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");

/// The media type for clients that do not know SCIM's own.
const PLAIN_JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A request that is answered without an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Early {
    /// The URL is longer than so many bytes.
    UrlTooLong(usize),
    /// There are more header lines than this, or more bytes in them than that.
    HeadersTooLarge(usize, usize),
    /// No valid token, and no user with the right password.
    Unauthorized(Challenge),
    /// A token that cannot be checked: the keys of its issuer are not known.
    NoKeys,
    /// It comes from an address that is not admitted.
    Elsewhere,
    /// It would change something, with a token that may only read.
    ReadOnly,
    /// No such path.
    NotFound,
    /// The path asks for no operation.
    NoOperation(NoOperation),
    /// The client takes no media type that we write.
    NotAcceptable,
    /// The body is of another media type, or encoded.
    MediaType,
    /// The body is larger than so many bytes.
    BodyTooLarge(usize),
    /// The body did not come in this time.
    BodyTooLate(Duration),
    /// The body broke off.
    BodyBroken,
    /// A parameter is not valid.
    Parameter(scim::Error),
    /// Too many operations are at work.
    Busy,
}

impl Early {
    /// What the log calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::UrlTooLong(_) => "url_too_long",
            Self::HeadersTooLarge(..) => "headers_too_large",
            Self::Unauthorized(_) => "unauthorized",
            Self::NoKeys => "no_keys",
            Self::Elsewhere => "not_admitted",
            Self::ReadOnly => "read_only",
            Self::NotFound => "no_such_path",
            Self::NoOperation(NoOperation::Options(_)) => "options",
            Self::NoOperation(NoOperation::Method(_)) => "method_not_allowed",
            Self::NoOperation(NoOperation::Unsupported(_)) => "not_implemented",
            Self::NotAcceptable => "not_acceptable",
            Self::MediaType => "media_type",
            Self::BodyTooLarge(_) => "body_too_large",
            Self::BodyTooLate(_) => "body_too_late",
            Self::BodyBroken => "body_broken",
            Self::Parameter(error) => error_kind(error),
            Self::Busy => "busy",
        }
    }

    /// The answer.
    pub fn into_response(self) -> Response<Full<Bytes>> {
        match self {
            Self::NoOperation(NoOperation::Options(allow)) => {
                let mut response = Response::new(Full::default());
                *response.status_mut() = StatusCode::NO_CONTENT;
                response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
                response
            }
            Self::NoOperation(NoOperation::Method(allow)) => {
                let mut response = failure(405, format!("this path takes only {allow}"));
                response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
                response
            }
            Self::NoOperation(NoOperation::Unsupported(place)) => {
                failure(501, format!("this service does not support `{place}`"))
            }
            Self::Unauthorized(challenge) => {
                let mut response = failure(401, challenge.detail().to_owned());
                for scheme in challenge.schemes() {
                    response.headers_mut().append(WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
                }
                response
            }
            Self::NoKeys => from_error(
                &error(503, "this service cannot fetch the keys of the token's issuer, so it cannot check the token".to_owned()),
                Some(Duration::from_secs(30)),
            ),
            Self::Elsewhere => failure(403, "requests from this address are not admitted".to_owned()),
            Self::ReadOnly => failure(403, "this token may only read".to_owned()),
            Self::UrlTooLong(most) => failure(414, format!("the URL is longer than {most} bytes")),
            Self::HeadersTooLarge(lines, bytes) => {
                failure(431, format!("the headers are more than {lines} lines or {bytes} bytes"))
            }
            Self::NotFound => failure(404, "there is no such path here".to_owned()),
            Self::NotAcceptable => failure(
                406,
                "the `Accept` header takes neither `application/scim+json` nor `application/json`, which are the types of \
                 every answer here"
                    .to_owned(),
            ),
            Self::MediaType => failure(
                415,
                "the body must be `application/scim+json` or `application/json`, without a `Content-Encoding`"
                    .to_owned(),
            ),
            Self::BodyTooLarge(most) => failure(413, format!("the body is larger than {most} bytes")),
            Self::BodyTooLate(time) => failure(408, format!("the body did not come within {} seconds", time.as_secs())),
            Self::BodyBroken => failure(400, "the body broke off".to_owned()),
            Self::Parameter(error) => from_error(&error, None),
            Self::Busy => from_error(
                &error(503, "too many requests are at work, try again".to_owned()),
                Some(Duration::from_secs(1)),
            ),
        }
    }
}

/// The response of a finished operation.
pub fn from_reply(reply: Reply) -> Response<Full<Bytes>> {
    let has_body = !reply.body.is_empty();
    let mut response = Response::new(Full::new(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if has_body {
        response.headers_mut().insert(CONTENT_TYPE, SCIM_JSON);
    }
    if let Some(Ok(location)) = reply.location.map(HeaderValue::try_from) {
        response.headers_mut().insert(LOCATION, location);
    }
    if let Some(version) = reply.version {
        response.headers_mut().insert(ETAG, version);
    }
    response
}

/// The response of a failure; `retry_after` is rounded up to whole seconds, the only form that Okta reads.
pub fn from_error(error: &scim::Error, retry_after: Option<Duration>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(error.body())));
    *response.status_mut() = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, SCIM_JSON);
    if let Some(wait) = retry_after {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    response
}

/// The same response with its body called plain JSON.
pub fn as_plain_json(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    if let Some(media_type) = response.headers_mut().get_mut(CONTENT_TYPE) {
        *media_type = PLAIN_JSON;
    }
    response
}

/// The response of a request whose operation panicked.
pub fn panicked(correlation: &str) -> Response<Full<Bytes>> {
    failure(500, format!("an internal fault, logged under the request id {correlation}"))
}

/// What the log calls the failure of an operation, which the client sees as `shown`.
pub fn failure_kind(failure: &bridge::Error, shown: &scim::Error) -> &'static str {
    if failure.is_planned() { "planned" } else { error_kind(shown) }
}

/// What the log calls a failure: the SCIM error type, else the kind of its status.
pub fn error_kind(error: &scim::Error) -> &'static str {
    match (error.scim_type, error.status) {
        (Some(kind), _) => kind.as_str(),
        (None, 404) => "not_found",
        (None, 409) => "conflict",
        (None, 429) => "too_many_requests",
        (None, 501) => "not_implemented",
        (None, 502) => "bad_gateway",
        (None, 503) => "unavailable",
        (None, 504) => "gateway_timeout",
        (None, 500..) => "internal",
        (None, _) => "bad_request",
    }
}

fn error(status: u16, detail: String) -> scim::Error {
    scim::Error { status, scim_type: None, detail }
}

fn failure(status: u16, detail: String) -> Response<Full<Bytes>> {
    from_error(&error(status, detail), None)
}
