use crate::mapping::compile::{Mapping, load};
use crate::mapping::diagnostic::Diagnostics;
use crate::mapping::source::Source;
use crate::scim::ResourceSchema;
use crate::scim::schema::{Attribute, Kind};

/// A mapping of devices with these rules, and the codes found.
fn devices(rules: &str) -> (Option<Mapping>, Vec<String>) {
    let text = format!(
        "scim_bridge = 1\nupstream.url = \"https://h\"\n[Device]\nschema = \"urn:acme:Device\"\nendpoint = \"/Devices\"\n\
         get = \"GET /d/{{id}}\"\n[Device.attributes]\nid = \"id\"\n{rules}"
    );
    let source = Source::new("test.toml", text);
    let mut found = Diagnostics::new("test.toml");
    let mapping = load(&source, &mut found);
    (mapping, found.found.iter().map(|finding| finding.code.to_string()).collect())
}

fn shape(attribute: &Attribute) -> String {
    let parts: Vec<String> = attribute.sub_attributes.iter().map(shape).collect();
    let parts = if parts.is_empty() { String::new() } else { format!("({})", parts.join(" ")) };
    let list = if attribute.multi_valued { "[]" } else { "" };
    format!("{}:{}{list}{parts}", attribute.name, attribute.kind.as_str())
}

#[test]
fn an_attribute_of_ones_own_is_what_its_rules_say() {
    let cases = [
        ("text unless it says otherwise", r#"label = "l""#, "label:string"),
        ("a type", r#"size = { at = "s", schema = { type = "integer" } }"#, "size:integer"),
        ("a list", r#"tags = { at = "t", schema = { multiValued = true } }"#, "tags:string[]"),
        ("a list that is one text", r#"tags = { at = "t", split = "," }"#, "tags:string[]"),
        (
            "parts",
            "part.one = \"a\"\npart.two = { at = \"b\", schema = { type = \"boolean\" } }",
            "part:complex(one:string two:boolean)",
        ),
        (
            "a list of parts",
            r#"disks = { at = "d", each = { label = "n", primary = "p" } }"#,
            "disks:complex[](label:string primary:boolean)",
        ),
        (
            "a list of references",
            r#"owners = { at = "o", schema = { type = "complex", multiValued = true } }"#,
            "owners:complex[](value:string)",
        ),
        ("an element", r#"'marks[type eq "a"].value' = "m""#, "marks:complex[](type:string value:string)"),
        (
            "a text of parts",
            r#"name = { at = "n", text = "{first} {last*}" }"#,
            "name:complex(first:string last:string)",
        ),
        ("the whole URN", r#""urn:acme:Device:label" = "l""#, "label:string"),
        ("a key of the type, as a rule", r#"key = { at = "k" }"#, "key:string"),
    ];
    for (name, rules, want) in cases {
        let (mapping, found) = devices(rules);
        let mapping = mapping.unwrap_or_else(|| panic!("{name}: {found:?}"));
        let core = &mapping.types[0].view.schema.core;
        let own: Vec<String> = core.attributes.iter().map(shape).collect();
        assert_eq!(own.join(" "), want, "{name}");
    }
}

#[test]
fn what_cannot_be_is_told() {
    let cases = [
        ("parts of parts", r#"a.b = { at = "b", schema = { type = "complex" } }"#, "E53"),
        ("a list in a part", r#"a.b = { at = "b", schema = { multiValued = true } }"#, "E53"),
        ("a common attribute", r#"externalId = { at = "e", schema = { type = "integer" } }"#, "E53"),
        ("no such type", r#"a = { at = "a", schema = { type = "text" } }"#, "E14"),
        ("a mistyped key", r#"a = { at = "a", schema = { multivalued = true } }"#, "E01"),
        ("a URN of which nothing is said", r#""urn:acme:other:Device:label" = "l""#, "E15"),
    ];
    for (name, rules, want) in cases {
        let (mapping, found) = devices(rules);
        assert!(mapping.is_none() && found.iter().any(|code| code == want), "{name}: {found:?}");
    }
}

#[test]
fn a_kept_name_is_seen_only_where_it_says_what_it_is() {
    let (mapping, _) = devices("note = { kept = true, schema = { type = \"string\" } }\nsecret = { kept = true }");
    let schema: ResourceSchema = mapping.unwrap().types[0].view.schema.clone();
    assert_eq!(schema.core.attribute("note").map(|note| note.kind), Some(Kind::String));
    assert_eq!(schema.core.attribute("secret"), None);
}
