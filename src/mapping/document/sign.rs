//! `sign`: what is signed, split at the names that only a signature sees.

use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{SignDocument, SignedPart, SignedPiece, Spanned, Text};
use crate::mapping::fields::SIGN;
use crate::mapping::keys::Keys;

/// What of the request a signature may be made over.
const OVER: [(&str, SignedPart); 4] = [
    ("{method}", SignedPart::Method),
    ("{path}", SignedPart::Path),
    ("{body.sha256}", SignedPart::BodyHash),
    ("{body}", SignedPart::Body),
];
/// What carries the signature.
const CARRIED: [(&str, SignedPart); 1] = [("{signature}", SignedPart::Signature)];

/// Reads `sign`.
pub(super) fn read(upstream: &Keys<'_, '_>, found: &mut Diagnostics) -> Option<SignDocument> {
    let keys = Keys::of(&SIGN, "sign", upstream.value("sign")?, found)?;
    let (header, key) = (keys.required_text("header", found), keys.required_text("key", found));
    let (hash, encoding) = (keys.word("hash", found), keys.word("as", found));
    let over = keys.text("over", found).map(|text| pieces(&text, &OVER));
    let text = keys.text("text", found);
    if let Some(text) = text.as_ref().filter(|text| !text.value.contains("{signature}")) {
        let finding = found.add(Code::E19, text.span.clone(), "`text` does not hold the signature");
        finding.help("write `{signature}` where it shall stand: `text = \"sha256={signature}\"`");
    }
    let text = text.map(|text| pieces(&text, &CARRIED));
    Some(SignDocument { header: header?, key: key?, hash, over, encoding, text })
}

/// A text split at these names; `{{` is a literal brace and begins none of them.
fn pieces(text: &Text, names: &[(&str, SignedPart)]) -> Vec<SignedPiece> {
    let (mut pieces, mut start, mut at) = (Vec::new(), 0, 0);
    let literal = |range: std::ops::Range<usize>, pieces: &mut Vec<SignedPiece>| {
        if !range.is_empty() {
            let value = text.value[range.clone()].to_owned();
            pieces.push(SignedPiece::Template(Spanned { span: text.within(&range), value }));
        }
    };
    while let Some(brace) = text.value[at..].find('{').map(|brace| at + brace) {
        let rest = &text.value[brace..];
        match names.iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, part)) => {
                literal(start..brace, &mut pieces);
                pieces.push(SignedPiece::Request(*part));
                at = brace + name.len();
                start = at;
            }
            None => at = brace + if rest.starts_with("{{") { 2 } else { 1 },
        }
    }
    literal(start..text.value.len(), &mut pieces);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_at_the_names_of_the_request() {
        let table = [
            ("{method}\n{path}", vec!["Method", "\n", "Path"]),
            ("{now.epoch_s}.{body}", vec!["{now.epoch_s}.", "Body"]),
            ("{{method}} {body.sha256}!", vec!["{{method}} ", "BodyHash", "!"]),
            ("{signature}", vec!["{signature}"]),
            ("", vec![]),
        ];
        for (text, expected) in table {
            let written = Text { span: 0..text.len() + 2, value: text.to_owned() };
            let shown: Vec<String> = pieces(&written, &OVER)
                .into_iter()
                .map(|piece| match piece {
                    SignedPiece::Template(text) => text.value,
                    SignedPiece::Request(part) => format!("{part:?}"),
                })
                .collect();
            assert_eq!(shown, expected, "{text}");
        }
    }
}
