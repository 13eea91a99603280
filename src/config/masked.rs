//! A settings file with everything masked that could be a secret, for the lines that findings show.

use crate::config::fields::TABLES;
use crate::mapping::fields::Kind;

/// Whether the values of a key are no secrets: those of the settings' own keys but `value`, and `key`, under which people put
/// secrets too.
fn is_open(key: &str) -> bool {
    let is_setting = |kind: Kind| !matches!(kind, Kind::Table | Kind::Tables | Kind::TextTable);
    !matches!(key, "value" | "key")
        && TABLES.iter().any(|(_, table)| table.field(key).is_some_and(|field| is_setting(field.kind)))
}

/// `text` with its values masked, byte for byte, save those of keys that hold no secret.
///
/// It works on text that is not TOML as well: a secret must not be shown because a quote was forgotten beside it.
pub(super) fn masked(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    let mut key = "";
    while let Some(letter) = rest.chars().next() {
        let length = match letter {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => string_length(rest, letter),
            _ if is_word(letter) => rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()),
            _ => letter.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        let is_text = letter == '"' || letter == '\'';
        let is_token = is_text || is_word(letter);
        let is_key = is_token && after.trim_start_matches([' ', '\t']).starts_with(['=', '.']);
        if is_key {
            key = token.trim_matches(['"', '\'']);
        }
        if is_key || is_open(key) || !(is_text || key == "value" && is_word(letter)) {
            shown.push_str(token);
        } else {
            shown.extend(
                token.bytes().map(|byte| if matches!(byte, b'"' | b'\'' | b'\n' | b'\r') { byte as char } else { '*' }),
            );
        }
        if is_token && !is_key {
            key = "";
        }
        rest = after;
    }
    shown
}

/// Whether a letter belongs to a bare key or value.
fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '+')
}

/// The length of a string with its quotes; to the end of the line, or of the text, where it is not closed.
fn string_length(text: &str, quote: char) -> usize {
    let triple = quote.to_string().repeat(3);
    if text.starts_with(&triple) {
        return text[3..].find(&triple).map_or(text.len(), |end| end + 6);
    }
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '\n' => return at,
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            _ if letter == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn only_what_is_no_secret_is_shown_and_every_place_stays() {
        let cases = [
            ("a listener", "listen = \"127.0.0.1:1\"", "listen = \"127.0.0.1:1\""),
            ("a plain secret", "a = { value = \"hush\" } # why", "a = { value = \"****\" } # why"),
            ("a reference", "a = { env = \"NAME\" }", "a = { env = \"NAME\" }"),
            ("a secret without quotes", "a = { value = 12345 }", "a = { value = ***** }"),
            (
                "a token without a table",
                "tokens = [\"hush\", { env = \"A\" }, 'hush']",
                "tokens = [\"****\", { env = \"A\" }, '****']",
            ),
            ("a secret without a table", "acme_key = \"hush\"", "acme_key = \"****\""),
            ("an open quote", "value = \"hush\nb = 'x", "value = \"****\nb = '*"),
            ("an escape", r#"value = "a\"hush" }"#, r#"value = "**"****" }"#),
            (
                "several lines",
                "value = \"\"\"\nhush\n\"\"\"\nlisten = 'x'",
                "value = \"\"\"\n****\n\"\"\"\nlisten = 'x'",
            ),
            ("characters of several bytes", "value = \"hü\"", "value = \"***\""),
            ("quoted keys", "[tenants.\"acme\"]\n\"value\" = 'hush'", "[tenants.\"****\"]\n\"value\" = '****'"),
            ("a secret called `key`", "key = 'hush'", "key = '****'"),
            ("a named token", "{ name = 'okta', value = 'hush' }", "{ name = 'okta', value = '****' }"),
            ("a count", "connections = 12", "connections = 12"),
        ];
        for (name, text, want) in cases {
            assert_eq!(masked(text), want, "{name}");
            assert_eq!(masked(text).len(), text.len(), "{name}");
        }
    }
}
