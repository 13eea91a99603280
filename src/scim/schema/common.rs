//! The common attributes of every resource (RFC 7643 §3.1).

use std::sync::LazyLock;

use super::{Attribute, Kind, Mutability, Returned, Uniqueness};

/// `schemas`, `id` and `meta`: what every resource has whatever is mapped.
static FIXED: LazyLock<[Attribute; 3]> = LazyLock::new(|| [schemas(), id(), meta()]);

/// The attribute `schemas`, `id` or `meta`, in any case.
pub(super) fn fixed(name: &str) -> Option<&'static Attribute> {
    FIXED.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// Whether this is the name of `schemas`, `id` or `meta`, in any case: attributes that no client writes.
pub fn is_fixed(name: &str) -> bool {
    fixed(name).is_some()
}

/// The client's own identifier. It stands in the attribute list of a core schema, since it may be mapped or not.
pub(super) fn external_id() -> Attribute {
    Attribute::string("externalId", "An identifier for the resource as defined by the provisioning client.")
        .case_exact()
}

fn id() -> Attribute {
    Attribute::string("id", "A unique identifier for the resource as defined by the service provider.")
        .case_exact()
        .with(Mutability::ReadOnly)
        .returned(Returned::Always)
        .unique(Uniqueness::Server)
}

fn schemas() -> Attribute {
    Attribute::reference("schemas", &["uri"], "The URIs of the schemas that the resource consists of.")
        .multi_valued()
        .required()
        .case_exact()
        .returned(Returned::Always)
}

fn meta() -> Attribute {
    let part = |attribute: Attribute| attribute.with(Mutability::ReadOnly);
    let text = |name, description| part(Attribute::string(name, description).case_exact());
    let time = |name, description| part(Attribute::new(name, Kind::DateTime, description));
    Attribute::complex(
        "meta",
        "Metadata about the resource.",
        vec![
            text("resourceType", "The name of the resource type of the resource."),
            time("created", "When the resource was added to the service provider."),
            time("lastModified", "When the resource was last changed at the service provider."),
            part(Attribute::reference("location", &["uri"], "The URI of the resource being returned.").case_exact()),
            text("version", "The version of the resource being returned."),
        ],
    )
    .with(Mutability::ReadOnly)
}
