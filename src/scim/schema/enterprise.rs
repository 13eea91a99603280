//! The enterprise extension of User (RFC 7643 §4.3, §8.7.1).

use super::{Attribute, ENTERPRISE_USER, Mutability, Schema};

pub(super) fn schema() -> Schema {
    Schema {
        id: ENTERPRISE_USER.to_owned(),
        name: "EnterpriseUser".to_owned(),
        description: "Enterprise User".to_owned(),
        attributes: vec![
            Attribute::string(
                "employeeNumber",
                "Numeric or alphanumeric identifier assigned to a person, typically based on order of hire or \
                 association with an organization.",
            ),
            Attribute::string("costCenter", "Identifies the name of a cost center."),
            Attribute::string("organization", "Identifies the name of an organization."),
            Attribute::string("division", "Identifies the name of a division."),
            Attribute::string("department", "Identifies the name of a department."),
            manager(),
        ],
    }
}

fn manager() -> Attribute {
    Attribute::complex(
        "manager",
        "The User's manager. A complex type that optionally allows service providers to represent organizational \
         hierarchy by referencing the 'id' attribute of another User.",
        vec![
            // The RFC's table says that case does not matter here; but the value is an `id`, and ids are case-exact (§3.1).
            Attribute::string("value", "The id of the SCIM resource representing the User's manager.").case_exact(),
            Attribute::reference("$ref", &["User"], "The URI of the SCIM resource representing the User's manager."),
            Attribute::string("displayName", "The displayName of the User's manager.").with(Mutability::ReadOnly),
        ],
    )
}
