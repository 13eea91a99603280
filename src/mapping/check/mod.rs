//! Laws and coverage across rules and calls, and what a mapping asks of the settings.

use std::collections::BTreeSet;

use crate::mapping::compile::Mapping;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::Document;
use crate::mapping::name::nearest;
use crate::mapping::source::{Source, Span};

mod booleans;
mod closely;
mod coverage;
mod lists;
mod lossy;
mod operations;
mod texts;

pub use closely::{closely, strictly};

/// What the settings of a tenant offer to its mapping: names only.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'o> {
    /// The tenant's name.
    pub tenant: &'o str,
    /// The settings file as it shall be shown.
    pub settings: &'o str,
    /// The names of secrets.
    pub secrets: &'o BTreeSet<String>,
    /// The names of variables.
    pub variables: &'o BTreeSet<String>,
    /// Whether there is a store for what the bridge keeps itself.
    pub store: bool,
}

/// Asks the laws of a mapping whose rules and calls are sound in themselves.
pub(super) fn laws(source: &Source, document: &Document, mapping: &Mapping, found: &mut Diagnostics) {
    for (written, compiled) in document.types.iter().zip(&mapping.types) {
        operations::check(written, compiled, found);
        coverage::check(source, written, compiled, found);
        lists::check(source, written, compiled, found);
        lossy::check(written, compiled, found);
        booleans::check(written, compiled, found);
        texts::check(compiled, found);
    }
}

/// Compares what a mapping asks of the settings with what they offer; without settings, one note lists the secrets to define.
pub fn against_settings(mapping: &Mapping, offer: Option<&Offer<'_>>, found: &mut Diagnostics) {
    if let Some(span) = mapping.kept.as_ref().filter(|_| !offer.is_some_and(|offer| offer.store)) {
        let message = "the bridge shall keep this attribute, and this version has no store but memory";
        found
            .add(Code::E68, span.clone(), message)
            .note("memory is for tests, transcripts and the demo: what a serving bridge keeps there is gone with the process")
            .help("map the attribute to a place that your API has: { at = \"custom_fields.external_id\" }");
    }
    let Some(offer) = offer else {
        found.sort();
        note_secrets(&mapping.secrets, found);
        return;
    };
    for (name, span) in mapping.secrets.iter().filter(|(name, _)| !offer.secrets.contains(name)) {
        let near = nearest(name, offer.secrets.iter().map(String::as_str));
        let variable = name.to_uppercase().replace('-', "_");
        let finding = found.add(Code::E11, span.clone(), format!("secret `{name}` is not defined"));
        finding.label = near.map(|near| format!("did you mean `{near}`?"));
        finding.help(format!(
            "in {}: [secrets] {name} = {{ env = \"{variable}\" }} or {{ file = \"/run/secrets/{name}\" }}",
            offer.settings
        ));
    }
    for (name, span) in mapping.variables.iter().filter(|(name, _)| !offer.variables.contains(name)) {
        let near = nearest(name, offer.variables.iter().map(String::as_str));
        let message = format!("tenant `{}` has no variable `{name}`", offer.tenant);
        let finding = found.add(Code::E25, span.clone(), message);
        finding.label = near.map(|near| format!("did you mean `{near}`?"));
        finding.help(format!("in {}: [tenants.{}] vars = {{ {name} = \"…\" }}", offer.settings, offer.tenant));
    }
    found.sort();
}

/// One note for all secrets: each alone would drown the rest.
fn note_secrets(secrets: &[(String, Span)], found: &mut Diagnostics) {
    let Some((_, span)) = secrets.first() else { return };
    let names: Vec<String> = secrets.iter().map(|(name, _)| format!("`{name}`")).collect();
    let plural = if names.len() == 1 { "a secret" } else { "secrets" };
    found
        .add(Code::N34, span.clone(), format!("this mapping needs {plural} from the settings: {}", names.join(", ")))
        .help("check them with the settings: scim-bridge check config.toml");
    found.sort();
}

#[cfg(test)]
mod tests;
