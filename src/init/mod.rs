//! A first mapping, from what is at hand: an OpenAPI file, a curl line, a record.
//!
//! Everything here is a guess by the names that APIs use. Each guess says so in a comment, what could not be known is marked
//! `UNKNOWN`, and whatever `check` would refuse is left out as a comment, so that the draft can be used from the first minute.

use serde_json::Value;

use crate::init::api::Api;

mod api;
mod curl;
mod envelope;
mod names;
mod openapi;
mod paging;
mod rules;
mod sample;
mod shape;
mod sound;
mod words;
mod write;

/// What is at hand.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The name of the mapping: its folder, and the beginning of its secrets' names.
    pub name: String,
    /// The text of an OpenAPI 3 file, JSON or YAML.
    pub openapi: Option<String>,
    /// A curl line that works.
    pub curl: Option<String>,
    /// A record of a user, or an answer that holds one, as JSON.
    pub sample: Option<String>,
}

/// A first mapping.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The text of `mapping.toml`.
    pub mapping: String,
    /// What belongs into `config.toml`.
    pub settings: String,
    /// The number of places that are marked `UNKNOWN`.
    pub unknown: usize,
}

/// Drafts a mapping.
///
/// # Errors
/// One sentence: which of what is at hand cannot be read, and why.
pub fn draft(known: &Known) -> Result<Draft, String> {
    let mut api = match &known.openapi {
        Some(text) => {
            let root = openapi::parse(text).map_err(|error| format!("the OpenAPI file: {error}"))?;
            openapi::read(&root).map_err(|error| format!("the OpenAPI file: {error}"))?
        }
        None => Api::default(),
    };
    if let Some(line) = &known.curl {
        curl::read(line, &mut api).map_err(|error| format!("the curl line: {error}"))?;
    }
    if let Some(text) = &known.sample {
        let sample: Value = serde_json::from_str(text).map_err(|error| format!("the sample is not JSON: {error}"))?;
        sample::read(&sample, &mut api).map_err(|error| format!("the sample: {error}"))?;
    }
    if api.resources.is_empty() {
        api.resources.push(curl::usual(words::Noun::User, "users"));
        api.unknown.push("nothing is known of the API: calls and fields are those of most APIs".to_owned());
    }
    let mapping = sound::sound(&write::mapping(&known.name, &api));
    let unknown = mapping.matches("UNKNOWN").count() - 1;
    Ok(Draft { settings: write::settings(&known.name, &mapping), unknown, mapping })
}
