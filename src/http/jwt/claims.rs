//! What a token says, held against what it must say.

use serde::Deserialize;
use serde_json::Number;

use crate::http::jwt::Fault;

/// The claims that count. One that is missing makes the token none.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    /// Who is meant.
    pub(super) sub: String,
    aud: Audience,
    exp: Number,
    nbf: Option<Number>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Claims {
    /// Holds them against the settings and the time; times in seconds since 1970.
    ///
    /// # Errors
    /// The first claim that is otherwise.
    pub(super) fn hold(&self, issuer: &str, audience: &str, (now, leeway): (f64, f64)) -> Result<(), Fault> {
        let seconds = |number: &Number| number.as_f64().filter(|seconds| seconds.is_finite()).ok_or(Fault::Claims);
        if self.iss != issuer {
            return Err(Fault::Issuer);
        }
        let is_for = match &self.aud {
            Audience::One(one) => one == audience,
            Audience::Many(many) => many.iter().any(|one| one == audience),
        };
        if !is_for {
            return Err(Fault::Audience);
        }
        if now >= seconds(&self.exp)? + leeway {
            return Err(Fault::Expired);
        }
        if let Some(nbf) = &self.nbf
            && now + leeway < seconds(nbf)?
        {
            return Err(Fault::Early);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn held(claims: &Value) -> Result<(), Fault> {
        let claims: Claims = serde_json::from_slice(claims.to_string().as_bytes()).map_err(|_| Fault::Claims)?;
        claims.hold("https://id.example", "scim", (1000.0, 60.0))
    }

    #[test]
    fn every_claim_must_be_what_the_settings_say_and_in_time() {
        let with = |changes: &Value| {
            let mut claims = json!({ "iss": "https://id.example", "sub": "s", "aud": "scim", "exp": 2000, "nbf": 500 });
            for (name, value) in changes.as_object().unwrap() {
                let claims = claims.as_object_mut().unwrap();
                claims.shift_remove(name);
                if !value.is_null() {
                    claims.insert(name.clone(), value.clone());
                }
            }
            claims
        };
        let cases = [
            ("all of it", json!({}), Ok(())),
            ("several audiences", json!({ "aud": ["x", "scim"] }), Ok(())),
            ("without nbf", json!({ "nbf": null }), Ok(())),
            ("a fraction", json!({ "exp": 1000.5 }), Ok(())),
            ("over, within the leeway", json!({ "exp": 941 }), Ok(())),
            ("over", json!({ "exp": 940 }), Err(Fault::Expired)),
            ("early, within the leeway", json!({ "nbf": 1060 }), Ok(())),
            ("early", json!({ "nbf": 1061 }), Err(Fault::Early)),
            ("without exp", json!({ "exp": null }), Err(Fault::Claims)),
            ("exp as text", json!({ "exp": "2000" }), Err(Fault::Claims)),
            ("exp before 1970", json!({ "exp": -1 }), Err(Fault::Expired)),
            ("without sub", json!({ "sub": null }), Err(Fault::Claims)),
            ("without aud", json!({ "aud": null }), Err(Fault::Claims)),
            ("without iss", json!({ "iss": null }), Err(Fault::Claims)),
            ("another issuer", json!({ "iss": "https://id.example/" }), Err(Fault::Issuer)),
            ("two issuers", json!({ "iss": ["https://id.example"] }), Err(Fault::Claims)),
            ("another audience", json!({ "aud": "scim2" }), Err(Fault::Audience)),
            ("no audience at all", json!({ "aud": [] }), Err(Fault::Audience)),
        ];
        for (name, changes, want) in cases {
            assert_eq!(held(&with(&changes)), want, "{name}");
        }
        let endless: Claims =
            serde_json::from_str(r#"{"iss":"https://id.example","sub":"s","aud":"scim","exp":1e999}"#).unwrap();
        assert_eq!(
            endless.hold("https://id.example", "scim", (1000.0, 60.0)),
            Err(Fault::Claims),
            "a time without end"
        );
    }
}
