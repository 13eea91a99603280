use proptest::prelude::*;
use serde_json::json;

use super::*;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn schema() -> ResourceSchema {
    ResourceSchema::full("User").unwrap()
}

fn sort(by: &str, descending: bool) -> Sort {
    Sort { by: AttributePath::parse(by).unwrap(), descending }
}

/// The indexes of the resources in the order asked for.
fn ordered(resources: &[Value], sort: &Sort) -> Vec<usize> {
    let schema = schema();
    let mut keyed: Vec<(Key, usize)> = resources
        .iter()
        .enumerate()
        .map(|(index, resource)| (sort.key(resource.as_object().unwrap(), &schema), index))
        .collect();
    keyed.sort_by(|(one, _), (other, _)| sort.compare(one, other));
    keyed.into_iter().map(|(_, index)| index).collect()
}

/// Cases: a name, `sortBy`, the resources, their indexes in ascending order.
fn assert_ordered(cases: &[(&str, &str, Value, Vec<usize>)]) {
    for (name, by, resources, ascending) in cases {
        assert_eq!(&ordered(resources.as_array().unwrap(), &sort(by, false)), ascending, "{name}");
    }
}

#[test]
fn values_are_ordered_by_their_type() {
    let cases = [
        (
            "text without regard to case",
            "userName",
            json!([{ "userName": "bob" }, { "userName": "Carl" }, { "userName": "ADA" }, { "userName": "Émile" }]),
            vec![2, 0, 1, 3],
        ),
        (
            "text whose case counts",
            "externalId",
            json!([{ "externalId": "b" }, { "externalId": "C" }, { "externalId": "a" }]),
            vec![1, 2, 0],
        ),
        (
            "times, whatever their offset",
            "meta.created",
            json!([
                { "meta": { "created": "2024-05-01T12:00:00+02:00" } },
                { "meta": { "created": "2024-05-01T09:59:59Z" } },
                { "meta": { "created": "2024-05-01T10:00:00.5Z" } }
            ]),
            vec![1, 0, 2],
        ),
        ("booleans", "active", json!([{ "active": true }, { "active": false }, { "active": true }]), vec![1, 0, 2]),
        ("numbers by value", "title", json!([{ "title": 10 }, { "title": 9.5 }, { "title": 1e1 }]), vec![1, 0, 2]),
    ];
    assert_ordered(&cases);
}

#[test]
fn lists_and_extensions_are_ordered_by_the_value_that_speaks_for_them() {
    let level = format!("{ENTERPRISE}:employeeNumber");
    let cases = [
        (
            "the primary element of a list",
            "emails",
            json!([
                { "emails": [{ "value": "a@x" }, { "value": "z@x", "primary": true }] },
                { "emails": [{ "value": "m@x" }, { "value": "a@x" }] }
            ]),
            vec![1, 0],
        ),
        (
            "a part of an element",
            "emails.type",
            json!([{ "emails": [{ "value": "a", "type": "work" }] }, { "emails": [{ "value": "b", "type": "home" }] }]),
            vec![1, 0],
        ),
        (
            "an element by its type",
            r#"emails[type eq "work"].value"#,
            json!([
                { "emails": [{ "value": "a", "type": "home" }, { "value": "z", "type": "work" }] },
                { "emails": [{ "value": "m", "type": "work" }] }
            ]),
            vec![1, 0],
        ),
        (
            "an extension",
            level.as_str(),
            json!([{ ENTERPRISE: { "employeeNumber": "2" } }, { ENTERPRISE: { "employeeNumber": "1" } }]),
            vec![1, 0],
        ),
        (
            "a name with the URN in front",
            "urn:ietf:params:scim:schemas:core:2.0:User:userName",
            json!([{ "userName": "b" }, { "userName": "a" }]),
            vec![1, 0],
        ),
        (
            "no value, or an empty one, comes last",
            "nickName",
            json!([{}, { "nickName": "b" }, { "nickName": "" }, { "nickName": "a" }]),
            vec![3, 1, 0, 2],
        ),
    ];
    assert_ordered(&cases);
}

#[test]
fn from_the_last_to_the_first_what_has_no_value_comes_first_and_equals_keep_their_order() {
    let resources = json!([{ "title": "b" }, {}, { "title": "a" }, { "title": "B" }, {}]);
    assert_eq!(ordered(resources.as_array().unwrap(), &sort("title", true)), [1, 4, 0, 3, 2]);
    assert_eq!(ordered(resources.as_array().unwrap(), &sort("title", false)), [2, 0, 3, 1, 4]);
}

#[test]
fn an_order_is_read_from_its_two_parameters() {
    let asked = |by, order| Sort::parse(by, order);
    assert_eq!(asked(None, Some("descending")), Ok(None), "an order of nothing");
    assert_eq!(asked(Some(" "), None), Ok(None));
    assert_eq!(asked(Some("userName"), None), Ok(Some(sort("userName", false))));
    assert_eq!(asked(Some("userName"), Some("Descending")), Ok(Some(sort("userName", true))));
    let up = Error::invalid_value("`sortOrder` must be `ascending` or `descending`");
    assert_eq!(asked(Some("userName"), Some("up")), Err(up));
    let nothing = Error::invalid_value("`sortBy` is no attribute: expected an attribute name at character 1");
    assert_eq!(asked(Some("9"), None), Err(nothing));
}

#[test]
fn an_order_applies_where_the_type_has_the_attribute() {
    let parts = "`name` has parts: sort by one of them, such as `name.formatted`";
    let cases = [
        ("an attribute", "userName", Ok(true)),
        ("a part", "name.familyName", Ok(true)),
        ("a list, by its `value`", "emails", Ok(true)),
        ("a complex value, by its `value`", &format!("{ENTERPRISE}:manager"), Ok(true)),
        ("meta", "meta.lastModified", Ok(true)),
        ("an unknown attribute", "shoeSize", Ok(false)),
        ("an unknown part", "name.nick", Ok(false)),
        ("another type's", "urn:ietf:params:scim:schemas:core:2.0:Group:displayName", Ok(false)),
        ("a schema", USER, Ok(false)),
        ("an attribute with parts", "name", Err(Error::invalid_value(parts))),
    ];
    for (name, by, want) in cases {
        assert_eq!(sort(by, false).applies_to(&schema()), want, "{name}");
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-cA-C]{0,3}".prop_map(Value::from),
        Just(json!("2024-05-01T12:00:00Z")),
    ]
}

proptest! {
    #[test]
    fn an_order_keeps_every_resource_and_turns_round(titles in prop::collection::vec(value(), 0..12)) {
        let resources: Vec<Value> = titles.into_iter().map(|title| json!({ "title": title })).collect();
        let (up, down) = (ordered(&resources, &sort("title", false)), ordered(&resources, &sort("title", true)));
        let mut all = up.clone();
        all.sort_unstable();
        prop_assert_eq!(all, (0..resources.len()).collect::<Vec<_>>());
        let schema = schema();
        let key = |index: &usize| sort("title", false).key(resources[*index].as_object().unwrap(), &schema);
        prop_assert!(up.windows(2).all(|pair| key(&pair[0]) < key(&pair[1]) || (key(&pair[0]) == key(&pair[1]) && pair[0] < pair[1])));
        prop_assert!(down.windows(2).all(|pair| key(&pair[0]) > key(&pair[1]) || (key(&pair[0]) == key(&pair[1]) && pair[0] < pair[1])));
    }
}
