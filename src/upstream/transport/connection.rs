//! The connections of one upstream: whom they trust, who they are, which way they go.

use std::path::Path;
use std::sync::Arc;

use reqwest::{Certificate, Identity, Proxy};

use crate::mapping::call::UpstreamSettings;
use crate::mapping::hole::{Part, Place, Template};
use crate::mapping::scope::{Scope, Surroundings};
use crate::upstream::transport::{HttpTransport, builder, reason};

/// What a PEM text begins with; everything else is the path of a file.
const PEM: &str = "-----BEGIN ";

impl HttpTransport {
    /// The transport for an upstream: this one where the mapping says nothing of connections, else one of its own with the
    /// mapping's `tls` and `proxy`. Paths of files are relative to `folder`, the mapping's. Files are read once, here.
    ///
    /// # Errors
    /// One sentence for the operator: a file that cannot be read or is not what it should be, a secret that is not set, a
    /// proxy that is no URL. It never holds the content of a file or a secret.
    pub fn for_upstream(
        self: Arc<Self>,
        settings: &UpstreamSettings,
        folder: &Path,
        surroundings: &Surroundings,
    ) -> Result<Arc<Self>, String> {
        if settings.tls.ca.is_none() && settings.tls.identity.is_none() && settings.proxy.is_none() {
            return Ok(self);
        }
        let asked = Asked { folder, scope: Scope { surroundings: Some(surroundings), ..Scope::default() } };
        let mut client = builder();
        if let Some(ca) = &settings.tls.ca {
            let (pem, shown) = asked.pem("tls.ca", ca)?;
            let trusted = Certificate::from_pem_bundle(&pem).ok().filter(|trusted| !trusted.is_empty());
            client = client.tls_certs_only(trusted.ok_or_else(|| format!("{shown} holds no PEM certificate"))?);
        }
        if let Some((cert, key)) = &settings.tls.identity {
            let ((mut pem, shown), (key, key_shown)) = (asked.pem("tls.cert", cert)?, asked.pem("tls.key", key)?);
            pem.push(b'\n');
            pem.extend_from_slice(&key);
            let identity = Identity::from_pem(&pem);
            let unusable = |_| format!("{shown} and {key_shown} are no PEM certificate with its private key");
            client = client.identity(identity.map_err(unusable)?);
        }
        if let Some(proxy) = &settings.proxy {
            client = client.proxy(asked.proxy(proxy)?);
        }
        let client = client.build();
        client
            .map(|client| Arc::new(Self { client }))
            .map_err(|error| format!("`tls` and `proxy` cannot be used: {}", reason(error)))
    }
}

/// What fills the texts of `tls` and `proxy`.
struct Asked<'a> {
    folder: &'a Path,
    scope: Scope<'a>,
}

impl Asked<'_> {
    fn fill(&self, key: &str, template: &Template, place: Place) -> Result<String, String> {
        let filled = template.fill(&self.scope, place).map_err(|fault| format!("`{key}`: {fault}"))?;
        Ok(filled.unwrap_or_default())
    }

    /// The PEM text, and how to speak of it: by the key, and by the file where there is one.
    fn pem(&self, key: &str, template: &Template) -> Result<(Vec<u8>, String), String> {
        let filled = self.fill(key, template, Place::Plain)?;
        if filled.trim_start().starts_with(PEM) {
            return Ok((filled.into_bytes(), format!("`{key}`")));
        }
        if template.holes().next().is_some() && filled.contains('\n') {
            return Err(format!("`{key}` is neither PEM nor the path of a file"));
        }
        let path = self.folder.join(&filled);
        // A path that a secret fills is a secret too.
        let shown = if template.holes().next().is_some() {
            format!("the file of `{key}`")
        } else {
            format!("the file of `{key}`, {},", path.display())
        };
        let content = std::fs::read(&path).map_err(|error| format!("{shown} cannot be read: {}", error.kind()))?;
        Ok((content, shown))
    }

    fn proxy(&self, template: &Template) -> Result<Proxy, String> {
        // What fills a hole is the URL, or a part of it, a password for instance, whatever signs are in that.
        let place = if matches!(template.parts.as_slice(), [Part::Hole(_)]) { Place::Plain } else { Place::Path };
        let filled = self.fill("proxy", template, place)?;
        let url =
            url::Url::parse(&filled).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let unusable = || "`proxy` is no URL such as `http://proxy.example:3128`".to_owned();
        Proxy::all(url.ok_or_else(unusable)?).map_err(|_| unusable())
    }
}

#[cfg(test)]
mod tests;
