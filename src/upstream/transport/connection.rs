//! The connections of one upstream: whom they trust, who they are, which way they go.

use std::path::Path;
use std::sync::Arc;

use reqwest::{Certificate, Client, Identity, NoProxy, Proxy};
use url::Url;

use crate::mapping::call::{Fixed, TlsSettings, UpstreamSettings};
use crate::mapping::hole::{Part, Place};
use crate::mapping::scope::{Scope, Surroundings};
use crate::mapping::source::Span;
use crate::upstream::request::base_url;
use crate::upstream::transport::plain::Plain;
use crate::upstream::transport::{HttpTransport, builder, reason};

/// What every PEM text holds and no path does; before it may stand what a program that wrote it says of it.
const PEM: &str = "-----BEGIN ";
/// The byte order mark that some editors put before a text.
const MARK: &str = "\u{feff}";
/// This machine, which no proxy stands before.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// The connections to other origins than the upstream's own: a login's.
#[derive(Clone, Debug)]
pub(super) struct Elsewhere {
    /// The upstream's base URL.
    home: Url,
    client: Client,
}

impl Elsewhere {
    /// The connections to use for a URL, where it is not at the upstream's own origin.
    pub(super) fn client(&self, url: &Url) -> Option<&Client> {
        let place = |url: &Url| (url.port_or_known_default(), url.scheme() == "https");
        let is_home = url.host() == self.home.host() && place(url) == place(&self.home);
        (!is_home).then_some(&self.client)
    }
}

impl HttpTransport {
    /// The transport for an upstream: this one where the mapping says nothing of connections, else one of its own with the
    /// mapping's `tls` and `proxy`. `url` replaces the mapping's; `tls` counts at its origin only, so that a login elsewhere
    /// sees no client certificate. Paths of files are relative to `folder`, the mapping's. Files are read once, here.
    ///
    /// # Errors
    /// One sentence for the operator: a file that cannot be read or is not what it should be, a secret that is not set, a
    /// proxy that is no URL. It never holds the content of a file or a secret.
    pub fn for_upstream(
        self: Arc<Self>,
        settings: &UpstreamSettings,
        url: Option<&str>,
        folder: &Path,
        surroundings: &Surroundings,
    ) -> Result<Arc<Self>, String> {
        let (tls, proxy) = (&settings.tls, settings.proxy.as_ref());
        let has_certificates = tls.ca.is_some() || tls.identity.is_some();
        if !has_certificates && proxy.is_none() {
            return Ok(self);
        }
        let asked = Asked::new(folder, surroundings);
        let client = asked.client(tls, proxy)?;
        let home = base_url(settings, url, &asked.scope)?;
        let login = settings.session.as_ref().and_then(|session| session.call.origin.as_ref());
        let elsewhere = if has_certificates && login.is_some_and(|login| login.origin() != home.origin()) {
            Some(Elsewhere { home, client: asked.client(&TlsSettings::default(), proxy)? })
        } else {
            None
        };
        let plain = proxy.is_none().then(Plain::new);
        Ok(Arc::new(Self { client, plain, elsewhere }))
    }
}

/// What the certificate files of a mapping hold, in order; nothing where they cannot be read.
pub fn connection_files(settings: &UpstreamSettings, folder: &Path, surroundings: &Surroundings) -> Vec<Vec<u8>> {
    let asked = Asked::new(folder, surroundings);
    let identity = settings.tls.identity.iter().flat_map(|(cert, key)| [("tls.cert", cert), ("tls.key", key)]);
    let all = settings.tls.ca.iter().map(|ca| ("tls.ca", ca)).chain(identity);
    all.map(|(name, fixed)| asked.pem(name, fixed).map(|(pem, _)| pem).unwrap_or_default()).collect()
}

/// What is wrong with what a mapping says of its connections, at its place and in the words of
/// [`HttpTransport::for_upstream`]. What an empty secret would fill is not looked at.
pub fn connection_faults(
    settings: &UpstreamSettings,
    folder: &Path,
    surroundings: &Surroundings,
) -> Vec<(Span, String)> {
    let asked = Asked::new(folder, surroundings);
    let mut faults = Vec::new();
    if let Some(ca) = settings.tls.ca.as_ref().filter(|ca| asked.can_fill(ca)) {
        let tls = TlsSettings { ca: Some(ca.clone()), identity: None };
        faults.extend(asked.client(&tls, None).err().map(|fault| (ca.span.clone(), fault)));
    }
    if let Some((cert, key)) = &settings.tls.identity {
        let before = faults.len();
        let both = [("tls.cert", cert), ("tls.key", key)];
        let filled = both.iter().filter(|(_, fixed)| asked.can_fill(fixed));
        let unread =
            filled.clone().filter_map(|(name, fixed)| Some((fixed.span.clone(), asked.pem(name, fixed).err()?)));
        faults.extend(unread);
        if faults.len() == before && filled.count() == both.len() {
            let tls = TlsSettings { ca: None, identity: Some((cert.clone(), key.clone())) };
            faults.extend(asked.client(&tls, None).err().map(|fault| (cert.span.clone(), fault)));
        }
    }
    if let Some(proxy) = settings.proxy.as_ref().filter(|proxy| asked.can_fill(proxy)) {
        faults.extend(asked.proxy(proxy).err().map(|fault| (proxy.span.clone(), fault)));
    }
    faults
}

/// What fills the texts of `tls` and `proxy`.
struct Asked<'a> {
    folder: &'a Path,
    scope: Scope<'a>,
}

impl<'a> Asked<'a> {
    fn new(folder: &'a Path, surroundings: &'a Surroundings) -> Self {
        Self { folder, scope: Scope { surroundings: Some(surroundings), ..Scope::default() } }
    }

    /// Connections with these certificates, by this proxy.
    fn client(&self, tls: &TlsSettings, proxy: Option<&Fixed>) -> Result<Client, String> {
        let mut client = builder();
        if let Some(ca) = &tls.ca {
            let (pem, shown) = self.pem("tls.ca", ca)?;
            let trusted = Certificate::from_pem_bundle(&pem).ok().filter(|trusted| !trusted.is_empty());
            client = client.tls_certs_only(trusted.ok_or_else(|| format!("{shown} holds no PEM certificate"))?);
        }
        if let Some((cert, key)) = &tls.identity {
            let ((mut pem, shown), (key, key_shown)) = (self.pem("tls.cert", cert)?, self.pem("tls.key", key)?);
            pem.push(b'\n');
            pem.extend_from_slice(&key);
            let identity = Identity::from_pem(&pem);
            let unusable = |_| format!("{shown} and {key_shown} are no PEM certificate with its private key");
            client = client.identity(identity.map_err(unusable)?);
        }
        if let Some(proxy) = proxy {
            client = client.proxy(self.proxy(proxy)?);
        }
        client.build().map_err(|error| {
            let keys = [(tls.ca.is_some(), "`tls.ca`"), (tls.identity.is_some(), "`tls.cert` with `tls.key`")];
            let keys: Vec<&str> = keys.iter().filter(|(is_used, _)| *is_used).map(|(_, key)| *key).collect();
            format!("{} cannot be used: {}", keys.join(" and "), reason(error))
        })
    }

    /// Whether all that fills a text is there.
    fn can_fill(&self, fixed: &Fixed) -> bool {
        let text = |found: crate::mapping::found::Found<'_>| found.text().is_some_and(|text| !text.is_empty());
        fixed.template.holes().all(|hole| hole.find(&self.scope).ok().flatten().is_some_and(text))
    }

    fn fill(&self, key: &str, fixed: &Fixed, place: Place) -> Result<String, String> {
        let filled = fixed.template.fill(&self.scope, place).map_err(|fault| format!("`{key}`: {fault}"))?;
        Ok(filled.unwrap_or_default())
    }

    /// The PEM text, and how to speak of it: by the key, and by the file where there is one.
    fn pem(&self, key: &str, fixed: &Fixed) -> Result<(Vec<u8>, String), String> {
        let filled = self.fill(key, fixed, Place::Plain)?;
        if filled.contains(PEM) {
            return Ok((unmarked(filled.into_bytes()), format!("`{key}`")));
        }
        // No path has several lines; of any other text nothing may be shown.
        if filled.contains(['\n', '\r']) {
            return Err(format!("`{key}` is neither PEM nor the path of a file"));
        }
        let path = self.folder.join(&filled);
        // A path that a secret fills is a secret too.
        let shown = if fixed.template.holes().next().is_some() {
            format!("the file of `{key}`")
        } else {
            format!("the file of `{key}`, {},", path.display())
        };
        let content = std::fs::read(&path).map_err(|error| format!("{shown} cannot be read: {}", error.kind()))?;
        Ok((unmarked(content), shown))
    }

    fn proxy(&self, fixed: &Fixed) -> Result<Proxy, String> {
        // What fills a hole is the URL, or a part of it, a password for instance, whatever signs are in that.
        let is_whole = matches!(fixed.template.parts.as_slice(), [Part::Hole(_)]);
        let filled = self.fill("proxy", fixed, if is_whole { Place::Plain } else { Place::Path })?;
        let url = Url::parse(&filled).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let unusable = || "`proxy` is no URL such as `http://proxy.example:3128`".to_owned();
        let proxy = Proxy::all(url.ok_or_else(unusable)?).map_err(|_| unusable())?;
        Ok(proxy.no_proxy(NoProxy::from_string(LOOPBACK)))
    }
}

/// A text without its byte order mark.
fn unmarked(mut text: Vec<u8>) -> Vec<u8> {
    if text.starts_with(MARK.as_bytes()) {
        text.drain(..MARK.len());
    }
    text
}

#[cfg(test)]
mod tests;
