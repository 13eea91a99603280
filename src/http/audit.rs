//! The audit: one flat event per operation that changes something, and one per refused access.
//!
//! The events go to the log at info, with a target of their own: `log.level = "warn,scim_bridge::audit=info"` keeps them where
//! the rest is too much. They name callers, addresses and ids of resources, never a value of a person.

use std::net::IpAddr;
use std::time::Duration;

use percent_encoding::percent_decode_str;

use crate::http::access::Refusal;
use crate::http::exchange::End;
use crate::http::route::Verb;
use crate::telemetry::Trace;
use crate::telemetry::metrics::Label;

/// The target of all events of the audit.
const TARGET: &str = "scim_bridge::audit";

/// An operation that changes something: who asked for it, and what it is about.
#[derive(Debug)]
pub(super) struct Audited {
    /// The name of the token or the user.
    pub(super) caller: Label,
    /// Where the request comes from.
    pub(super) source: IpAddr,
    /// `create`, `replace`, `patch` or `delete`.
    pub(super) operation: &'static str,
    /// The endpoint of the resource's type.
    pub(super) endpoint: Option<Label>,
    /// The resource's id; of a new one it is known when it is there.
    pub(super) id: Option<String>,
}

impl Audited {
    /// Takes the id of a new resource from its URL.
    pub(super) fn created(&mut self, location: Option<&str>) {
        let last = location.and_then(|url| url.rsplit('/').next());
        if let (None, Some(last)) = (&self.id, last) {
            self.id = Some(percent_decode_str(last).decode_utf8_lossy().into_owned());
        }
    }
}

/// An operation has ended.
pub(super) fn ended(audited: &Audited, tenant: &str, (verb, end, took): (Verb, &End<'_>, Duration), trace: &Trace) {
    tracing::info!(
        target: TARGET,
        audit = "operation",
        tenant,
        caller = audited.caller.as_str(),
        client.address = %audited.source,
        http.request.method = verb.as_str(),
        operation = audited.operation,
        resource.type = audited.endpoint.as_ref().map(Label::as_str),
        resource.id = audited.id.as_deref(),
        http.response.status_code = end.status,
        outcome = end.kind,
        upstream.calls = trace.calls(),
        duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        request.id = trace.id.as_str(),
        "audit"
    );
}

/// Somebody was refused before anything was done.
pub(super) fn refused(tenant: &str, source: IpAddr, verb: Verb, refusal: Refusal, request: &str) {
    tracing::info!(
        target: TARGET,
        audit = "refused",
        tenant,
        client.address = %source,
        http.request.method = verb.as_str(),
        reason = refusal.as_str(),
        request.id = request,
        "audit"
    );
}

/// Somebody did not get through the handshake of TLS, which asks for a certificate.
pub(super) fn refused_handshake(source: IpAddr) {
    tracing::info!(target: TARGET, audit = "refused", client.address = %source, reason = "certificate", "audit");
}
