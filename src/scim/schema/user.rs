//! The core User schema (RFC 7643 §4.1, §8.7.1).

use super::define::plural;
use super::{Attribute, Kind, Mutability, Returned, Schema, USER, Uniqueness, common};

pub(super) fn schema() -> Schema {
    let mut attributes = vec![common::external_id()];
    attributes.extend(identity());
    attributes.extend(profile());
    attributes.extend(contact());
    attributes.push(addresses());
    attributes.extend(membership());
    Schema { id: USER.to_owned(), name: "User".to_owned(), description: "User Account".to_owned(), attributes }
}

fn identity() -> [Attribute; 4] {
    [
        Attribute::string(
            "userName",
            "Unique identifier for the User, typically used by the user to directly authenticate to the service \
             provider. Each User MUST include a non-empty userName value. This identifier MUST be unique across the \
             service provider's entire set of Users. REQUIRED.",
        )
        .required()
        .unique(Uniqueness::Server),
        name(),
        Attribute::string(
            "displayName",
            "The name of the User, suitable for display to end-users. The name SHOULD be the full name of the User \
             being described, if known.",
        ),
        Attribute::string(
            "nickName",
            "The casual way to address the user in real life, e.g., 'Bob' or 'Bobby' instead of 'Robert'. This \
             attribute SHOULD NOT be used to represent a User's username (e.g., 'bjensen' or 'mpepperidge').",
        ),
    ]
}

fn name() -> Attribute {
    Attribute::complex(
        "name",
        "The components of the user's real name. Providers MAY return just the full name as a single string in the \
         formatted sub-attribute, or they MAY return just the individual component attributes using the other \
         sub-attributes, or they MAY return both.",
        vec![
            Attribute::string(
                "formatted",
                "The full name, including all middle names, titles, and suffixes as appropriate, formatted for display \
                 (e.g., 'Ms. Barbara J Jensen, III').",
            ),
            Attribute::string(
                "familyName",
                "The family name of the User, or last name in most Western languages (e.g., 'Jensen' given the full \
                 name 'Ms. Barbara J Jensen, III').",
            ),
            Attribute::string(
                "givenName",
                "The given name of the User, or first name in most Western languages (e.g., 'Barbara' given the full \
                 name 'Ms. Barbara J Jensen, III').",
            ),
            Attribute::string("middleName", "The middle name(s) of the User (e.g., 'Jane')."),
            Attribute::string(
                "honorificPrefix",
                "The honorific prefix(es) of the User, or title in most Western languages (e.g., 'Ms.').",
            ),
            Attribute::string(
                "honorificSuffix",
                "The honorific suffix(es) of the User, or suffix in most Western languages (e.g., 'III').",
            ),
        ],
    )
}

fn profile() -> [Attribute; 8] {
    [
        Attribute::reference(
            "profileUrl",
            &["external"],
            "A fully qualified URL pointing to a page representing the User's online profile.",
        ),
        Attribute::string("title", "The user's title, such as 'Vice President.'"),
        Attribute::string(
            "userType",
            "Used to identify the relationship between the organization and the user. Typical values used might be \
             'Contractor', 'Employee', 'Intern', 'Temp', 'External', and 'Unknown', but any value may be used.",
        ),
        Attribute::string(
            "preferredLanguage",
            "Indicates the User's preferred written or spoken language. Generally used for selecting a localized user \
             interface; e.g., 'en_US' specifies the language English and country US.",
        ),
        Attribute::string(
            "locale",
            "Used to indicate the User's default location for purposes of localizing items such as currency, date time \
             format, or numerical representations.",
        ),
        Attribute::string(
            "timezone",
            "The User's time zone in the 'Olson' time zone database format, e.g., 'America/Los_Angeles'.",
        ),
        Attribute::new("active", Kind::Boolean, "A Boolean value indicating the User's administrative status."),
        Attribute::string(
            "password",
            "The User's cleartext password. This attribute is intended to be used as a means to specify an initial \
             password when creating a new User or to reset an existing User's password.",
        )
        .case_exact()
        .with(Mutability::WriteOnly)
        .returned(Returned::Never),
    ]
}

fn contact() -> [Attribute; 4] {
    [
        Attribute::complex(
            "emails",
            "Email addresses for the user. The value SHOULD be canonicalized by the service provider, e.g., \
             'bjensen@example.com' instead of 'bjensen@EXAMPLE.COM'.",
            plural(Attribute::string("value", "Email addresses for the user."), &["work", "home", "other"]),
        )
        .multi_valued(),
        Attribute::complex(
            "phoneNumbers",
            "Phone numbers for the User. The value SHOULD be canonicalized by the service provider according to the \
             format specified in RFC 3966, e.g., 'tel:+1-201-555-0123'.",
            plural(
                Attribute::string("value", "Phone number of the User."),
                &["work", "home", "mobile", "fax", "pager", "other"],
            ),
        )
        .multi_valued(),
        Attribute::complex(
            "ims",
            "Instant messaging addresses for the User.",
            plural(
                Attribute::string("value", "Instant messaging address for the User."),
                &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
            ),
        )
        .multi_valued(),
        Attribute::complex(
            "photos",
            "URLs of photos of the User.",
            plural(
                Attribute::reference("value", &["external"], "URL of a photo of the User."),
                &["photo", "thumbnail"],
            ),
        )
        .multi_valued(),
    ]
}

fn addresses() -> Attribute {
    Attribute::complex(
        "addresses",
        "A physical mailing address for this User.",
        vec![
            Attribute::string(
                "formatted",
                "The full mailing address, formatted for display or use with a mailing label. This attribute MAY \
                 contain newlines.",
            ),
            Attribute::string(
                "streetAddress",
                "The full street address component, which may include house number, street name, P.O. box, and \
                 multi-line extended street address information. This attribute MAY contain newlines.",
            ),
            Attribute::string("locality", "The city or locality component."),
            Attribute::string("region", "The state or region component."),
            Attribute::string("postalCode", "The zip code or postal code component."),
            Attribute::string("country", "The country name component."),
            Attribute::string("type", "A label indicating the attribute's function, e.g., 'work' or 'home'.")
                .canonical(&["work", "home", "other"]),
            Attribute::new(
                "primary",
                Kind::Boolean,
                "A Boolean value indicating the 'primary' or preferred address. The primary attribute value 'true' \
                 MUST appear no more than once.",
            ),
        ],
    )
    .multi_valued()
}

fn membership() -> [Attribute; 4] {
    [
        groups(),
        Attribute::complex(
            "entitlements",
            "A list of entitlements for the User that represent a thing the User has.",
            plural(Attribute::string("value", "The value of an entitlement."), &[]),
        )
        .multi_valued(),
        Attribute::complex(
            "roles",
            "A list of roles for the User that collectively represent who the User is, e.g., 'Student', 'Faculty'.",
            plural(Attribute::string("value", "The value of a role."), &[]),
        )
        .multi_valued(),
        Attribute::complex(
            "x509Certificates",
            "A list of certificates issued to the User.",
            plural(Attribute::new("value", Kind::Binary, "The value of an X.509 certificate.").case_exact(), &[]),
        )
        .multi_valued(),
    ]
}

fn groups() -> Attribute {
    let part = |attribute: Attribute| attribute.with(Mutability::ReadOnly);
    Attribute::complex(
        "groups",
        "A list of groups to which the user belongs, either through direct membership, through nested groups, or \
         dynamically calculated.",
        vec![
            // The RFC's table says that case does not matter here; but the value is an `id`, and ids are case-exact (§3.1).
            part(Attribute::string("value", "The identifier of the User's group.").case_exact()),
            part(Attribute::reference(
                "$ref",
                &["User", "Group"],
                "The URI of the corresponding 'Group' resource to which the user belongs.",
            )),
            part(Attribute::string("display", "A human-readable name, primarily used for display purposes.")),
            part(
                Attribute::string("type", "A label indicating the attribute's function, e.g., 'direct' or 'indirect'.")
                    .canonical(&["direct", "indirect"]),
            ),
        ],
    )
    .multi_valued()
    .with(Mutability::ReadOnly)
}
