//! What only `check` and `test` ask: how rules take values, and what a mapping leaves undone.
//!
//! A bridge that serves does not ask it, so that a reload stays quick and never fails for a thing that was fine before.

use tracing::subscriber::{NoSubscriber, with_default};

use crate::mapping::compile::Mapping;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::Document;
use crate::mapping::source::Source;

mod care;
mod lasting;
mod trial;
mod values;

/// Tries the rules of a mapping with values, and looks for what it leaves undone. `found` comes back in the order of the file.
pub fn closely(source: &Source, mapping: &Mapping, found: &mut Diagnostics) {
    look(source, mapping, false, found);
}

/// The same, with what is often meant as it is.
pub fn strictly(source: &Source, mapping: &Mapping, found: &mut Diagnostics) {
    look(source, mapping, true, found);
}

fn look(source: &Source, mapping: &Mapping, strict: bool, found: &mut Diagnostics) {
    // What is wrong with the text itself is told by who loaded it.
    let Some(document) = Document::read(source, &mut Diagnostics::new(&source.path)) else { return };
    for (written, compiled) in document.types.iter().zip(&mapping.types) {
        care::check(&document.upstream, written, compiled, found);
        lasting::check(written, compiled, strict, found);
        for rule in &compiled.view.rules {
            let told = found.found.iter().any(|finding| {
                finding.code == Code::W04 && rule.span.start <= finding.span.start && finding.span.end <= rule.span.end
            });
            let document = written.attributes.iter().find(|document| document.span == rule.span);
            if let Some(document) = document.filter(|_| !told) {
                // What a rule logs about a value is about this one, not about a client's.
                with_default(NoSubscriber::default(), || trial::check(document, rule, found));
            }
        }
    }
    found.sort();
}

#[cfg(test)]
mod tests;
