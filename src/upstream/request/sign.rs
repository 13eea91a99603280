//! The signature of a request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderValue, Method};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use url::Url;

use crate::mapping::call::{Hash, SignedText, Signing};
use crate::mapping::document::SignedPart;
use crate::mapping::hole::{FillError, Place, Template};
use crate::mapping::scope::Scope;
use crate::value::hex;

/// The request as far as a signature sees it.
pub(super) struct Signed<'r> {
    pub(super) method: &'r Method,
    pub(super) url: &'r Url,
    pub(super) body: &'r [u8],
}

impl Signed<'_> {
    /// Adds the header with the signature.
    ///
    /// # Errors
    /// See [`FillError`].
    pub(super) fn sign(&self, signing: &Signing, scope: &Scope<'_>, headers: &mut HeaderMap) -> Result<(), FillError> {
        let key = filled(&signing.key, scope, Place::Plain)?;
        // Whoever knows the format could sign with an empty key.
        if key.is_empty() {
            return Err(unfit(signing));
        }
        let over = self.text(&signing.over, None, (scope, Place::Plain))?;
        let signature = match signing.hash {
            Hash::Sha1 => mac::<Hmac<Sha1>>(key.as_bytes(), &over),
            Hash::Sha256 => mac::<Hmac<Sha256>>(key.as_bytes(), &over),
            Hash::Sha512 => mac::<Hmac<Sha512>>(key.as_bytes(), &over),
        };
        let signature = signature.ok_or_else(|| unfit(signing))?;
        let written = if signing.base64 { STANDARD.encode(signature) } else { hex(&signature) };
        let text = self.text(&signing.text, Some(&written), (scope, Place::Header))?;
        let mut value = HeaderValue::from_bytes(&text).map_err(|_| unfit(signing))?;
        value.set_sensitive(true);
        headers.insert(signing.header.clone(), value);
        Ok(())
    }

    fn text(
        &self,
        pieces: &[SignedText],
        signature: Option<&str>,
        (scope, place): (&Scope<'_>, Place),
    ) -> Result<Vec<u8>, FillError> {
        let mut out = Vec::with_capacity(128);
        for piece in pieces {
            match piece {
                SignedText::Template(template) => out.extend(filled(template, scope, place)?.into_bytes()),
                SignedText::Request(SignedPart::Method) => out.extend(self.method.as_str().as_bytes()),
                SignedText::Request(SignedPart::Path) => out.extend(self.target().as_bytes()),
                SignedText::Request(SignedPart::Body) => out.extend(self.body),
                SignedText::Request(SignedPart::BodyHash) => out.extend(hex(&Sha256::digest(self.body)).into_bytes()),
                SignedText::Request(SignedPart::Signature) => out.extend(signature.unwrap_or_default().as_bytes()),
            }
        }
        Ok(out)
    }

    /// Path and query, as on the first line of the request.
    fn target(&self) -> &str {
        &self.url[url::Position::BeforePath..url::Position::AfterQuery]
    }
}

fn filled(template: &Template, scope: &Scope<'_>, place: Place) -> Result<String, FillError> {
    Ok(template.fill(scope, place)?.unwrap_or_default())
}

fn mac<M: Mac + KeyInit>(key: &[u8], over: &[u8]) -> Option<Vec<u8>> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    mac.update(over);
    Some(mac.finalize().into_bytes().to_vec())
}

fn unfit(signing: &Signing) -> FillError {
    FillError::Unfit(signing.key.text.trim_matches(['{', '}']).to_owned(), "signature")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::call::Purpose;
    use crate::mapping::scope::Surroundings;
    use crate::secret::Secret;
    use crate::upstream::sample::compile;

    #[test]
    fn a_signature_is_what_others_compute() {
        let fox = "The quick brown fox jumps over the lazy dog";
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let table = [
            (r#"hash = "sha1", over = "{body}""#, fox, "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9"),
            (r#"over = "{body}""#, fox, "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"),
            (
                r#"over = "{body}", as = "base64", text = "v1={signature}""#,
                fox,
                "v1=97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg=",
            ),
            (
                r#"hash = "sha512", over = "{method} {path}|{body.sha256}""#,
                "",
                &of_text::<Hmac<Sha512>>(&format!("GET /v1/u?a=b%20c|{empty}")),
            ),
        ];
        let surroundings =
            Surroundings { secrets: [("key".to_owned(), Secret::new("key"))].into(), ..Surroundings::default() };
        let scope = Scope { surroundings: Some(&surroundings), ..Scope::default() };
        let url = Url::parse("https://api.example/v1/u?a=b%20c").unwrap();
        for (keys, body, expected) in table {
            let text =
                format!("sign = {{ header = \"X-Sign\", key = \"{{secret.key}}\", {keys} }}\n[User]\nget = \"GET /u\"");
            let signing = compile(&text, Purpose::Get).0.sign.unwrap();
            let mut headers = HeaderMap::new();
            let signed = Signed { method: &Method::GET, url: &url, body: body.as_bytes() };
            signed.sign(&signing, &scope, &mut headers).unwrap();
            assert_eq!(headers["x-sign"], expected, "{keys}");
            assert!(headers["x-sign"].is_sensitive());
        }
    }

    #[test]
    fn nothing_is_signed_with_an_empty_key() {
        let text = "sign = { header = \"X-Sign\", key = \"{session.key}\" }\n[User]\nget = \"GET /u\"";
        let signing = compile(text, Purpose::Get).0.sign.unwrap();
        let session = crate::mapping::scope::SessionValues([("key".to_owned(), "".into())].into());
        let scope = Scope { session: Some(&session), ..Scope::default() };
        let url = Url::parse("https://api.example/").unwrap();
        let signed = Signed { method: &Method::GET, url: &url, body: b"" };
        let refused = signed.sign(&signing, &scope, &mut HeaderMap::new()).unwrap_err();
        assert_eq!(refused, FillError::Unfit("session.key".to_owned(), "signature"));
    }

    fn of_text<M: Mac + KeyInit>(text: &str) -> String {
        hex(&mac::<M>(b"key", text.as_bytes()).unwrap())
    }
}
