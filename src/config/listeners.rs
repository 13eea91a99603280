//! `[server]`, `[admin]` and `[log]`.

use std::net::SocketAddr;
use std::time::Duration;

use crate::config::layers::Layers;
use crate::config::reference::Resolver;
use crate::config::tls;
use crate::config::{AdminSettings, LogFormat, LogSettings, ServerSettings};
use crate::http::limits::Limits;
use crate::http::networks::Networks;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::units;
use crate::scim::discovery::BulkLimits;

/// `[server]`; off loopback it needs TLS, its own or that of a proxy, and a name that clients know it by.
pub(super) fn server(layers: &Layers, resolver: &Resolver<'_>, found: &mut Diagnostics) -> Option<ServerSettings> {
    let server = &layers.values.server;
    let listen = address("server.listen", &server.listen, layers, found);
    let public_url = server.public_url.as_deref().map(|url| public_url("server.public_url", url, layers, found));
    let limits = limits(layers, found);
    let trusted_proxies = networks("server.trusted_proxies", &server.trusted_proxies, layers, found);
    let tls = tls::files(layers, resolver, found);
    let listen = listen?;
    if !listen.ip().is_loopback() && !server.behind_proxy && server.tls.is_none() {
        let message = format!("`{listen}` is open to other machines, and this listener has no TLS");
        layers
            .places
            .add("server.listen", Code::E38, message, found)
            .help("listen on 127.0.0.1, or set `tls`, or `behind_proxy = true` where a proxy in front of it ends TLS");
    }
    let public_url = match public_url {
        Some(url) => url?,
        None if listen.ip().is_loopback() && server.tls.is_some() => format!("https://{listen}"),
        None if listen.ip().is_loopback() => format!("http://{listen}"),
        None => {
            let message = "`public_url` is missing in [server], and `listen` is not a loopback address";
            let help = "public_url = \"https://scim.example.com\", as the identity provider calls it";
            layers.places.add("server", Code::E20, message, found).help(help);
            return None;
        }
    };
    let (behind_proxy, trusted_proxies) = (server.behind_proxy, trusted_proxies?);
    Some(ServerSettings { listen, public_url, behind_proxy, trusted_proxies, tls: tls?, limits: limits? })
}

/// A list of networks.
pub(super) fn networks(key: &str, list: &[String], layers: &Layers, found: &mut Diagnostics) -> Option<Networks> {
    let odd = match Networks::parse(list) {
        Ok(networks) => return Some(networks),
        Err(odd) => odd,
    };
    for index in odd {
        let key = format!("{key}.{index}");
        let message = format!("`{key}` must be a network or an IP address");
        layers
            .places
            .add(&key, Code::E14, message, found)
            .help("such as \"10.0.0.0/8\", \"192.0.2.7\" or \"2001:db8::/32\"");
    }
    None
}

/// `[admin]`: nothing, or a listener. The outer `None` is a fault.
#[expect(clippy::option_option, reason = "a fault and the absence of the listener are two things")]
pub(super) fn admin(
    layers: &Layers,
    resolver: &Resolver<'_>,
    found: &mut Diagnostics,
) -> Option<Option<AdminSettings>> {
    let Some(admin) = &layers.values.admin else { return Some(None) };
    let Some(listen) = &admin.listen else {
        layers
            .places
            .add("admin", Code::E20, "`listen` is missing in [admin]", found)
            .help("listen = \"127.0.0.1:9090\"");
        return None;
    };
    let token = admin.token.as_ref().map(|token| resolver.token("admin.token", "the token of [admin]", token, found));
    let listen = address("admin.listen", listen, layers, found)?;
    if !listen.ip().is_loopback() && token.is_none() {
        let message = format!("`{listen}` is open to other machines, and [admin] has no token");
        layers.places.add("admin.listen", Code::E38, message, found).help("token = { env = \"ADMIN_TOKEN\" }");
    }
    if listen.port() != 0 && layers.values.server.listen.parse() == Ok(listen) {
        let message = format!("[server] and [admin] both listen on `{listen}`");
        layers.places.add("admin.listen", Code::E19, message, found);
    }
    match token {
        Some(token) => Some(Some(AdminSettings { listen, token: Some(token?) })),
        None => Some(Some(AdminSettings { listen, token: None })),
    }
}

/// `[log]`.
pub(super) fn log(layers: &Layers, found: &mut Diagnostics) -> Option<LogSettings> {
    let log = &layers.values.log;
    let is_level = |word: &str| ["error", "warn", "info", "debug", "trace", "off"].contains(&word);
    let fits = log.level.split(',').all(|part| is_level(part.rsplit('=').next().unwrap_or_default()));
    if !fits {
        let message = "`log.level` must be `error`, `warn`, `info`, `debug` or `trace`, or a list of `target=level`";
        layers.places.add("log.level", Code::E14, message, found);
        return None;
    }
    let format = match log.format.as_str() {
        "json" => LogFormat::Json,
        "text" => LogFormat::Text,
        _ => LogFormat::Auto,
    };
    Some(LogSettings { level: log.level.clone(), format })
}

/// An address with its port.
fn address(key: &str, text: &str, layers: &Layers, found: &mut Diagnostics) -> Option<SocketAddr> {
    let address = text.parse().ok();
    if address.is_none() {
        let message = format!("`{key}` must be an IP address and a port");
        layers.places.add(key, Code::E14, message, found).help("such as \"127.0.0.1:8080\" or \"[::1]:8080\"");
    }
    address
}

/// An absolute http or https URL without query and fragment; a final slash is left off.
pub(super) fn public_url(key: &str, text: &str, layers: &Layers, found: &mut Diagnostics) -> Option<String> {
    let fits = |url: &url::Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    };
    if let Some(url) = url::Url::parse(text).ok().filter(fits) {
        return Some(url.as_str().trim_end_matches('/').to_owned());
    }
    let message = format!("`{key}` must be an http or https URL without query and fragment");
    layers.places.add(key, Code::E22, message, found);
    None
}

/// `[server.limits]`.
fn limits(layers: &Layers, found: &mut Diagnostics) -> Option<Limits> {
    let mut reader = LimitReader { layers, found };
    let (body, group_body) = (reader.bytes("body"), reader.bytes("group_body"));
    let (bulk_body, bulk_operations) = (reader.bytes("bulk_body"), reader.count("bulk_operations"));
    let (header_bytes, url, filter) = (reader.bytes("header_bytes"), reader.bytes("url"), reader.bytes("filter"));
    let (header_lines, connections, in_flight) =
        (reader.count("header_lines"), reader.count("connections"), reader.count("in_flight"));
    let (header_timeout, body_timeout) = (reader.time("header_timeout"), reader.time("body_timeout"));
    let (idle, grace, drain_delay) = (reader.time("idle"), reader.time("grace"), reader.time("drain_delay"));
    Some(Limits {
        body: body?,
        group_body: group_body?,
        bulk: BulkLimits { max_operations: bulk_operations?, max_payload_size: bulk_body? },
        header_bytes: header_bytes?,
        header_lines: header_lines?,
        url: url?,
        filter: filter?,
        connections: connections?,
        header_timeout: header_timeout?,
        body_timeout: body_timeout?,
        idle: idle?,
        in_flight: in_flight?,
        grace: grace?,
        drain_delay: drain_delay?,
    })
}

/// Reads the limits by their names.
struct LimitReader<'l> {
    layers: &'l Layers,
    found: &'l mut Diagnostics,
}

impl LimitReader<'_> {
    fn bytes(&mut self, key: &str) -> Option<usize> {
        self.value(key, |text| units::size(text).and_then(|size| size.try_into().ok()))
    }

    fn count(&mut self, key: &str) -> Option<usize> {
        self.value(key, |text| text.parse().ok())
    }

    fn time(&mut self, key: &str) -> Option<Duration> {
        self.value(key, units::duration)
    }

    fn value<T>(&mut self, key: &str, parse: fn(&str) -> Option<T>) -> Option<T> {
        let value = self.layers.values.server.limits.get(key).and_then(|text| parse(text));
        if value.is_none() {
            let key = format!("server.limits.{key}");
            self.layers.places.add(&key, Code::E14, format!("`{key}` is out of range"), self.found);
        }
        value
    }
}
