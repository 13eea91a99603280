//! What one record, or an answer with records in it, tells.

use serde_json::Value;

use crate::init::api::Api;
use crate::init::curl::usual;
use crate::init::envelope;
use crate::init::paging;
use crate::init::shape::{self, schema_of, type_of};
use crate::init::words::Noun;

/// Puts what a sample of a user tells into what is known.
///
/// # Errors
/// One sentence: there is no record in it.
pub(super) fn read(sample: &Value, api: &mut Api) -> Result<(), String> {
    let schema = schema_of(sample);
    let noun = Noun::User;
    let is_list =
        type_of(&schema) == "array" || envelope::record(&schema, noun).1 == &schema && list_of(&schema).is_some();
    let listed = if is_list { list_of(&schema) } else { None };
    let (place, record) = listed.clone().unwrap_or_else(|| envelope::record(&schema, noun));
    let fields = shape::fields(record);
    if fields.is_empty() {
        return Err("the sample holds no record: a JSON object with the fields of one user belongs there".to_owned());
    }
    if api.resources.iter().all(|resource| resource.noun != noun) {
        api.resources.insert(0, usual(noun, "users"));
        api.unknown.push("the calls are those of most APIs: hold them against yours".to_owned());
    }
    let guessed = api.url.is_none() || api.sources.iter().all(|source| source == "a curl line");
    api.sources.push("a sample of a record".to_owned());
    let Some(resource) = api.resources.iter_mut().find(|resource| resource.noun == noun) else { return Ok(()) };
    resource.record = shape::with_example(std::mem::take(&mut resource.record), &fields);
    if guessed && listed.is_some() {
        if let Some(listing) = &mut resource.list {
            listing.items = place;
            let searches = std::mem::take(&mut listing.paging);
            paging::read(listing, &[], &schema, &[]);
            listing.paging = searches;
        }
    } else if let Some(get) = resource.get.as_mut().filter(|_| guessed && place != "$") {
        get.item = Some(place);
    }
    Ok(())
}

fn list_of(schema: &Value) -> Option<(String, &Value)> {
    envelope::list(schema, Noun::User).filter(|(_, element)| type_of(element) == "object")
}
