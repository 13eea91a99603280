//! Attribute definitions in few words: the defaults of RFC 7643 §2.2, and what differs from them.

use super::{Attribute, Kind, Mutability, Returned, Uniqueness};

impl Attribute {
    /// An attribute with the default characteristics: one value, optional, `readWrite`, returned by default, not unique,
    /// compared without regard to case.
    pub fn new(name: &str, kind: Kind, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            multi_valued: false,
            description: description.to_owned(),
            required: false,
            canonical_values: Vec::new(),
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            reference_types: Vec::new(),
            sub_attributes: Vec::new(),
        }
    }

    pub(super) fn string(name: &str, description: &str) -> Self {
        Self::new(name, Kind::String, description)
    }

    pub(super) fn reference(name: &str, types: &[&str], description: &str) -> Self {
        let reference_types = types.iter().map(|name| (*name).to_owned()).collect();
        Self { reference_types, ..Self::new(name, Kind::Reference, description) }
    }

    pub(super) fn complex(name: &str, description: &str, sub_attributes: Vec<Self>) -> Self {
        Self { sub_attributes, ..Self::new(name, Kind::Complex, description) }
    }

    pub(super) fn multi_valued(self) -> Self {
        Self { multi_valued: true, ..self }
    }

    pub(super) fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(super) fn case_exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    pub(super) fn canonical(self, values: &[&str]) -> Self {
        Self { canonical_values: values.iter().map(|value| (*value).to_owned()).collect(), ..self }
    }

    pub(super) fn with(self, mutability: Mutability) -> Self {
        Self { mutability, ..self }
    }

    pub(super) fn returned(self, returned: Returned) -> Self {
        Self { returned, ..self }
    }

    pub(super) fn unique(self, uniqueness: Uniqueness) -> Self {
        Self { uniqueness, ..self }
    }
}

/// The sub-attributes that most multi-valued attributes share (RFC 7643 §2.4): `value`, `display`, `type`, `primary`.
pub(super) fn plural(value: Attribute, types: &[&str]) -> Vec<Attribute> {
    vec![
        value,
        Attribute::string("display", "A human-readable name, primarily used for display purposes."),
        Attribute::string("type", "A label indicating the attribute's function.").canonical(types),
        Attribute::new(
            "primary",
            Kind::Boolean,
            "A Boolean value indicating the 'primary' or preferred attribute value for this attribute. The primary \
             attribute value 'true' MUST appear no more than once.",
        ),
    ]
}
