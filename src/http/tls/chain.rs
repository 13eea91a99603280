//! What clients will make of a certificate chain: whether it is whole, and how long it holds.

use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::parse_x509_certificate;

/// From when on the end of a certificate is warned about, in seconds.
const SOON: i64 = 14 * DAY;
const DAY: i64 = 24 * 60 * 60;

/// A chain as it is sent: the server's certificate, then what vouches for it.
#[derive(Debug)]
pub(super) struct Chain {
    links: Vec<Link>,
}

#[derive(Debug)]
struct Link {
    /// The names, as people write them.
    subject: String,
    issuer: String,
    /// The names, as they are compared.
    raw_subject: Vec<u8>,
    raw_issuer: Vec<u8>,
    /// Seconds since 1970.
    not_before: i64,
    not_after: i64,
}

impl Chain {
    /// Reads a chain; `None` where a certificate of it is none.
    pub(super) fn read(chain: &[CertificateDer<'_>]) -> Option<Self> {
        let links = chain.iter().map(|der| parse_x509_certificate(der).ok().map(|(_, certificate)| link(&certificate)));
        Some(Self { links: links.collect::<Option<Vec<_>>>()? })
    }

    /// What clients may refuse it for, a sentence each; `now` is in seconds since 1970.
    pub(super) fn faults(&self, now: i64) -> Vec<String> {
        self.missing().into_iter().chain(self.links.iter().filter_map(|link| link.ending(now))).collect()
    }

    /// The intermediate that is not there. Roots are not sent, so only that of the server's own certificate is sure to be one.
    fn missing(&self) -> Option<String> {
        let (leaf, above) = self.links.split_first()?;
        let is_whole =
            leaf.raw_issuer == leaf.raw_subject || above.iter().any(|link| link.raw_subject == leaf.raw_issuer);
        (!is_whole).then(|| {
            format!(
                "the certificate of `{}`, which issued that of `{}`, is not in the file: append this intermediate, for clients \
                 such as Okta do not fetch it",
                leaf.issuer, leaf.subject
            )
        })
    }
}

impl Link {
    fn ending(&self, now: i64) -> Option<String> {
        let at = |second| jiff::Timestamp::from_second(second).map_or_else(|_| "?".to_owned(), |time| time.to_string());
        let subject = &self.subject;
        match self.not_after - now {
            ..=0 => Some(format!("the certificate of `{subject}` ended on {}", at(self.not_after))),
            _ if self.not_before > now => {
                Some(format!("the certificate of `{subject}` is not valid before {}", at(self.not_before)))
            }
            left @ 1..SOON => {
                Some(format!("the certificate of `{subject}` ends on {}, in {} days", at(self.not_after), left / DAY))
            }
            _ => None,
        }
    }
}

fn link(certificate: &X509Certificate<'_>) -> Link {
    let (subject, issuer) = (certificate.subject(), certificate.issuer());
    Link {
        subject: subject.to_string(),
        issuer: issuer.to_string(),
        raw_subject: subject.as_raw().to_vec(),
        raw_issuer: issuer.as_raw().to_vec(),
        not_before: certificate.validity().not_before.timestamp(),
        not_after: certificate.validity().not_after.timestamp(),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

    use super::*;

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::new(vec!["scim.acme.example".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2026, 12, 31);
        params
    }

    fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    }

    fn issued(name: &str, by: &Issuer<'_, KeyPair>) -> CertificateDer<'static> {
        params(name).signed_by(&KeyPair::generate().unwrap(), by).unwrap().der().clone()
    }

    /// Seconds since 1970 at the beginning of a day.
    fn day(text: &str) -> i64 {
        format!("{text}T00:00:00Z").parse::<jiff::Timestamp>().unwrap().as_second()
    }

    #[test]
    fn a_chain_without_its_intermediate_is_told_by_name() {
        let (ours, other) = (authority("Acme R1"), authority("Other R1"));
        let leaf = issued("scim", &ours);
        let cases = [
            ("whole", vec![leaf.clone(), ours.der().clone()], None),
            ("alone", vec![leaf.clone()], Some("CN=Acme R1")),
            ("with another's", vec![leaf, other.der().clone()], Some("CN=Acme R1")),
            ("self-signed", vec![ours.der().clone()], None),
        ];
        for (name, chain, missing) in cases {
            let faults = Chain::read(&chain).unwrap().faults(day("2026-06-01"));
            let got =
                faults.iter().any(|fault| missing.is_some_and(|name| fault.contains(&format!("of `{name}`, which"))));
            assert_eq!((got, faults.len()), (missing.is_some(), usize::from(missing.is_some())), "{name}: {faults:?}");
        }
    }

    #[test]
    fn an_end_is_told_two_weeks_ahead() {
        let chain = Chain::read(&[authority("Acme R1").der().clone()]).unwrap();
        let cases = [
            ("long before", "2026-06-01", None),
            ("fifteen days", "2026-12-16", None),
            ("thirteen days", "2026-12-18", Some("ends on 2026-12-31T00:00:00Z, in 13 days")),
            ("after", "2027-01-01", Some("ended on 2026-12-31T00:00:00Z")),
            ("too early", "2025-12-31", Some("is not valid before 2026-01-01T00:00:00Z")),
        ];
        for (name, now, want) in cases {
            let want = want.map(|words| format!("the certificate of `CN=Acme R1` {words}"));
            assert_eq!(chain.faults(day(now)), Vec::from_iter(want), "{name}");
        }
    }
}
