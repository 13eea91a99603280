//! Text within XML and HTML.

use std::fmt;

/// A text to be written between tags, or between the quotes of an attribute: markup is none, and characters that XML 1.0
/// cannot hold are U+FFFD.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\t' | '\n' | '\r' => write!(f, "{letter}")?,
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => f.write_str("\u{fffd}")?,
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_control_characters_lose_their_meaning() {
        let cases = [
            ("a tag", "<script>alert('1')</script>", "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"),
            ("the end of an attribute", "\" onload=\"x", "&quot; onload=&quot;x"),
            ("an entity", "&lt;", "&amp;lt;"),
            ("a bell", "a\u{7}b", "a\u{fffd}b"),
            ("lines", "a\nb", "a\nb"),
        ];
        for (name, text, want) in cases {
            assert_eq!(Escaped(text).to_string(), want, "{name}");
        }
    }
}
