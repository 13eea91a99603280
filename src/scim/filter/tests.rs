use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

#[test]
fn a_filter_is_read_and_printed_in_canonical_form() {
    let cases = [
        // (name, text, canonical)
        ("equality", r#"userName eq "ada""#, r#"userName eq "ada""#),
        ("operators in capitals", r#"userName EQ "ADA" AND active Eq TRUE"#, r#"userName eq "ADA" and active eq true"#),
        ("presence", "title PR", "title pr"),
        ("numbers keep their text", "a.b ge 1.10", "a.b ge 1.10"),
        ("a number beyond u64", "a eq 18446744073709551617", "a eq 18446744073709551617"),
        ("null", "nickName eq Null", "nickName eq null"),
        ("`and` binds more than `or`", "a pr or b pr and c pr", "a pr or b pr and c pr"),
        ("needless parentheses", "((a pr) and (b pr and c pr))", "a pr and b pr and c pr"),
        ("needed parentheses", "a pr and (b pr or (c pr or d pr))", "a pr and (b pr or c pr or d pr)"),
        ("not", r#"not(userName sw "x")"#, r#"not (userName sw "x")"#),
        ("an attribute named not", "not pr", "not pr"),
        ("a value path", r#"emails[type eq "work" and value co "@x"]"#, r#"emails[type eq "work" and value co "@x"]"#),
        (
            "a value path with a sub-attribute",
            r#"emails[type eq "work"].value eq "x""#,
            r#"emails[type eq "work"].value eq "x""#,
        ),
        ("presence below a value path", r#"emails[type eq "work"].value pr"#, r#"emails[type eq "work"].value pr"#),
        (
            "a URN",
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "7""#,
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "7""#,
        ),
        ("escapes", r#"a eq "\u0041\"\\\n)""#, r#"a eq "A\"\\\n)""#),
        ("text beyond ASCII", r#"a eq "Ада 🌍""#, r#"a eq "Ада 🌍""#),
        ("much space", "  a   pr  ", "a pr"),
    ];
    for (name, text, canonical) in cases {
        let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(filter.to_string(), canonical, "{name}");
        assert_eq!(Filter::parse(canonical), Ok(filter), "{name}: read again");
    }
}

#[test]
fn terms_are_flat_lists() {
    let filter = Filter::parse("(a pr and b pr) and (c pr and d pr)").unwrap();
    assert!(matches!(&filter, Filter::And(terms) if terms.len() == 4), "{filter:?}");
    let filter = Filter::parse("a pr or (b pr or c pr)").unwrap();
    assert!(matches!(&filter, Filter::Or(terms) if terms.len() == 3), "{filter:?}");
}

#[test]
fn a_fault_is_reported_with_its_place() {
    let cases = [
        ("empty", "", "expected an attribute name at character 1"),
        ("no operator", "userName", "expected an operator: eq, ne, co, sw, ew, gt, ge, lt, le or pr at character 9"),
        ("unknown operator", "a is 1", "expected an operator: eq, ne, co, sw, ew, gt, ge, lt, le or pr at character 3"),
        (
            "single quotes",
            "a eq 'x'",
            "expected a string in double quotes, a number, `true`, `false` or `null` at character 6",
        ),
        (
            "no literal",
            "a eq",
            "expected a string in double quotes, a number, `true`, `false` or `null` at character 5",
        ),
        ("open string", r#"a eq "x"#, "the string has no closing double quote at character 6"),
        ("bad escape", r#"a eq "\q""#, "the string is not valid JSON at character 8"),
        ("open parenthesis", "(a pr", "expected `)` at character 6"),
        ("closing too much", "a pr)", "expected `and`, `or` or the end of the filter at character 5"),
        ("two terms side by side", "a pr b pr", "expected `and`, `or` or the end of the filter at character 6"),
        ("dangling and", "a pr and ", "expected an attribute name at character 10"),
        ("order of a boolean", "active gt true", "expected a string or a number after `gt` at character 11"),
        ("substring of a number", "a co 1", "expected a string after `co` at character 6"),
        ("nested brackets", "a[b[c pr]]", "a filter in brackets cannot hold another one at character 4"),
        ("a URN alone", "urn:a:2.0:User pr", "expected an attribute name after the schema URN at character 15"),
    ];
    for (name, text, want) in cases {
        assert_eq!(Filter::parse(text).unwrap_err().to_string(), want, "{name}");
    }
}

#[test]
fn nesting_and_length_are_bounded() {
    let nested = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&nested(MAX_DEPTH)).is_ok());
    let error = Filter::parse(&nested(MAX_DEPTH + 1)).unwrap_err();
    assert_eq!(error.to_string(), "the filter is nested deeper than 32 at character 33");
    assert!(Filter::parse(&"not (".repeat(1_000)).is_err());

    let long = format!("a eq \"{}\"", "x".repeat(MAX_LENGTH));
    assert_eq!(Filter::parse(&long).unwrap_err().message, "the text is longer than 8192 bytes");
}

#[test]
fn equalities_are_given_only_where_the_filter_is_made_of_them() {
    let cases = [
        ("one", r#"type eq "work""#, Some(1)),
        ("two", r#"type eq "work" and primary eq true"#, Some(2)),
        ("another operator", r#"type ne "work""#, None),
        ("an alternative", r#"type eq "work" or type eq "home""#, None),
        ("a presence", r#"type eq "work" and value pr"#, None),
    ];
    for (name, text, want) in cases {
        assert_eq!(Filter::parse(text).unwrap().equalities().map(|terms| terms.len()), want, "{name}");
    }
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z][a-zA-Z0-9_-]{0,6}".prop_map(|name| name)
}

fn plain_path() -> impl Strategy<Value = AttributePath> {
    let schema = prop::option::of("urn:[a-z]{1,4}:[a-z0-9]{1,4}:[0-9]\\.[0-9]:[A-Z][a-z]{1,4}");
    (schema, name(), prop::option::of(name())).prop_map(|(schema, name, sub)| AttributePath {
        schema,
        name,
        filter: None,
        sub,
    })
}

fn comparison(path: impl Strategy<Value = AttributePath>) -> impl Strategy<Value = Filter> {
    let text = any::<String>().prop_map(Value::from);
    let literal =
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), any::<i64>().prop_map(Value::from), text];
    (path, prop::sample::select(Operator::ALL.to_vec()), literal).prop_map(|(path, operator, literal)| {
        let literal = if operator.takes(&literal) { literal } else { json!("x") };
        Filter::Compare(path, operator, literal)
    })
}

fn flat(terms: Vec<Filter>, all: bool) -> Filter {
    let mut list = Vec::new();
    for term in terms {
        if let (true, Filter::And(inner)) | (false, Filter::Or(inner)) = (all, &term) {
            list.extend(inner.iter().cloned());
        } else {
            list.push(term);
        }
    }
    if all { Filter::And(list) } else { Filter::Or(list) }
}

fn tree(leaf: impl Strategy<Value = Filter> + 'static) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|terms| flat(terms, true)),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|terms| flat(terms, false)),
            inner.prop_map(|term| Filter::Not(Box::new(term))),
        ]
    })
}

/// A path with a value filter, or without one.
fn path() -> impl Strategy<Value = AttributePath> {
    (plain_path(), prop::option::of(filter_of_elements()))
        .prop_map(|(path, filter)| AttributePath { filter: filter.map(Box::new), ..path })
}

fn filter_of_elements() -> impl Strategy<Value = Filter> {
    tree(comparison(name().prop_map(|name| AttributePath { schema: None, name, filter: None, sub: None })))
}

fn filter() -> impl Strategy<Value = Filter> {
    let element = filter_of_elements().boxed();
    let whole = (name(), element.clone()).prop_map(|(name, filter)| {
        Filter::Element(AttributePath { schema: None, name, filter: None, sub: None }, Box::new(filter))
    });
    let below = (plain_path(), element, name()).prop_map(|(path, filter, sub)| AttributePath {
        filter: Some(Box::new(filter)),
        sub: Some(sub),
        ..path
    });
    tree(prop_oneof![comparison(plain_path()), plain_path().prop_map(Filter::Present), whole, comparison(below)])
}

proptest! {
    #[test]
    fn a_printed_filter_reads_back_as_itself(filter in filter()) {
        let text = filter.to_string();
        prop_assume!(text.len() <= MAX_LENGTH);
        prop_assert_eq!(Filter::parse(&text), Ok(filter), "{}", text);
    }

    #[test]
    fn a_printed_path_reads_back_as_itself(path in path()) {
        let text = path.to_string();
        prop_assume!(text.len() <= MAX_LENGTH);
        prop_assert_eq!(AttributePath::parse(&text), Ok(path), "{}", text);
    }

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _ = Filter::parse(&text);
        let _ = AttributePath::parse(&text);
    }

    #[test]
    fn text_made_of_the_grammar_never_panics(
        parts in prop::collection::vec(
            prop::sample::select(vec!["a", "not", "(", ")", "[", "]", ".", " ", "eq", "pr", "and", "or", "\"", "\\", "1", "urn:", ":", "é"]),
            0..40,
        )
    ) {
        let text = parts.concat();
        if let Ok(filter) = Filter::parse(&text) {
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }
        if let Ok(path) = AttributePath::parse(&text) {
            prop_assert_eq!(AttributePath::parse(&path.to_string()), Ok(path));
        }
    }
}
