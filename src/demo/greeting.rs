//! What the demo says when it starts.

use super::api::{KEY, Seed};

/// The text: where SCIM is, the token if the demo made it, where the API is, three requests to try.
pub(super) fn greeting(base: &str, api: &str, token: Option<&str>, seed: Seed) -> String {
    let (held, id) = match seed {
        Seed::Company => ("200 people in 12 teams", 17),
        Seed::Empty => ("nobody yet", 1),
    };
    let shown = token.unwrap_or("(the one you gave)");
    let bearer = format!("-H \"Authorization: Bearer {}\"", token.unwrap_or("$TOKEN"));
    let json = "-H 'Content-Type: application/scim+json'";
    let user = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"new@hartwell.example","name":{"givenName":"New","familyName":"Person"}}"#;
    let patch = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"active":false}}]}"#;
    format!(
        "\
A legacy user API, and SCIM 2.0 in front of it by mappings/demo/mapping.toml alone.

  SCIM base   {base}
  token       {shown}
  legacy API  {api}   ({held}; its key: X-Staff-Key: {KEY})

To paste into another terminal:

curl {bearer} '{base}/Users?count=2'
curl {bearer} {json} -d '{user}' {base}/Users
curl {bearer} {json} -X PATCH -d '{patch}' {base}/Users/{id}

Each SCIM request and the calls that it made to the legacy API:
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_its_own_stands_in_every_line_to_paste() {
        let text = greeting("http://127.0.0.1:1/scim/v2", "http://127.0.0.1:2/api", Some("made-here"), Seed::Company);
        assert_eq!(text.matches("Bearer made-here\"").count(), 3, "{text}");
        assert!(text.contains("SCIM base   http://127.0.0.1:1/scim/v2\n"), "{text}");
    }

    #[test]
    fn a_token_that_was_given_is_not_shown() {
        let text = greeting("http://127.0.0.1:1/scim/v2", "http://127.0.0.1:2/api", None, Seed::Empty);
        assert_eq!(text.matches("Bearer $TOKEN\"").count(), 3, "{text}");
    }
}
