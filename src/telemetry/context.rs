//! The trace that a request belongs to (W3C Trace Context): taken over, told in the log, and passed on with its state.

use http::header::Entry;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::telemetry::correlation::{CorrelationIds, X_REQUEST_ID};
use crate::telemetry::state::{self, TRACESTATE};
use crate::telemetry::{Trace, correlation};

/// The header that names a trace and the span within it.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Bytes of a `traceparent` of version 00: `00-` trace `-` span `-` flags.
const LENGTH: usize = 55;

/// A trace: 32 hex digits, and whether somebody keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The trace's id.
    pub id: String,
    is_sampled: bool,
    /// What tracing systems say beside it.
    state: Option<HeaderValue>,
}

impl Context {
    /// The trace of a request with these headers; a new one where what they say is no trace, none where they say nothing.
    pub fn of(headers: &HeaderMap, ids: &CorrelationIds) -> Option<Self> {
        let mut presented = headers.get_all(TRACEPARENT).iter();
        let first = presented.next()?;
        let taken = if presented.next().is_none() { read(first.as_bytes()) } else { None };
        // Of another trace than the client's, nobody has said anything.
        let taken = taken.map(|taken| Self { state: state::of(headers), ..taken });
        Some(taken.unwrap_or_else(|| Self { id: ids.next() + &ids.next(), is_sampled: false, state: None }))
    }

    /// The header of a call that belongs to it, with a span of its own.
    fn header(&self) -> Option<HeaderValue> {
        // All zeros are no span.
        let span = getrandom::u64().unwrap_or(1).max(1);
        let flags = u8::from(self.is_sampled);
        HeaderValue::try_from(format!("00-{}-{}-0{flags}", self.id, correlation::hex(span))).ok()
    }
}

/// Reads a `traceparent`; later versions as far as they are like 00.
fn read(presented: &[u8]) -> Option<Context> {
    let text = std::str::from_utf8(presented).ok()?;
    let mut parts = text.split('-');
    let parts = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let is_hex = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_shaped = parts.map(str::len) == [2, 32, 16, 2] && parts.iter().all(|part| is_hex(part));
    let is_of_version = match parts[0] {
        "ff" => false,
        "00" => text.len() == LENGTH,
        _ => true,
    };
    let is_some = |part: &str| part.bytes().any(|byte| byte != b'0');
    let is_sampled = u8::from_str_radix(parts[3], 16).is_ok_and(|flags| flags & 1 == 1);
    let is_valid = is_shaped && is_of_version && is_some(parts[1]) && is_some(parts[2]);
    is_valid.then(|| Context { id: parts[1].to_owned(), is_sampled, state: None })
}

impl Trace {
    /// Names the request, and its trace, in the headers of a call to the upstream; what stands there already stays.
    pub fn name_in(&self, headers: &mut HeaderMap) {
        if let (false, Ok(id)) = (self.id.is_empty(), HeaderValue::from_str(&self.id)) {
            headers.entry(X_REQUEST_ID).or_insert(id);
        }
        let Some(context) = &self.context else { return };
        // A state belongs to its trace: beside one that the mapping sets it would be a lie.
        if let (Some(header), Entry::Vacant(place)) = (context.header(), headers.entry(TRACEPARENT)) {
            place.insert(header);
            if let Some(state) = &context.state {
                headers.entry(TRACESTATE).or_insert_with(|| state.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn of(presented: &[&str]) -> Option<Context> {
        let values = presented.iter().map(|value| (TRACEPARENT, HeaderValue::from_bytes(value.as_bytes()).unwrap()));
        let mut headers = HeaderMap::new();
        values.for_each(|(name, value)| {
            headers.append(name, value);
        });
        Context::of(&headers, &CorrelationIds::from_seed(7))
    }

    #[test]
    fn a_trace_is_taken_over_only_when_it_is_one() {
        let span = "00f067aa0ba902b7";
        let cases = [
            ("the example of the standard", format!("00-{TRACE}-{span}-01"), true),
            ("not sampled", format!("00-{TRACE}-{span}-00"), true),
            ("a later version with more", format!("cc-{TRACE}-{span}-01-what-comes"), true),
            ("version 00 with more", format!("00-{TRACE}-{span}-01-more"), false),
            ("a version that is none", format!("ff-{TRACE}-{span}-01"), false),
            ("capitals", format!("00-{}-{span}-01", TRACE.to_uppercase()), false),
            ("all zeros", format!("00-{}-{span}-01", "0".repeat(32)), false),
            ("no span", format!("00-{TRACE}-{}-01", "0".repeat(16)), false),
            ("too short", format!("00-{TRACE}-{span}"), false),
            ("not ASCII", "é".repeat(27) + "x", false),
            ("empty", String::new(), false),
            ("10 kB", "0".repeat(10_000), false),
        ];
        for (name, presented, is_taken) in cases {
            let context = of(&[&presented]).unwrap();
            assert_eq!(context.id == TRACE, is_taken, "{name}");
            assert!(context.id.len() == 32 && context.id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        }
        assert_eq!(of(&[]), None);
        let one = format!("00-{TRACE}-{span}-01");
        assert_ne!(of(&[&one, &one]).unwrap().id, TRACE, "two of them");
    }

    #[test]
    fn a_call_carries_the_trace_with_a_span_of_its_own() {
        let context = of(&[&format!("00-{TRACE}-00f067aa0ba902b7-03")]);
        let trace = Trace { context, ..Trace::new("r-1".to_owned()) };
        let sent = || {
            let mut headers = HeaderMap::new();
            trace.name_in(&mut headers);
            assert_eq!(headers[X_REQUEST_ID], "r-1");
            headers[TRACEPARENT].to_str().unwrap().to_owned()
        };
        let (one, other) = (sent(), sent());
        for header in [&one, &other] {
            assert!(header.starts_with(&format!("00-{TRACE}-")) && header.ends_with("-01"), "{header}");
            assert_eq!(read(header.as_bytes()), trace.context);
        }
        assert_ne!(one, other);
        let mut headers = HeaderMap::from_iter([(X_REQUEST_ID, HeaderValue::from_static("the mapping's own"))]);
        trace.name_in(&mut headers);
        assert_eq!(headers[X_REQUEST_ID], "the mapping's own");
    }

    #[test]
    fn a_state_goes_with_its_trace_and_with_no_other() {
        let right = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let own = "00-11111111111111111111111111111111-2222222222222222-00";
        let cases = [
            ("with its trace", right.as_str(), None, Some("congo=1")),
            ("beside what is no trace", "nonsense", None, None),
            ("beside the mapping's trace", right.as_str(), Some(own), None),
        ];
        for (name, parent, mapped, want) in cases {
            let value = |text: &str| HeaderValue::from_str(text).unwrap();
            let sent = HeaderMap::from_iter([(TRACEPARENT, value(parent)), (TRACESTATE, value("congo=1"))]);
            let context = Context::of(&sent, &CorrelationIds::from_seed(7));
            let trace = Trace { context, ..Trace::new("r-1".to_owned()) };
            let mut headers = HeaderMap::from_iter(mapped.map(|mapped| (TRACEPARENT, value(mapped))));
            trace.aside().name_in(&mut headers);
            assert_eq!(headers.get(TRACESTATE).map(|state| state.to_str().unwrap()), want, "{name}");
        }
    }
}
