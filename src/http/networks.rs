//! Where a request comes from: addresses, networks, and what proxies say.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::HeaderName;
use ipnet::IpNet;

/// The header in which each proxy appends whom it speaks for.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Some networks; often none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// The networks of a list; the odd elements, by index, where there are any.
    ///
    /// # Errors
    /// The indexes of what is no network.
    pub fn parse<S: AsRef<str>>(list: &[S]) -> Result<Self, Vec<usize>> {
        let read: Vec<Option<IpNet>> = list.iter().map(|text| network(text.as_ref())).collect();
        let odd: Vec<usize> =
            (0..).zip(&read).filter(|(_, network)| network.is_none()).map(|(index, _)| index).collect();
        if odd.is_empty() { Ok(Self(read.into_iter().flatten().collect())) } else { Err(odd) }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the address is in one of them. An IPv4 address in IPv6 form is the IPv4 address.
    pub fn hold(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whose request it is, when these networks are those of the proxies that can be believed.
    ///
    /// Each proxy appends the address that it was called from, so the list is read from its end: the first address that is
    /// no proxy's is the client. What stands before it anybody may have written. Where the list ends, or has something in it
    /// that is no address, the last proxy that could be believed is all that is known.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if self.is_empty() || !self.hold(client) {
            return client;
        }
        let lines = headers.get_all(X_FORWARDED_FOR).iter().rev();
        let named = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        for text in named {
            let Some(address) = std::str::from_utf8(text).ok().and_then(|text| address(text.trim())) else { break };
            client = address;
            if !self.hold(client) {
                break;
            }
        }
        client
    }
}

/// A network such as `10.0.0.0/8`, or a single address.
fn network(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().ok();
    network.or_else(|| text.parse::<IpAddr>().ok().map(|address| IpNet::from(address.to_canonical())))
}

/// An address; some proxies write its port as well.
fn address(text: &str) -> Option<IpAddr> {
    let address = text.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    let address = address.or_else(|_| text.trim_matches(['[', ']']).parse());
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn an_address_is_held_by_its_network_alone() {
        let networks = Networks::parse(&["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"]).unwrap();
        let cases = [
            ("within", "10.1.2.3", true),
            ("without", "11.1.2.3", false),
            ("the single address", "192.0.2.7", true),
            ("its neighbour", "192.0.2.8", false),
            ("IPv6", "2001:db8:1::1", true),
            ("another IPv6", "2001:db9::1", false),
            ("IPv4 in IPv6", "::ffff:10.1.2.3", true),
        ];
        for (name, address, want) in cases {
            assert_eq!(networks.hold(address.parse().unwrap()), want, "{name}");
        }
        assert_eq!(Networks::parse(&["10.0.0.0/8", "10.0.0.0/40", "home", "::1"]), Err(vec![1, 2]));
        assert!(Networks::parse::<&str>(&[]).unwrap().is_empty());
    }

    #[test]
    fn the_client_is_the_last_address_that_no_trusted_proxy_has() {
        let trusted = Networks::parse(&["10.0.0.0/8", "fd00::/8"]).unwrap();
        let cases: [(&str, &str, &[&str], &str); 14] = [
            ("no proxy", "192.0.2.1", &[], "192.0.2.1"),
            ("somebody who says to be a proxy", "192.0.2.1", &["10.0.0.9"], "192.0.2.1"),
            ("one proxy", "10.0.0.1", &["192.0.2.1"], "192.0.2.1"),
            ("a client that lies", "10.0.0.1", &["10.9.9.9, 192.0.2.1"], "192.0.2.1"),
            ("two proxies", "10.0.0.1", &["192.0.2.1, 10.0.0.2"], "192.0.2.1"),
            ("two proxies, two lines", "10.0.0.1", &["198.51.100.1", "192.0.2.1", "10.0.0.2"], "192.0.2.1"),
            ("a proxy that says nothing", "10.0.0.1", &[], "10.0.0.1"),
            ("proxies all the way", "10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("no address", "10.0.0.1", &["192.0.2.1, unknown"], "10.0.0.1"),
            ("nothing between commas", "10.0.0.1", &["192.0.2.1,,"], "10.0.0.1"),
            ("a port", "10.0.0.1", &["192.0.2.1:4711"], "192.0.2.1"),
            ("IPv6", "fd00::1", &["2001:db8::1"], "2001:db8::1"),
            ("IPv6 with a port", "fd00::1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("IPv4 in IPv6", "::ffff:10.0.0.1", &["::ffff:192.0.2.1"], "192.0.2.1"),
        ];
        for (name, peer, lines, want) in cases {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(X_FORWARDED_FOR, HeaderValue::from_static(line));
            }
            assert_eq!(trusted.client(peer.parse().unwrap(), &headers).to_string(), want, "{name}");
            let peer: IpAddr = peer.parse().unwrap();
            assert_eq!(Networks::default().client(peer, &headers), peer.to_canonical(), "{name}, nobody trusted");
        }
    }
}
