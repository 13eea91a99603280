//! `sign` as written to a signature that every request gets.

use crate::mapping::call::{Hash, SignedText, Signing};
use crate::mapping::compile::call::line::header_name;
use crate::mapping::compile::call::place::{self, Context};
use crate::mapping::diagnostic::Code;
use crate::mapping::document::{SignDocument, SignedPart, SignedPiece, Text};
use crate::mapping::hole::Template;

/// Compiles `sign`. The reader of the file lets no other words pass.
pub(super) fn compile(sign: &SignDocument, context: &mut Context<'_>) -> Option<Signing> {
    let header = header_name(&sign.header, context.found);
    let key = key(&sign.key, context);
    let over = match &sign.over {
        Some(written) => pieces(written, context),
        None => usual(),
    };
    let text = match &sign.text {
        Some(written) => pieces(written, context),
        None => Some(vec![SignedText::Request(SignedPart::Signature)]),
    };
    let hash = match sign.hash.as_ref().map(|hash| hash.value.as_str()) {
        Some("sha1") => Hash::Sha1,
        Some("sha512") => Hash::Sha512,
        Some(_) | None => Hash::Sha256,
    };
    let base64 = sign.encoding.as_ref().is_some_and(|encoding| encoding.value == "base64");
    Some(Signing { header: header?, key: key?, hash, over: over?, base64, text: text? })
}

/// A key that everybody knows, or that may be missing, signs nothing.
fn key(text: &Text, context: &mut Context<'_>) -> Option<Template> {
    if text.value.is_empty() {
        context
            .found
            .add(Code::E14, text.span.clone(), "the key of `sign` is empty")
            .help("write `key = \"{secret.key}\"`");
        return None;
    }
    place::needed(text, context)
}

fn pieces(written: &[SignedPiece], context: &mut Context<'_>) -> Option<Vec<SignedText>> {
    // Every piece is compiled before the first failure counts, so that all faults are reported.
    let pieces: Vec<_> = written
        .iter()
        .map(|piece| match piece {
            SignedPiece::Template(text) => place::template(text, context).map(SignedText::Template),
            SignedPiece::Request(part) => Some(SignedText::Request(*part)),
        })
        .collect();
    pieces.into_iter().collect()
}

/// `{method}`, `{path}`, `{now.epoch_s}` and `{body.sha256}`, a line each.
fn usual() -> Option<Vec<SignedText>> {
    let text = |text| Template::parse(text).ok().map(SignedText::Template);
    Some(vec![
        SignedText::Request(SignedPart::Method),
        text("\n")?,
        SignedText::Request(SignedPart::Path),
        text("\n{now.epoch_s}\n")?,
        SignedText::Request(SignedPart::BodyHash),
    ])
}
