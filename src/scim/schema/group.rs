//! The core Group schema (RFC 7643 §4.2, §8.7.1).

use super::{Attribute, GROUP, Mutability, Schema, common};

pub(super) fn schema() -> Schema {
    Schema {
        id: GROUP.to_owned(),
        name: "Group".to_owned(),
        description: "Group".to_owned(),
        attributes: vec![
            common::external_id(),
            Attribute::string("displayName", "A human-readable name for the Group. REQUIRED.").required(),
            members(),
        ],
    }
}

fn members() -> Attribute {
    Attribute::complex(
        "members",
        "A list of members of the Group.",
        vec![
            // The RFC's table says that case does not matter here; but the value is an `id`, and ids are case-exact (§3.1).
            Attribute::string("value", "Identifier of the member of this Group.")
                .case_exact()
                .with(Mutability::Immutable),
            Attribute::reference(
                "$ref",
                &["User", "Group"],
                "The URI corresponding to a SCIM resource that is a member of this Group.",
            )
            .with(Mutability::Immutable),
            Attribute::string("type", "A label indicating the type of resource, e.g., 'User' or 'Group'.")
                .canonical(&["User", "Group"])
                .with(Mutability::Immutable),
            Attribute::string("display", "A human-readable name, primarily used for display purposes.")
                .with(Mutability::Immutable),
        ],
    )
    .multi_valued()
}
