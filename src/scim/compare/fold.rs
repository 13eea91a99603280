//! One case folding for every comparison and every key.

use std::borrow::Cow;

/// The text in the form that comparisons without regard to case use: each character in lower case, by itself.
///
/// `str::to_lowercase` would treat a sigma at the end of a word in its own way, so that equal names could fold to different
/// keys. Only for comparing; what is stored is the text as sent.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    Cow::Owned(folded(text).collect())
}

/// Whether two texts fold to the same; allocates nothing.
pub fn eq_folded(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        return left.eq_ignore_ascii_case(right);
    }
    folded(left).eq(folded(right))
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_in_case_only_fold_to_the_same() {
        let cases = [
            // (name, left, right, same)
            ("ASCII", "Ada.Lovelace", "ADA.LOVELACE", true),
            ("umlauts", "JÖRG", "jörg", true),
            ("Cyrillic", "АДА", "ада", true),
            ("a final sigma", "ΟΔΥΣΣΕΥΣ", "οδυσσευς", true),
            ("a Kelvin sign", "\u{212a}", "k", true),
            ("sharp s is a letter of its own", "STRASSE", "straße", false),
            ("accents count", "José", "Jose", false),
            ("a prefix", "ada", "adam", false),
        ];
        for (name, left, right, same) in cases {
            assert_eq!(fold(left) == fold(right), same, "{name}: fold");
            assert_eq!(eq_folded(left, right), same, "{name}: eq_folded");
        }
    }

    #[test]
    fn lower_case_ascii_is_borrowed() {
        assert!(matches!(fold("ada@acme.example"), Cow::Borrowed(_)));
        assert!(matches!(fold("Ada"), Cow::Owned(_)));
    }
}
