use super::*;
use crate::scim::AttributePath;

fn path(text: &str) -> AttributePath {
    AttributePath::parse(text).unwrap()
}

fn user() -> &'static ResourceSchema {
    ResourceSchema::standard("User").unwrap()
}

#[test]
fn an_attribute_is_found_by_any_spelling_of_its_path() {
    let cases = [
        // (name, path, found)
        ("plain", "userName", Some("userName")),
        ("another case", "USERNAME", Some("userName")),
        ("a sub-attribute", "name.GIVENNAME", Some("givenName")),
        ("the core URN", "urn:ietf:params:scim:schemas:core:2.0:user:userName", Some("userName")),
        ("an extension", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", Some("department")),
        (
            "below an extension",
            "URN:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:User:manager.value",
            Some("value"),
        ),
        ("a common attribute", "meta.created", Some("created")),
        ("id", "id", Some("id")),
        ("a value filter is left aside", r#"emails[type eq "work"].value"#, Some("value")),
        ("an extension's attribute without its URN", "department", None),
        ("an unknown sub-attribute", "name.nick", None),
        ("an unknown URN", "urn:acme:hr:badge", None),
        ("a URN alone", ENTERPRISE_USER, None),
    ];
    for (name, text, want) in cases {
        assert_eq!(user().attribute(&path(text)).map(|found| found.name.as_str()), want, "{name}");
    }
}

#[test]
fn known_schemas_decide_what_a_urn_means() {
    let mut schema = ResourceSchema::full("User").unwrap();
    let badge = || vec![Attribute::string("badge", "")];
    for id in ["urn:acme:hr", "urn:acme:2.0"] {
        let (id, name, description) = (id.to_owned(), "Hr".to_owned(), String::new());
        schema.extensions.push(Schema { id, name, description, attributes: badge() });
    }
    let cases = [
        ("an extension alone that looks like an attribute", "urn:acme:hr", "urn:acme:hr", None),
        ("an attribute that looks like an extension alone", "urn:acme:2.0:badge", "urn:acme:2.0", Some("badge")),
        ("an attribute", "urn:acme:hr:badge", "urn:acme:hr", Some("badge")),
        ("the enterprise extension alone", ENTERPRISE_USER, ENTERPRISE_USER, None),
    ];
    for (name, text, extension, attribute) in cases {
        let got = match schema.locate(&path(text)) {
            Some(Located::Extension(extension)) => Some((extension.id.as_str(), None)),
            Some(Located::Attribute(place)) => Some((
                place.extension.map_or("", |extension| extension.id.as_str()),
                Some(place.attribute.name.as_str()),
            )),
            Some(Located::Core) | None => None,
        };
        assert_eq!(got, Some((extension, attribute)), "{name}");
    }
    assert_eq!(schema.locate(&path(USER)), Some(Located::Core));
}

#[test]
fn only_the_mapped_attributes_stay() {
    use Mutability::{Immutable, ReadOnly, ReadWrite, WriteOnly};
    let mapped = |rows: &[(&str, Mutability)]| {
        let rows: Vec<_> = rows.iter().map(|(text, mutability)| (path(text), *mutability)).collect();
        user().only(&rows)
    };
    let schema = mapped(&[
        ("userName", Immutable),
        ("name.formatted", ReadOnly),
        (r#"emails[type eq "work"].value"#, ReadWrite),
        (r#"emails[type eq "home"].value"#, ReadOnly),
        ("roles", ReadOnly),
        ("password", WriteOnly),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", ReadWrite),
        ("unheardOf", ReadWrite),
    ]);
    let cases = [
        ("the mapping's mutability counts", "userName", Some(Immutable)),
        ("a complex attribute of read-only parts", "name", Some(ReadOnly)),
        ("a part that is not mapped", "name.givenName", None),
        ("the most permissive of two rules", "emails.value", Some(ReadWrite)),
        ("what a value filter sets", "emails.type", Some(ReadWrite)),
        ("the preference of a value filter", "emails.primary", Some(ReadWrite)),
        ("a part that nothing sets", "emails.display", None),
        ("a whole attribute", "roles", Some(ReadOnly)),
        ("a part of a whole attribute", "roles.display", Some(ReadOnly)),
        ("not mapped", "title", None),
        ("not mapped though common", "externalId", None),
        ("always there", "id", Some(ReadOnly)),
        ("an extension's", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", Some(ReadWrite)),
        ("not mapped in an extension", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division", None),
    ];
    for (name, text, want) in cases {
        assert_eq!(schema.attribute(&path(text)).map(|found| found.mutability), want, "{name}");
    }
    assert_eq!(schema.attribute(&path("password")).map(|found| found.returned), Some(Returned::Never));
    assert!(mapped(&[("userName", ReadWrite)]).extensions.is_empty(), "an extension without a mapped attribute goes");
}

#[test]
fn every_definition_has_a_description_and_a_unique_name() {
    for schema in [&user().core, &user().extensions[0], &ResourceSchema::standard("Group").unwrap().core] {
        let mut names: Vec<_> = schema.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), schema.attributes.len(), "{}", schema.id);
        let parts = schema.attributes.iter().flat_map(|attribute| &attribute.sub_attributes);
        for attribute in schema.attributes.iter().chain(parts) {
            assert!(!attribute.description.is_empty(), "{}: {}", schema.id, attribute.name);
        }
    }
}
