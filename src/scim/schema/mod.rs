//! Attribute characteristics (RFC 7643 §2, §7) and the core schemas (§4, §8.7).

use std::sync::LazyLock;

mod common;
mod define;
mod enterprise;
mod group;
mod locate;
mod prune;
#[cfg(test)]
mod tests;
mod user;

pub use common::is_fixed;
pub use locate::{Located, Place};

/// The URN of the core User schema (RFC 7643 §4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// The URN of the core Group schema (RFC 7643 §4.2).
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// The URN of the enterprise extension (RFC 7643 §4.3).
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The data type of an attribute (RFC 7643 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// text
    String,
    /// `true` or `false`
    Boolean,
    /// a number with a fraction
    Decimal,
    /// a whole number
    Integer,
    /// an RFC 3339 time
    DateTime,
    /// base64 text
    Binary,
    /// a URI
    Reference,
    /// sub-attributes
    Complex,
}

impl Kind {
    /// The word in a schema document: `dateTime`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }
}

/// Who may write an attribute (RFC 7643 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// Only the service provider writes it.
    ReadOnly,
    /// Clients read and write it.
    ReadWrite,
    /// Set at creation, then fixed.
    Immutable,
    /// Never returned.
    WriteOnly,
}

impl Mutability {
    /// The word in a schema document: `readWrite`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "readOnly",
            Self::ReadWrite => "readWrite",
            Self::Immutable => "immutable",
            Self::WriteOnly => "writeOnly",
        }
    }

    /// The more permissive of two: read-write, write-only, immutable, read-only.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let rank = |mutability: Self| match mutability {
            Self::ReadOnly => 0,
            Self::Immutable => 1,
            Self::WriteOnly => 2,
            Self::ReadWrite => 3,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

/// When an attribute is returned (RFC 7643 §2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// In every answer.
    Always,
    /// In no answer.
    Never,
    /// Unless excluded.
    Default,
    /// Only when asked for.
    Request,
}

impl Returned {
    /// The word in a schema document: `default`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Default => "default",
            Self::Request => "request",
        }
    }
}

/// How unique a value is (RFC 7643 §2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// Not at all.
    None,
    /// Within one service provider.
    Server,
    /// Everywhere.
    Global,
}

impl Uniqueness {
    /// The word in a schema document: `none`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Server => "server",
            Self::Global => "global",
        }
    }
}

/// One attribute definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The name, as the schema spells it.
    pub name: String,
    /// The data type.
    pub kind: Kind,
    /// Whether it holds a list.
    pub multi_valued: bool,
    /// One sentence for people.
    pub description: String,
    /// Whether a resource must have it.
    pub required: bool,
    /// Suggested values.
    pub canonical_values: Vec<String>,
    /// Whether comparison heeds case.
    pub case_exact: bool,
    /// Who may write it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// How unique it is.
    pub uniqueness: Uniqueness,
    /// The resource types a reference may point to.
    pub reference_types: Vec<String>,
    /// The parts of a complex attribute.
    pub sub_attributes: Vec<Attribute>,
}

impl Attribute {
    /// The sub-attribute with this name, in any case.
    pub fn sub(&self, name: &str) -> Option<&Self> {
        self.sub_attributes.iter().find(|sub| sub.name.eq_ignore_ascii_case(name))
    }

    /// Whether its values point to other resources by id (`members`, `groups`, `manager`): then `value` alone says which.
    pub fn refers_to_resources(&self) -> bool {
        let fixed = |value: &Self| matches!(value.mutability, Mutability::Immutable | Mutability::ReadOnly);
        self.kind == Kind::Complex && (self.sub("$ref").is_some() || self.sub("value").is_some_and(fixed))
    }
}

/// A schema: a URN and its attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The URN.
    pub id: String,
    /// A short name, such as `User`.
    pub name: String,
    /// One sentence for people.
    pub description: String,
    /// The attributes.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// The attribute with this name, in any case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

/// A resource type with its core schema and its extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceSchema {
    /// The resource type's name: `User`.
    pub name: String,
    /// The endpoint below the tenant's path: `/Users`.
    pub endpoint: String,
    /// One sentence for people.
    pub description: String,
    /// The core schema.
    pub core: Schema,
    /// The extension schemas, each nested in a resource under its URN.
    pub extensions: Vec<Schema>,
}

/// The resource types of RFC 7643, whole.
static STANDARD: LazyLock<[ResourceSchema; 2]> = LazyLock::new(|| {
    [
        ResourceSchema {
            name: "User".to_owned(),
            endpoint: "/Users".to_owned(),
            description: "User Account".to_owned(),
            core: user::schema(),
            extensions: vec![enterprise::schema()],
        },
        ResourceSchema {
            name: "Group".to_owned(),
            endpoint: "/Groups".to_owned(),
            description: "Group".to_owned(),
            core: group::schema(),
            extensions: Vec::new(),
        },
    ]
});

impl ResourceSchema {
    /// The whole resource type of RFC 7643: `User` (with the enterprise extension) or `Group`, exact spelling.
    pub fn full(name: &str) -> Option<Self> {
        Self::standard(name).cloned()
    }

    /// The same as [`full`](Self::full), borrowed.
    pub fn standard(name: &str) -> Option<&'static Self> {
        STANDARD.iter().find(|resource_type| resource_type.name == name)
    }

    /// The extension with this URN, in any case.
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extensions.iter().find(|extension| extension.id.eq_ignore_ascii_case(urn))
    }

    /// Every attribute with the URN of its extension (`None` in the core schema), in order of the schemas.
    pub fn attributes(&self) -> impl Iterator<Item = (Option<&str>, &Attribute)> {
        let core = self.core.attributes.iter().map(|attribute| (None, attribute));
        core.chain(self.extensions.iter().flat_map(|extension| {
            extension.attributes.iter().map(|attribute| (Some(extension.id.as_str()), attribute))
        }))
    }
}
