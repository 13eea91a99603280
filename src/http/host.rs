//! The host that a request is for.

use http::header::HOST;
use http::request::Parts;

/// The host that a request names, without its port: that of an absolute target, which counts before the header (RFC 9112
/// §3.2.2), or that of `Host`. `None` where it names none, or two headers leave open which.
pub(super) fn of(head: &Parts) -> Option<&str> {
    if let Some(authority) = head.uri.authority() {
        return without_port(authority.as_str());
    }
    let mut values = head.headers.get_all(HOST).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => without_port(value.to_str().ok()?),
        (None, _) | (Some(_), Some(_)) => None,
    }
}

/// A host without the port behind it; `None` where what stands behind it is no port.
fn without_port(text: &str) -> Option<&str> {
    let end = if text.starts_with('[') { text.find(']')? + 1 } else { text.find(':').unwrap_or(text.len()) };
    let (host, rest) = text.split_at(end);
    let is_port = rest.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    (!host.is_empty() && (rest.is_empty() || is_port)).then_some(host)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::of;

    #[test]
    fn the_host_is_that_of_the_target_or_of_one_header() {
        let cases: [(&str, &str, &[&str], Option<&str>); 12] = [
            ("a name", "/", &["acme.example"], Some("acme.example")),
            ("a name with a port", "/", &["acme.example:8443"], Some("acme.example")),
            ("an address", "/", &["192.0.2.7:80"], Some("192.0.2.7")),
            ("an address in brackets", "/", &["[2001:db8::1]:80"], Some("[2001:db8::1]")),
            ("an absolute target", "http://acme.example:80/", &["other.example"], Some("acme.example")),
            ("no header", "/", &[], None),
            ("two headers", "/", &["acme.example", "acme.example"], None),
            ("an empty header", "/", &[""], None),
            ("a port alone", "/", &[":80"], None),
            ("a port that is none", "/", &["acme.example:80x"], None),
            ("an open bracket", "/", &["[::1"], None),
            ("somebody before it", "/", &["acme.example:80@other.example"], None),
        ];
        for (name, target, hosts, want) in cases {
            let request = hosts.iter().fold(Request::get(target), |request, host| request.header("Host", *host));
            assert_eq!(of(&request.body(()).unwrap().into_parts().0), want, "{name}");
        }
    }
}
