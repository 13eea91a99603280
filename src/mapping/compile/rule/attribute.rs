//! What a left side names: `userName`, `name.givenName`, `emails[type eq "work"].value`, `urn:…:User:department`.

use serde_json::Value;

use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{RuleDocument, Text};
use crate::mapping::name::nearest;
use crate::mapping::rule::{Holds, Target};
use crate::scim::schema::{Attribute, Kind, Mutability};
use crate::scim::{AttributePath, ResourceSchema};

/// A left side, understood.
pub(super) struct Left<'s> {
    /// The canonical spelling.
    pub name: String,
    pub target: Target,
    /// The attribute, or the sub-attribute that the rule names.
    pub attribute: &'s Attribute,
    /// The RFC's word, of the attribute that it is a part of included.
    pub standard: Mutability,
    /// Whether RFC 7643 requires it.
    pub required: bool,
    /// Whether the value is a list.
    pub list: bool,
    /// Whether this is a rule of `each`.
    pub in_each: bool,
    /// Whose list it is.
    pub holds: Holds,
}

/// Attributes that the bridge makes.
const OWN: [(&str, Option<&str>); 3] = [("schemas", None), ("meta", Some("resourceType")), ("meta", Some("location"))];

/// Understands the left side of a rule.
pub(super) fn left<'s>(schema: &'s ResourceSchema, text: &Text, found: &mut Diagnostics) -> Option<Left<'s>> {
    let path = parsed(text, found)?;
    let Some(place) = schema.place(&path) else {
        unknown(schema, &path, text, found);
        return None;
    };
    let whole = place.attribute;
    let attribute = match &path.sub {
        None => whole,
        Some(sub) => {
            let Some(part) = whole.sub(sub) else {
                unknown_part(whole, sub, text, found);
                return None;
            };
            part
        }
    };
    if OWN.iter().any(|(name, sub)| {
        whole.name == *name && path.sub.is_some() == sub.is_some() && sub.is_none_or(|sub| attribute.name == sub)
    }) {
        found
            .add(Code::E19, text.span.clone(), format!("the bridge makes `{}` itself", text.value))
            .help("remove the rule");
        return None;
    }
    let (select, primary) = select(whole, &path, text, found)?;
    let canonical = AttributePath {
        schema: place.extension.map(|extension| extension.id.clone()),
        name: whole.name.clone(),
        filter: path.filter.clone(),
        sub: path.sub.as_ref().map(|_| attribute.name.clone()),
    };
    let standard = if whole.mutability == Mutability::ReadOnly { Mutability::ReadOnly } else { attribute.mutability };
    Some(Left {
        name: canonical.to_string(),
        attribute,
        standard,
        required: attribute.required && path.sub.is_none() && standard != Mutability::ReadOnly,
        list: whole.multi_valued && path.filter.is_none() && path.sub.is_none(),
        in_each: false,
        holds: Holds::Own,
        target: Target {
            extension: canonical.schema,
            name: canonical.name,
            select,
            primary,
            others: Vec::new(),
            sub: canonical.sub,
        },
    })
}

fn parsed(text: &Text, found: &mut Diagnostics) -> Option<AttributePath> {
    match AttributePath::parse(&text.value) {
        Ok(path) => Some(path),
        Err(error) => {
            let place = error.offset.min(text.value.len());
            found
                .add(
                    Code::E15,
                    text.within(&(place..text.value.len())),
                    format!("`{}` is no SCIM attribute", text.value),
                )
                .label(error.message)
                .help("left sides are attribute paths: `userName`, `name.givenName`, `emails[type eq \"work\"].value`");
            None
        }
    }
}

/// Understands the left side of a rule of `each`: a sub-attribute.
pub(super) fn part<'s>(list: &Left<'s>, text: &Text, found: &mut Diagnostics) -> Option<Left<'s>> {
    let Some(attribute) = list.attribute.sub(&text.value) else {
        unknown_part(list.attribute, &text.value, text, found);
        return None;
    };
    Some(Left {
        name: format!("{}.{}", list.name, attribute.name),
        target: Target { sub: Some(attribute.name.clone()), ..list.target.clone() },
        attribute,
        // Parts of references are immutable in RFC 7643: who changes one makes another element.
        standard: if attribute.mutability == Mutability::ReadOnly {
            Mutability::ReadOnly
        } else {
            Mutability::ReadWrite
        },
        required: false,
        list: false,
        in_each: true,
        holds: Holds::Own,
    })
}

type Select = (Vec<(String, Value)>, bool);

/// The sub-attributes that a value filter wants, and whether it wants the primary element.
fn select(whole: &Attribute, path: &AttributePath, text: &Text, found: &mut Diagnostics) -> Option<Select> {
    let Some(filter) = &path.filter else {
        if whole.multi_valued && path.sub.is_some() {
            found
                .add(
                    Code::E19,
                    text.span.clone(),
                    format!("`{}` holds several values, of which this rule names none", whole.name),
                )
                .help(format!(
                    "name the list, `{0} = {{ at = …, each = {{ … }} }}`, or one element, `{0}[type eq \"work\"].{1}`",
                    whole.name,
                    path.sub.as_deref().unwrap_or("value"),
                ));
            return None;
        }
        return Some((Vec::new(), false));
    };
    let mut refuse = |message: String, help: &str| {
        found.add(Code::E19, text.span.clone(), message).help(help);
    };
    if !whole.multi_valued {
        refuse(format!("`{}` holds one value, so there is nothing to select", whole.name), "remove the filter");
        return None;
    }
    if path.sub.is_none() {
        refuse(
            format!("the rule names an element of `{}`, but no part of it", whole.name),
            "add the part behind the filter: `.value`",
        );
        return None;
    }
    let Some(terms) = filter.equalities() else {
        refuse(
            "a filter in a rule can only be `sub-attribute eq literal`, joined by `and`".to_owned(),
            "such as `type eq \"work\" and primary eq true`",
        );
        return None;
    };
    let mut select = (Vec::new(), false);
    for (term, literal) in terms {
        let Some(sub) = whole.sub(&term.name).filter(|_| term.schema.is_none() && term.sub.is_none()) else {
            unknown_part(whole, &term.name, text, found);
            return None;
        };
        if sub.name == "primary" && *literal == Value::Bool(true) {
            select.1 = true;
        } else {
            select.0.push((sub.name.clone(), literal.clone()));
        }
    }
    Some(select)
}

fn unknown(schema: &ResourceSchema, path: &AttributePath, text: &Text, found: &mut Diagnostics) {
    let fault =
        found.add(Code::E15, text.span.clone(), format!("SCIM has no attribute `{}` in {}", text.value, schema.name));
    let urn = path.schema.as_deref();
    let names = schema.attributes().filter(|(extension, _)| urn.is_none() || *extension == urn);
    let fixed = ["id", "meta", "externalId"].into_iter().filter(|_| urn.is_none());
    let near = nearest(&path.name, names.map(|(_, attribute)| attribute.name.as_str()).chain(fixed));
    let place = near.and_then(|near| {
        schema.attributes().find(|(_, attribute)| attribute.name == near).map(|(extension, _)| (extension, near))
    });
    match (place, near) {
        (Some((Some(extension), near)), _) => fault.help(format!("did you mean `{extension}:{near}`?")),
        (_, Some(near)) => fault.help(format!("did you mean `{near}`?")),
        _ if urn.is_some_and(|urn| schema.extension(urn).is_some()) => fault.help("remove the rule"),
        _ if urn.is_some() => match nearest_urn(schema, path) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help("an attribute of your own says what it is: schema = { type = \"string\" }"),
        },
        _ => fault.help("left sides are the attributes of RFC 7643: `userName`, `name.givenName`, `active`"),
    };
}

/// The left side with the URN that is almost the one of the path.
fn nearest_urn(schema: &ResourceSchema, path: &AttributePath) -> Option<String> {
    let urns = schema.extensions.iter().chain([&schema.core]).map(|schema| schema.id.as_str());
    let near = nearest(path.schema.as_deref()?, urns)?;
    Some(AttributePath { schema: Some(near.to_owned()), ..path.clone() }.to_string())
}

fn unknown_part(whole: &Attribute, part: &str, text: &Text, found: &mut Diagnostics) {
    let start = text.value.rfind(part).unwrap_or(0);
    let span = text.within(&(start..start + part.len()));
    let fault = found.add(Code::E15, span, format!("`{}` has no sub-attribute `{part}`", whole.name));
    let names = || whole.sub_attributes.iter().map(|sub| sub.name.as_str());
    match nearest(part, names()) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None if whole.sub_attributes.is_empty() => fault.help(format!("it is a plain value: `{}`", whole.name)),
        None => fault.help(format!("it has: {}", names().collect::<Vec<_>>().join(", "))),
    };
}

/// Whether the rule's keys fit what the left side is: one value, a list, a complex attribute.
pub(super) fn check_shape(left: &Left<'_>, rule: &RuleDocument, found: &mut Diagnostics) {
    let complex = left.attribute.kind == Kind::Complex;
    if !(rule.each.is_empty() || left.list && complex) {
        found
            .add(Code::E19, rule.span.clone(), format!("`{}` is no list of tables, so it has no `each`", left.name))
            .help("remove `each`");
    }
    let has_value =
        |part: &RuleDocument| part.left.as_ref().is_some_and(|text| text.value.eq_ignore_ascii_case("value"));
    if let Some(first) = rule.each.first().filter(|_| left.list && left.attribute.refers_to_resources())
        && !rule.each.iter().any(has_value)
    {
        // Without it nothing would tell one element from another.
        found
            .add(Code::E20, first.span.clone(), format!("the elements of `{}` need a rule for `value`", left.name))
            .note("they stand for resources, and `value` is the id of the one that is meant")
            .help("value = \"your_field\"");
    }
    if left.list && complex && rule.each.is_empty() && left.attribute.sub("value").is_none() {
        found
            .add(Code::E19, rule.span.clone(), format!("the elements of `{}` have no `value`", left.name))
            .help("say where their parts are: each = { streetAddress = \"street\", locality = \"city\" }");
    }
    if complex && !left.list && rule.text.is_none() {
        let part = left.attribute.sub_attributes.first().map_or("value", |sub| sub.name.as_str());
        found
            .add(Code::E19, rule.span.clone(), format!("`{}` has parts, of which this rule names none", left.name))
            .help(format!("map its parts, such as `{}.{part}`, or give a `text` pattern of them", left.name));
    }
    if left.in_each
        && let Some(kept) = &rule.kept
    {
        found
            .add(Code::E19, kept.span.clone(), "a part of an element is not kept for itself")
            .help("keep the whole list: kept = true without `each`");
    }
    if left.in_each && (rule.default.is_some() || rule.required.is_some()) {
        found
            .add(Code::E19, rule.span.clone(), "a rule in `each` has neither `default` nor `required`")
            .help("remove them");
    }
}
