//! Laws of PATCH that hold for every resource and every list of operations.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn user() -> &'static ResourceSchema {
    ResourceSchema::standard("User").unwrap()
}

fn email() -> impl Strategy<Value = Value> {
    ("[a-d]@x", prop::option::of(prop::sample::select(vec!["work", "home"]))).prop_map(|(value, label)| match label {
        Some(label) => json!({"value": value, "type": label}),
        None => json!({"value": value}),
    })
}

fn resource() -> impl Strategy<Value = Resource> {
    (any::<Option<bool>>(), prop::option::of("[A-C]"), prop::collection::vec(email(), 0..4)).prop_map(
        |(active, given_name, emails)| {
            let mut resource = Resource::new();
            resource.insert("userName".to_owned(), json!("ada"));
            resource.extend(active.map(|active| ("active".to_owned(), json!(active))));
            resource.extend(given_name.map(|name| ("name".to_owned(), json!({"givenName": name}))));
            let patch = Patch {
                operations: vec![PatchOperation {
                    verb: Verb::Replace,
                    path: AttributePath::parse("emails").ok(),
                    value: Some(json!(emails)),
                }],
            };
            patch.apply(&resource, user()).unwrap().resource
        },
    )
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        "[a-c]?".prop_map(Value::from),
        email(),
        prop::collection::vec(email(), 0..3).prop_map(Value::from),
        Just(json!({"givenName": "X", "familyName": ""})),
        Just(json!({"active": "True", "name.givenName": "Y", "emails[type eq \"work\"].value": "z"})),
    ]
}

fn operation() -> impl Strategy<Value = PatchOperation> {
    let path = prop::option::of(prop::sample::select(vec![
        "active",
        "name",
        "name.givenName",
        "emails",
        "emails.value",
        r#"emails[type eq "work"]"#,
        r#"emails[type eq "work"].value"#,
        "emails[not (type pr)].primary",
        "groups",
        "unheardOf",
    ]));
    (prop::sample::select(vec![Verb::Add, Verb::Replace, Verb::Remove]), path, value()).prop_map(
        |(verb, path, value)| {
            let path = path.map(|path| AttributePath::parse(path).unwrap());
            PatchOperation { verb, path, value: Some(value) }
        },
    )
}

proptest! {
    #[test]
    fn removing_what_was_added_leaves_the_resource_as_it_was(resource in resource(), new in "[e-h]@y") {
        let operation = |verb, path: &str, value| {
            PatchOperation { verb, path: AttributePath::parse(path).ok(), value }
        };
        let patch = Patch {
            operations: vec![
                operation(Verb::Add, "emails", Some(json!([{"value": new.as_str()}]))),
                operation(Verb::Remove, &format!(r#"emails[value eq "{new}"]"#), None),
                operation(Verb::Add, "title", Some(json!("T"))),
                operation(Verb::Remove, "title", None),
            ],
        };
        prop_assert_eq!(patch.apply(&resource, user()).unwrap().resource, resource);
    }

    #[test]
    fn a_patch_repeated_changes_nothing_more(resource in resource(), operation in operation()) {
        let patch = Patch { operations: vec![operation] };
        if let Ok(once) = patch.apply(&resource, user()) {
            let twice = patch.apply(&once.resource, user());
            prop_assert_eq!(twice.map(|applied| applied.resource), Ok(once.resource));
        }
    }

    #[test]
    fn operations_together_are_as_good_as_one_by_one(
        resource in resource(),
        operations in prop::collection::vec(operation(), 1..5),
    ) {
        let mut one_by_one = Ok(resource.clone());
        for operation in &operations {
            let patch = Patch { operations: vec![operation.clone()] };
            one_by_one = one_by_one.and_then(|resource| Ok(patch.apply(&resource, user())?.resource));
        }
        let together = Patch { operations }.apply(&resource, user()).map(|applied| applied.resource);
        prop_assert_eq!(together, one_by_one, "the first fault refuses the whole");
    }

    #[test]
    fn no_more_than_one_element_is_primary(
        resource in resource(),
        operations in prop::collection::vec(operation(), 1..5),
    ) {
        if let Ok(applied) = (Patch { operations }).apply(&resource, user()) {
            let emails = applied.resource.get("emails").and_then(Value::as_array).cloned().unwrap_or_default();
            prop_assert!(emails.iter().filter(|email| email["primary"] == true).count() <= 1);
        }
    }
}
