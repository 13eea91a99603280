//! One SCIM request and the upstream calls that it caused, as lines to read.

use std::fmt::Write;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::form_urlencoded;

use crate::telemetry::TracedCall;
use crate::value::on_one_line;

/// Characters of a body or a query that are shown; the rest is cut.
const SHOWN: usize = 100;

/// The request's own line: `PATCH /Users/17  200  3.1 ms`. `target` is the path and query below the SCIM base.
pub(super) fn request_line(method: &str, target: &str, status: u16, took: Duration) -> String {
    format!("{method} {}  {status}  {}", readable(target), milliseconds(took))
}

/// The line of one upstream call: `   -> POST /people/17/disable  204  0.4 ms`. Passwords are masked; headers, and so the
/// API's key, are not part of it.
pub(super) fn call_line(call: &TracedCall) -> String {
    let target = call.target.strip_prefix("/api").unwrap_or(&call.target);
    let mut line = format!("   -> {} {}", call.method, readable(target));
    if let Some(body) = call.body.as_deref().filter(|body| !body.is_empty()) {
        line.push_str("  ");
        line.push_str(&shortened(&masked(body)));
    }
    // Writing to a string cannot fail.
    let _ = match call.status {
        Some(status) => write!(line, "  {status}  {}", milliseconds(call.took)),
        None => write!(line, "  no answer  {}", milliseconds(call.took)),
    };
    line
}

/// `3.1 ms`
fn milliseconds(took: Duration) -> String {
    format!("{:.1} ms", took.as_secs_f64() * 1000.0)
}

/// A path and query without percent signs, cut, on one line.
fn readable(target: &str) -> String {
    shortened(&percent_decode_str(target).decode_utf8_lossy())
}

/// The text's first characters on one line: it may hold what a client made up.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", on_one_line(&text[..end])),
        None => on_one_line(text),
    }
}

/// A JSON or form body with its passwords masked.
fn masked(body: &[u8]) -> String {
    if let Ok(Value::Object(mut members)) = serde_json::from_slice(body) {
        for (_, value) in members.iter_mut().filter(|(name, _)| is_password(name)) {
            *value = Value::from("***");
        }
        return Value::Object(members).to_string();
    }
    let fields = form_urlencoded::parse(body).map(|(name, value)| {
        let value = if is_password(&name) { "***" } else { &value };
        format!("{name}={value}")
    });
    fields.collect::<Vec<_>>().join(" & ")
}

fn is_password(name: &str) -> bool {
    name.contains("password")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn a_request_is_shown_decoded_with_status_and_time() {
        let line = request_line("GET", "/Users?filter=userName%20eq%20%22ada%22", 200, Duration::from_micros(3149));
        assert_eq!(line, r#"GET /Users?filter=userName eq "ada"  200  3.1 ms"#);
    }

    #[test]
    fn a_call_is_shown_with_its_body_but_without_passwords() {
        let long = format!("job={}", "x".repeat(200));
        let cases: [(&str, &str, Option<&str>, &str); 7] = [
            ("no body", "POST", None, "   -> POST /people/17  204  0.4 ms"),
            ("an empty body", "POST", Some(""), "   -> POST /people/17  204  0.4 ms"),
            ("a form", "POST", Some("job=Cook&mail=a%40b"), "   -> POST /people/17  job=Cook & mail=a@b  204  0.4 ms"),
            ("a form's password", "POST", Some("password=x%26y"), "   -> POST /people/17  password=***  204  0.4 ms"),
            (
                "a JSON password",
                "PUT",
                Some(r#"{"new_password":"x"}"#),
                r#"   -> PUT /people/17  {"new_password":"***"}  204  0.4 ms"#,
            ),
            ("a line break", "POST", Some("job=a%0D%0Ab"), r"   -> POST /people/17  job=a\r\nb  204  0.4 ms"),
            (
                "a long body",
                "POST",
                Some(&long),
                &format!("   -> POST /people/17  job={}…  204  0.4 ms", "x".repeat(96)),
            ),
        ];
        for (name, method, body, want) in cases {
            let call = TracedCall {
                method: method.to_owned(),
                target: "/api/people/17".to_owned(),
                body: body.map(|body| Bytes::from(body.to_owned())),
                status: Some(204),
                took: Duration::from_micros(400),
            };
            assert_eq!(call_line(&call), want, "{name}");
        }
    }

    #[test]
    fn a_call_without_an_answer_says_so() {
        let call = TracedCall {
            method: "GET".to_owned(),
            target: "/api/people".to_owned(),
            body: None,
            status: None,
            took: Duration::from_secs(2),
        };
        assert_eq!(call_line(&call), "   -> GET /people  no answer  2000.0 ms");
    }
}
