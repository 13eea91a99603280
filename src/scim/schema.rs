//! Attribute characteristics (RFC 7643 §2, §7) and the core schemas (§4, §8.7).

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
