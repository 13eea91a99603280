//! Transcripts: what a client asks, what the bridge must call, what the upstream answers, and what the client must get.
//!
//! A `.scim` file beside a mapping holds transcripts. [`parse`] reads it, [`play`] asks the bridge over the mapping, with a
//! [`player`] in the place of the network; [`expect`] compares and [`report`] shows what differs.
//!
//! ```text
//! tenant.org = 42                          what {tenant.org} is; before the first title
//!
//! == a user who leaves is disabled         a title; the bridge begins anew at each
//! PATCH /Users/17                          the client's request: first line, headers, body
//! { "Operations": [{ "op": "replace", "value": { "active": false } }] }
//!
//! -> POST /people/17/disable               the call that must come; below the mapping's `url`
//! <- 204                                   what the upstream answers to it
//!
//! 200                                      what the client must get; further requests may follow
//! { "active": false }
//! - password                               what must not be there
//! ```

use std::fmt;
use std::ops::Range;

use serde_json::Value;

use crate::mapping::path::Path;
use crate::mapping::source::Source;

pub mod expect;
pub mod parse;
pub mod play;
pub mod player;
pub mod report;
pub mod suite;
pub mod write;

pub use suite::Suite;

/// A file of transcripts.
#[derive(Clone, Debug)]
pub struct File {
    /// The text.
    pub source: Source,
    /// `tenant.x = …` of the head: name, value, place of the name.
    pub variables: Vec<(String, String, Range<usize>)>,
    /// The transcripts, in order.
    pub transcripts: Vec<Transcript>,
}

/// SCIM requests in a row, over one bridge that knows nothing at first.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// The text after `==`.
    pub title: String,
    /// The line of the title.
    pub line: usize,
    /// The requests with all that belongs to them, in order.
    pub exchanges: Vec<Exchange>,
}

/// A SCIM request, the calls that it must cause, and what it must be answered.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request.
    pub request: Request,
    /// The calls, in order.
    pub calls: Vec<Call>,
    /// The answer.
    pub reply: Reply,
}

/// A SCIM request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its lines in the file, the first from 1.
    pub lines: Range<usize>,
    /// The method.
    pub method: http::Method,
    /// Path and query below the tenant's path, with everything encoded that a URL does not take as it is.
    pub target: String,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: Option<Body>,
}

/// An expected upstream call and its canned answer.
#[derive(Clone, Debug)]
pub struct Call {
    /// The lines of the call, without its answer.
    pub lines: Range<usize>,
    /// The method.
    pub method: http::Method,
    /// Path and query below the mapping's `url`, or a whole URL of another origin.
    pub target: String,
    /// Headers that must be among those of the call.
    pub headers: http::HeaderMap,
    /// The body that the call must have.
    pub body: Option<Body>,
    /// What it is answered.
    pub answer: Answer,
}

/// A canned answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// An HTTP answer.
    Response(Box<Canned>),
    /// None.
    Failure(Failure),
}

/// A canned HTTP answer.
#[derive(Clone, Debug)]
pub struct Canned {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: Option<Body>,
}

/// Why an upstream call is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The upstream says nothing until the call's time is up.
    Timeout,
    /// The connection breaks after the call was sent.
    Reset,
    /// There is no connection: the call was certainly not carried out.
    Refused,
}

/// The answer that the client must get.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its lines in the file.
    pub lines: Range<usize>,
    /// The status.
    pub status: u16,
    /// Headers that must be among those of the answer.
    pub headers: http::HeaderMap,
    /// What the body must hold at least.
    pub body: Option<Value>,
    /// Paths at which the body must have nothing.
    pub absent: Vec<Path>,
}

/// A body as its author wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// The text.
    pub text: String,
    /// The value, where the text is JSON.
    pub json: Option<Value>,
    /// Whether it stands between backticks, to be taken as it is.
    pub is_verbatim: bool,
}

impl Failure {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Timeout, Self::Reset, Self::Refused];
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::Refused => "refused",
        })
    }
}
