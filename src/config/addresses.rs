//! Where tenants are found: `path` and `hosts`, by which each request must belong to one tenant at most.

use crate::config::layers::{Layers, Tenant};
use crate::mapping::diagnostic::{Code, Diagnostics};

/// Reports paths and hosts that are not valid, and pairs of tenants of which one would take the other's requests, or whose
/// resources would have the same URLs.
pub(super) fn check(layers: &Layers, found: &mut Diagnostics) {
    let mut before: Vec<(&str, &str, &Tenant)> = Vec::new();
    for (name, tenant) in &layers.values.tenants {
        check_hosts(name, tenant, layers, found);
        let Some(path) = tenant.path.as_deref() else { continue };
        let key = format!("tenants.{name}.path");
        if let Some(fault) = path_fault(path) {
            let message = format!("`path` of tenant `{name}` {fault}");
            layers.places.add(&key, Code::E37, message, found).help("path = \"/scim/v2\"");
            continue;
        }
        let meets = |other: &str| is_below(path, other) || is_below(other, path);
        let rivals = || before.iter().filter(|(_, other, _)| meets(other));
        if let Some((other, _, rival)) = rivals().find(|(_, _, rival)| !are_apart(tenant, rival)) {
            let mut message = format!(
                "`path` of tenant `{name}` and that of tenant `{other}` are the same or one is within the other"
            );
            let has_hosts = !tenant.hosts.is_empty() || !rival.hosts.is_empty();
            if has_hosts {
                message.push_str(", and no host tells them apart");
            }
            let fault = layers.places.add(&key, Code::E37, message, found);
            if has_hosts {
                fault.help("both need `hosts`, and none in common");
            }
        } else if let Some((other, ..)) =
            rivals().find(|(_, other, rival)| *other == path && rival.public_url == tenant.public_url)
        {
            let message = format!("resources of tenant `{name}` and of tenant `{other}` would have the same URLs");
            let help = "say what clients call each of them: public_url = \"https://acme.scim.example\"";
            layers.places.add(&key, Code::W96, message, found).help(help);
        }
        before.push((name, path, tenant));
    }
}

/// Reports hosts that no `Host` header could name.
fn check_hosts(name: &str, tenant: &Tenant, layers: &Layers, found: &mut Diagnostics) {
    for (index, host) in tenant.hosts.iter().enumerate().filter(|(_, host)| !is_host(host)) {
        let message = format!("`{}` of tenant `{name}` is no host", host.escape_debug());
        let help = "a name or an address alone, without scheme, port and path: \"acme.scim.example\"";
        layers.places.add(&format!("tenants.{name}.hosts.{index}"), Code::E14, message, found).help(help);
    }
}

/// Whether a text is a host as it stands in a `Host` header: a name, an IPv4 address, or an IPv6 address in brackets.
fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        letters && !label.is_empty() && label.len() <= 63
    };
    match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => text.len() <= 253 && text.split('.').all(is_label),
    }
}

/// Whether the host alone tells two tenants apart. One without `hosts` takes the requests to any.
fn are_apart(one: &Tenant, other: &Tenant) -> bool {
    let is_shared = |host: &String| other.hosts.iter().any(|other| host.eq_ignore_ascii_case(other));
    !one.hosts.is_empty() && !other.hosts.is_empty() && !one.hosts.iter().any(is_shared)
}

/// What is wrong with a tenant's path.
fn path_fault(path: &str) -> Option<&'static str> {
    let Some(rest) = path.strip_prefix('/') else { return Some("does not begin with `/`") };
    if path.ends_with('/') {
        return Some("ends with `/`");
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte);
    let odd = |segment: &str| matches!(segment, "" | "." | "..") || !segment.bytes().all(allowed);
    rest.split('/').any(odd).then_some("has a segment that is empty, `.`, `..` or needs escaping")
}

/// Whether a path is another one or below it, by whole segments.
fn is_below(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn a_host_is_a_name_or_an_address_alone() {
        for host in ["acme.scim.example", "ACME.example", "localhost", "192.0.2.7", "[2001:db8::1]", "a_b.example"] {
            assert!(is_host(host), "{host}");
        }
        for text in [
            "",
            "a.example:443",
            "https://a.example",
            "a.example/scim",
            "*.example",
            "a..b",
            "a.example.",
            "b\u{fc}cher.example",
            "[::1",
            "a b",
        ] {
            assert!(!is_host(text), "{text}");
        }
    }
}
