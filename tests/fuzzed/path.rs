//! Any text as a path.

use scim_bridge::scim::filter::MAX_LENGTH;
use scim_bridge::scim::{AttributePath, ResourceSchema};

/// What is read prints as what reads back, and finds its place, or none, in every schema.
pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let path = match AttributePath::parse(text) {
        Ok(path) => path,
        Err(error) => {
            assert!(error.offset <= text.len(), "{error:?} lies outside of {text:?}");
            return;
        }
    };
    let printed = path.to_string();
    if printed.len() <= MAX_LENGTH {
        assert_eq!(AttributePath::parse(&printed).as_ref(), Ok(&path), "{text:?} prints as {printed:?}");
    }
    for name in ["User", "Group"] {
        let schema = ResourceSchema::standard(name).expect("RFC 7643 has users and groups");
        let (whole, place, attribute) = (schema.locate(&path), schema.place(&path), schema.attribute(&path));
        assert!(attribute.is_none() || place.is_some(), "{text:?} is an attribute and has no place");
        assert!(place.is_none() || whole.is_some(), "{text:?} has a place and is not found");
    }
}
