//! What an answer means: the mapping's error rows first, then the defaults of the reference.

use http::header::RETRY_AFTER;
use jiff::Timestamp;
use serde::de::IgnoredAny;

use crate::mapping::call::{Call, ErrorRow, Purpose, RetryAfter, Then};
use crate::mapping::scope::{AnswerScope, Scope};
use crate::scim::ErrorType;
use crate::upstream::answer::Media;
use crate::upstream::retry::{Class, Failure, retry_after};
use crate::upstream::{Answer, Error};
use crate::value::scan;

/// 407 Proxy Authentication Required (RFC 9110 §15.5.8).
const PROXY_REFUSED: u16 = 407;

/// Judges an answer. A call without rows that look at the body is decided without parsing it.
pub(crate) fn judge(
    (call, wait): (&Call, Option<&RetryAfter>),
    scope: &Scope<'_>,
    mut answer: Answer,
) -> Result<Answer, Failure> {
    // No API answers so: it is a proxy that does, and of its answers the mapping's rows know nothing.
    if answer.status == PROXY_REFUSED {
        return Err(Failure::last(Error::ProxyRefused { call: call.label.clone() }));
    }
    let mut parsed = false;
    let row = call.errors.iter().find(|row| {
        parsed |= row.when.reads_body();
        holds(row, scope, &answer)
    });
    let Some(row) = row else { return by_status((call, wait), scope, answer, parsed) };
    match row.then {
        Then::Ok => Ok(answer),
        Then::Empty => {
            answer.ends_list = true;
            Ok(answer)
        }
        Then::Retry => Err(refused(call, wait, &answer)),
        Then::Login => Err(logged_out(call, scope, answer.status)),
        Then::NotFound => not_found(call, scope, answer, Some(row)),
        Then::Type(_) | Then::Status(_) => Err(answered(call, scope, &answer, row.then, Some(row))),
    }
}

fn holds(row: &ErrorRow, scope: &Scope<'_>, answer: &Answer) -> bool {
    let body = if row.when.reads_body() { answer.value() } else { None };
    row.when
        .holds(&Scope { answer: Some(AnswerScope { status: answer.status, headers: &answer.headers, body }), ..*scope })
}

/// The defaults. `parsed`: a row wanted to see the body, so a body that cannot be read may hide an error.
fn by_status(
    (call, wait): (&Call, Option<&RetryAfter>),
    scope: &Scope<'_>,
    answer: Answer,
    parsed: bool,
) -> Result<Answer, Failure> {
    use Purpose::{Add, Before, Change, Create, Delete, Get, List, Part, Remove, Undo, Update};
    let status = answer.status;
    match (status, call.purpose) {
        (200..300, _) => readable(call, answer, parsed),
        (404, _) => not_found(call, scope, answer, None),
        (400 | 422, Create | Update | Add | Remove | Change | Delete | Undo) => {
            Err(answered(call, scope, &answer, Then::Type(ErrorType::InvalidValue), None))
        }
        (401, _) => Err(logged_out(call, scope, status)),
        (403, _) => Err(Failure::last(Error::CredentialsRefused { call: call.label.clone(), status })),
        (409, Delete) => Err(answered(call, scope, &answer, Then::Status(409), None)),
        (409, Create | Update | Add | Remove | Change | Undo) => {
            Err(answered(call, scope, &answer, Then::Type(ErrorType::Uniqueness), None))
        }
        (412, _) => Err(answered(call, scope, &answer, Then::Status(412), None)),
        (429, _) => Err(refused(call, wait, &answer)),
        (503, _) if answer.headers.contains_key(RETRY_AFTER) => {
            Err(Failure { unhealthy: true, ..refused(call, wait, &answer) })
        }
        (500.., _) => Err(Failure { error: failed(call, &answer), class: Class::Unknown, unhealthy: true }),
        (400 | 409 | 422, List | Get | Part | Before) | (_, _) => Err(Failure::last(failed(call, &answer))),
    }
}

/// A 2xx answer of another type, or one whose JSON does not parse where it was looked at, is no success: a login page, half a
/// body, an error in disguise.
fn readable(call: &Call, answer: Answer, parsed: bool) -> Result<Answer, Failure> {
    let reason = match answer.media() {
        _ if answer.body.is_empty() => return Ok(answer),
        Media::BrokenXml => "the body is not XML that can be read",
        Media::Other if call.xml.is_some() => "the answer is neither XML nor JSON nor plain text",
        Media::Other => "the answer is neither JSON nor plain text",
        Media::Json if parsed && answer.value().is_none() => "the body is not JSON",
        // Reads find out when they look for the record; of a write the answer may be all that there is to see.
        Media::Json if writes(call) && !is_json(&answer.body) => "the body is not JSON",
        Media::Json | Media::Text => return Ok(answer),
    };
    let error = Error::Unreadable { call: call.label.clone(), status: Some(answer.status), reason: reason.to_owned() };
    Err(Failure { error, class: Class::Unknown, unhealthy: false })
}

fn is_json(body: &[u8]) -> bool {
    match std::str::from_utf8(body) {
        Ok(text) => scan::only(text).is_ok(),
        Err(_) => serde_json::from_slice::<IgnoredAny>(body).is_ok(),
    }
}

fn writes(call: &Call) -> bool {
    match call.purpose {
        Purpose::Create
        | Purpose::Update
        | Purpose::Add
        | Purpose::Remove
        | Purpose::Change
        | Purpose::Delete
        | Purpose::Undo
        | Purpose::Login => true,
        Purpose::List | Purpose::Get | Purpose::Part | Purpose::Before => false,
    }
}

/// A 404 says what the call's purpose makes of it.
fn not_found(call: &Call, scope: &Scope<'_>, mut answer: Answer, row: Option<&ErrorRow>) -> Result<Answer, Failure> {
    match call.purpose {
        Purpose::Get | Purpose::Update | Purpose::Before | Purpose::Delete => {
            Err(answered(call, scope, &answer, Then::NotFound, row))
        }
        Purpose::Remove | Purpose::Undo => Ok(answer),
        Purpose::Add => Err(answered(call, scope, &answer, Then::Type(ErrorType::InvalidValue), row)),
        Purpose::List if is_filtered(call, scope) => {
            answer.ends_list = true;
            Ok(answer)
        }
        Purpose::List | Purpose::Part | Purpose::Create | Purpose::Change | Purpose::Login => {
            Err(Failure::last(failed(call, &answer)))
        }
    }
}

fn is_filtered(call: &Call, scope: &Scope<'_>) -> bool {
    call.filters.iter().any(|hole| {
        let fills =
            |attribute: &str, operator| operator == hole.operator && attribute.eq_ignore_ascii_case(&hole.attribute);
        scope.filter.iter().any(|(attribute, operator, _)| fills(attribute, *operator))
    })
}

fn answered(call: &Call, scope: &Scope<'_>, answer: &Answer, then: Then, row: Option<&ErrorRow>) -> Failure {
    let detail = row.and_then(|row| row.detail.as_ref());
    let detail = detail.map(|detail| detail.fill_loosely(&Scope { answer: Some(answer.scope()), ..*scope }));
    let (call, status) = (call.label.clone(), answer.status);
    Failure::last(Error::Answered { call, status, then, detail: detail.filter(|text| !text.is_empty()) })
}

/// The credentials of this call count no longer: another login may help where there is a session.
fn logged_out(call: &Call, scope: &Scope<'_>, status: u16) -> Failure {
    let failure = Failure::last(Error::CredentialsRefused { call: call.label.clone(), status });
    if scope.session.is_some() { Failure { class: Class::LoggedOut, ..failure } } else { failure }
}

fn refused(call: &Call, wait: Option<&RetryAfter>, answer: &Answer) -> Failure {
    let retry_after = retry_after(&answer.headers, wait, Timestamp::now());
    let error = Error::Refused { call: call.label.clone(), status: answer.status, retry_after };
    Failure { error, class: Class::Refused(retry_after), unhealthy: false }
}

fn failed(call: &Call, answer: &Answer) -> Error {
    Error::Failed { call: call.label.clone(), status: answer.status }
}

#[cfg(test)]
mod tests;
