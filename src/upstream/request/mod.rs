//! A call and the scope filled into a request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, IF_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

use crate::mapping::call::{Call, Signing, UpstreamSettings, url_fault};
use crate::mapping::hole::{FillError, Hole, Place, Template};
use crate::mapping::scope::{Name, Scope, Surroundings};
use crate::upstream::body::{self, Encoded};
use sign::Signed;

/// All that the requests of one upstream have in common, made ready once.
#[derive(Debug)]
pub(crate) struct Base {
    /// The base URL without a final slash.
    parsed: Url,
    /// Headers whose values never change; those with secrets are marked sensitive.
    ready: HeaderMap,
    /// Headers that are filled anew for every call.
    live: Vec<(HeaderName, Template)>,
    /// What signs every request.
    sign: Option<Signing>,
}

/// The parts of a request that a call fills.
#[derive(Debug)]
pub(crate) struct Filled {
    /// The absolute URL.
    pub(crate) url: Url,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Option<bytes::Bytes>,
}

impl Base {
    /// The base URL and the common headers, with the secrets and the tenant's variables in their places.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub(crate) fn new(
        settings: &UpstreamSettings,
        url: Option<&str>,
        surroundings: &Surroundings,
    ) -> Result<Self, String> {
        let scope = Scope { surroundings: Some(surroundings), ..Scope::default() };
        let parsed = base_url(settings, url, &scope)?;
        let mut ready = own_headers();
        if let Some((user, password)) = &settings.basic {
            ready.insert(AUTHORIZATION, basic(user, password, &scope)?);
        }
        let mut live = Vec::new();
        for (name, template) in &settings.headers {
            if template.holes().all(is_constant) {
                let value = header(template, &scope).map_err(|fault| format!("the header `{name}`: {fault}"))?;
                if let Some(value) = value {
                    ready.insert(name.clone(), value);
                }
            } else {
                live.push((name.clone(), template.clone()));
            }
        }
        let key = settings.sign.as_ref().map(|sign| &sign.key).filter(|key| key.holes().all(is_constant));
        if key.is_some_and(|key| key.fill_loosely(&scope).is_empty()) {
            return Err("the key of `sign` is empty".to_owned());
        }
        Ok(Self { parsed, ready, live, sign: settings.sign.clone() })
    }

    /// The base URL.
    pub(crate) fn url(&self) -> &Url {
        &self.parsed
    }

    /// What a login shares with all calls: everything but what holds the session, or nothing where it is at another origin.
    pub(crate) fn for_login(&self, origin: Option<&Url>) -> Self {
        let parsed = origin.unwrap_or(&self.parsed).clone();
        if parsed.origin() != self.parsed.origin() {
            return Self { parsed, ready: own_headers(), live: Vec::new(), sign: None };
        }
        let of_session = |hole: &Hole| matches!(hole.name, Name::Session(_));
        let mut live = self.live.clone();
        live.retain(|(_, template)| !template.holes().any(of_session));
        let sign = self.sign.clone().filter(|sign| !sign.holes().any(of_session));
        Self { parsed, ready: self.ready.clone(), live, sign }
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> url::Origin {
        self.parsed.origin()
    }

    /// The request of one try.
    ///
    /// # Errors
    /// See [`FillError`].
    pub(crate) fn fill(&self, call: &Call, scope: &Scope<'_>) -> Result<Filled, FillError> {
        let mut headers = self.ready.clone();
        for (name, template) in self.live.iter().chain(&call.headers) {
            match header(template, scope)? {
                Some(value) => headers.insert(name.clone(), value),
                None => headers.remove(name),
            };
        }
        if let (true, Some(etag)) = (call.etag, scope.etag) {
            headers.insert(IF_MATCH, etag.clone());
        }
        let body =
            call.body.as_ref().map(|body| body::encode(body, (call.format, &call.form), scope)).transpose()?.flatten();
        let body = body.map(|Encoded { bytes, media_type, is_bound }| {
            if is_bound || !headers.contains_key(CONTENT_TYPE) {
                headers.insert(CONTENT_TYPE, media_type);
            }
            bytes
        });
        let url = self.fill_url(call, scope)?;
        if let Some(sign) = &self.sign {
            let signed = Signed { method: &call.method, url: &url, body: body.as_deref().unwrap_or_default() };
            signed.sign(sign, scope, &mut headers)?;
        }
        Ok(Filled { url, headers, body })
    }

    /// The base URL, then the path, then the query; nothing is resolved against anything.
    fn fill_url(&self, call: &Call, scope: &Scope<'_>) -> Result<Url, FillError> {
        if let (Some(next), false) =
            (scope.cursor.and_then(Value::as_str).filter(|_| call.next.is_some()), call.reads.cursor)
        {
            return self.next_url(next).ok_or(FillError::Unfit("cursor".to_owned(), "URL"));
        }
        // The host was read when the bridge was made: only what follows it is put together here.
        let mut url = self.parsed.clone();
        let mut text = String::with_capacity(128);
        text.push_str(self.parsed.path().trim_end_matches('/'));
        if !call.path.fill_into(scope, Place::Path, &mut text)? {
            return Err(FillError::Missing(call.path.text.clone()));
        }
        url.set_path(&text);
        text.clear();
        for (name, template) in &call.query {
            let before = text.len();
            if before > 0 {
                text.push('&');
            }
            text.push_str(name);
            text.push('=');
            if !template.fill_into(scope, Place::Query, &mut text)? {
                text.truncate(before);
            }
        }
        if !text.is_empty() {
            url.set_query(Some(&text));
        }
        Ok(url)
    }

    /// A next page's URL, if it is of this upstream's origin: it gets the credentials.
    fn next_url(&self, next: &str) -> Option<Url> {
        let next = Url::parse(next).ok()?;
        (next.origin() == self.parsed.origin()).then_some(next)
    }
}

/// The headers that the bridge itself sends.
fn own_headers() -> HeaderMap {
    HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))])
}

/// The base URL of an upstream; `url` replaces the mapping's.
///
/// # Errors
/// One sentence for the operator.
pub(crate) fn base_url(settings: &UpstreamSettings, url: Option<&str>, scope: &Scope<'_>) -> Result<Url, String> {
    let own;
    let template = match url {
        Some(text) => {
            own = Template::parse(text).map_err(|fault| format!("the URL is not valid: {fault}"))?;
            &own
        }
        None => &settings.url,
    };
    let filled = template.fill(scope, Place::Path).map_err(|fault| format!("the URL cannot be filled: {fault}"))?;
    let filled = filled.unwrap_or_default();
    let url = Url::parse(&filled).map_err(|fault| format!("the URL is not valid: {fault}"))?;
    if let Some((fault, help)) = url_fault(&url, settings.insecure) {
        return Err(format!("{fault}: {help}"));
    }
    Ok(url)
}

fn is_constant(hole: &Hole) -> bool {
    matches!(hole.name, Name::Secret(_) | Name::Tenant(_))
}

fn basic(user: &Template, password: &Template, scope: &Scope<'_>) -> Result<HeaderValue, String> {
    let fill = |template: &Template| {
        let filled = template.fill(scope, Place::Header).map_err(|fault| format!("`basic`: {fault}"));
        filled.map(Option::unwrap_or_default)
    };
    let credentials = STANDARD.encode(format!("{}:{}", fill(user)?, fill(password)?));
    let mut value =
        HeaderValue::try_from(format!("Basic {credentials}")).map_err(|_| "`basic` cannot be sent".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

fn header(template: &Template, scope: &Scope<'_>) -> Result<Option<HeaderValue>, FillError> {
    let Some(text) = template.fill(scope, Place::Header)? else { return Ok(None) };
    let mut value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        let hole = template.holes().next().map_or_else(String::new, |hole| hole.text.clone());
        FillError::Unfit(hole, "header")
    })?;
    value.set_sensitive(template.holes().any(|hole| matches!(hole.name, Name::Secret(_) | Name::Session(_))));
    Ok(Some(value))
}

mod sign;
#[cfg(test)]
mod tests;
