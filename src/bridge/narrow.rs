//! What of a filter the resource type alone decides: `meta.resourceType eq "User"` holds for every user and for no group.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::scim::filter::{Filter, Operator};
use crate::scim::{AttributePath, Resource, ResourceSchema};

/// What is left of a filter for the resources of one type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Narrowed<'f> {
    /// None of them satisfies it.
    Never,
    /// All of them do.
    Always,
    /// Those that satisfy this one.
    Filter(Cow<'f, Filter>),
}

/// What is left of a filter for the resources of a type.
pub(crate) fn narrowed<'f>(filter: &'f Filter, schema: &ResourceSchema) -> Narrowed<'f> {
    if !looks_at_type(filter) {
        return Narrowed::Filter(Cow::Borrowed(filter));
    }
    match decide(filter, &of_type(schema), schema) {
        Decided::Known(true) => Narrowed::Always,
        Decided::Known(false) => Narrowed::Never,
        Decided::Left(filter) => Narrowed::Filter(Cow::Owned(filter)),
    }
}

/// Whether a term of the filter is about the type.
fn looks_at_type(filter: &Filter) -> bool {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => terms.iter().any(looks_at_type),
        Filter::Not(term) => looks_at_type(term),
        Filter::Compare(path, _, _) | Filter::Present(path) => is_type(path) || is_schemas(path),
        Filter::Element(..) => false,
    }
}

fn is_type(path: &AttributePath) -> bool {
    let sub = path.sub.as_deref().is_some_and(|sub| sub.eq_ignore_ascii_case("resourceType"));
    sub && path.filter.is_none() && path.name.eq_ignore_ascii_case("meta")
}

fn is_schemas(path: &AttributePath) -> bool {
    path.sub.is_none() && path.filter.is_none() && path.name.eq_ignore_ascii_case("schemas")
}

/// What every resource of a type has.
fn of_type(schema: &ResourceSchema) -> Resource {
    let mut resource = Resource::new();
    resource.insert("schemas".to_owned(), json!([schema.core.id]));
    resource.insert("meta".to_owned(), json!({ "resourceType": schema.name }));
    resource
}

enum Decided {
    Known(bool),
    Left(Filter),
}

fn decide(filter: &Filter, of_type: &Resource, schema: &ResourceSchema) -> Decided {
    match filter {
        Filter::And(terms) => join(terms, false, (of_type, schema), Filter::And),
        Filter::Or(terms) => join(terms, true, (of_type, schema), Filter::Or),
        Filter::Not(term) => match decide(term, of_type, schema) {
            Decided::Known(holds) => Decided::Known(!holds),
            Decided::Left(term) => Decided::Left(Filter::Not(Box::new(term))),
        },
        Filter::Compare(path, _, _) | Filter::Present(path) if is_type(path) => {
            Decided::Known(filter.matches(of_type, schema))
        }
        Filter::Compare(path, Operator::Eq, Value::String(urn)) if is_schemas(path) => {
            if urn.eq_ignore_ascii_case(&schema.core.id) {
                Decided::Known(true)
            } else if schema.extension(urn).is_none() {
                Decided::Known(false)
            } else {
                Decided::Left(filter.clone())
            }
        }
        Filter::Compare(..) | Filter::Present(_) | Filter::Element(..) => Decided::Left(filter.clone()),
    }
}

/// Joins terms of which one that reads `decisive` decides, and others that are known do not count.
fn join(
    terms: &[Filter],
    decisive: bool,
    (of_type, schema): (&Resource, &ResourceSchema),
    whole: fn(Vec<Filter>) -> Filter,
) -> Decided {
    let mut left = Vec::new();
    for term in terms {
        match decide(term, of_type, schema) {
            Decided::Known(known) if known == decisive => return Decided::Known(decisive),
            Decided::Known(_) => {}
            Decided::Left(term) => left.push(term),
        }
    }
    match left.len() {
        0 => Decided::Known(!decisive),
        1 => Decided::Left(left.swap_remove(0)),
        _ => Decided::Left(whole(left)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_about_the_type_are_decided_without_a_look_at_resources() {
        let cases = [
            // (name, filter, what is left for users)
            ("this type", r#"meta.resourceType eq "User""#, "always"),
            ("in other letters", r#"META.RESOURCETYPE EQ "User""#, "always"),
            ("another type", r#"meta.resourceType eq "Group""#, "never"),
            ("not another type", r#"not (meta.resourceType eq "Group")"#, "always"),
            ("some type", "meta.resourceType pr", "always"),
            ("one of two", r#"meta.resourceType eq "Group" or meta.resourceType eq "User""#, "always"),
            ("this type and more", r#"meta.resourceType eq "User" and title pr"#, "title pr"),
            ("this type or more", r#"meta.resourceType eq "User" or title pr"#, "always"),
            ("another type or more", r#"meta.resourceType eq "Group" or title pr"#, "title pr"),
            ("another type and more", r#"meta.resourceType eq "Group" and title pr"#, "never"),
            (
                "two left",
                r#"title pr and (meta.resourceType ne "Group") and active eq true"#,
                "title pr and active eq true",
            ),
            ("the schema", r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#, "always"),
            ("another schema", r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:Group""#, "never"),
            (
                "an extension, that some have",
                r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
                r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
            ),
            ("nothing of the kind", r#"userName eq "ada""#, r#"userName eq "ada""#),
        ];
        let schema = ResourceSchema::full("User").unwrap();
        for (name, text, want) in cases {
            let filter = Filter::parse(text).unwrap();
            let left = match narrowed(&filter, &schema) {
                Narrowed::Never => "never".to_owned(),
                Narrowed::Always => "always".to_owned(),
                Narrowed::Filter(filter) => filter.to_string(),
            };
            assert_eq!(left, want, "{name}");
        }
    }
}
