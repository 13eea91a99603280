//! An attribute of one's own, put together from the rules that name it.

use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{OwnDocument, RuleDocument, Text};
use crate::scim::AttributePath;
use crate::scim::schema::{Attribute, Kind, Uniqueness};

/// What rules have said so far: the place, as its path reads in small letters, and the data type.
#[derive(Default)]
pub(super) struct Said(Vec<(String, Kind)>);

/// Adds to `attributes` what a rule says by its left side, by `schema` and by the keys that only lists or complex attributes have.
pub(super) fn add(
    attributes: &mut Vec<Attribute>,
    (path, left, rule): (&AttributePath, &Text, &RuleDocument),
    said: &mut Said,
    found: &mut Diagnostics,
) {
    let attribute = entry(attributes, &path.name);
    let place = AttributePath { filter: None, sub: None, ..path.clone() }.to_string().to_ascii_lowercase();
    let Some(sub) = &path.sub else {
        attribute.multi_valued |= is_list(rule);
        let own = rule.schema.as_ref().map(|schema| &schema.value);
        if let Some(own) = own {
            describe(attribute, own);
        }
        let kind = kind_of(rule).or_else(|| has_parts(rule).then_some(Kind::Complex));
        said.hear((&place, kind), attribute, left, found);
        for part in &rule.each {
            if let Some(name) = &part.left {
                add_part(attribute, (&name.value, name, part), (&place, said), found);
            }
        }
        for name in named_parts(rule) {
            part(attribute, name);
        }
        if attribute.kind == Kind::Complex && attribute.sub_attributes.is_empty() {
            part(attribute, "value");
        }
        return;
    };
    attribute.multi_valued |= path.filter.is_some();
    said.hear((&place, Some(Kind::Complex)), attribute, left, found);
    for (term, literal) in path.filter.as_ref().and_then(|filter| filter.equalities()).unwrap_or_default() {
        let part = part(attribute, &term.name);
        if literal.is_boolean() {
            part.kind = Kind::Boolean;
        }
    }
    add_part(attribute, (sub, left, rule), (&place, said), found);
}

/// Adds a part, with what its rule says of it.
fn add_part(
    attribute: &mut Attribute,
    (name, left, rule): (&str, &Text, &RuleDocument),
    (place, said): (&str, &mut Said),
    found: &mut Diagnostics,
) {
    let part = part(attribute, name);
    let own = rule.schema.as_ref().map(|schema| &schema.value);
    if let Some(own) = own {
        describe(part, own);
    }
    let faulty = own.is_some_and(|own| own.multi_valued.as_ref().is_some_and(|list| list.value))
        || kind_of(rule) == Some(Kind::Complex)
        || !rule.each.is_empty();
    if faulty {
        found
            .add(Code::E53, left.span.clone(), format!("`{name}` is a part, so it is one plain value"))
            .help("SCIM attributes have one level of parts (RFC 7643 §2.3.8)");
        return;
    }
    said.hear((&format!("{place}.{}", name.to_ascii_lowercase()), kind_of(rule)), part, left, found);
}

impl Said {
    /// Takes the data type that a rule says, unless another rule said another.
    fn hear(
        &mut self,
        (place, kind): (&str, Option<Kind>),
        attribute: &mut Attribute,
        left: &Text,
        found: &mut Diagnostics,
    ) {
        let Some(kind) = kind else { return };
        match self.0.iter().find(|(known, _)| known == place) {
            Some((_, other)) if *other != kind => {
                let (one, other) = (kind.as_str(), other.as_str());
                let message = format!("`{}` is `{one}` here, and `{other}` in a rule above", attribute.name);
                found.add(Code::E53, left.span.clone(), message).help("say one `type`, in one of the rules");
            }
            Some(_) => {}
            None => {
                self.0.push((place.to_owned(), kind));
                attribute.kind = kind;
            }
        }
    }
}

/// The attribute with this name, made where there is none.
fn entry<'a>(attributes: &'a mut Vec<Attribute>, name: &str) -> &'a mut Attribute {
    let place = attributes.iter().position(|known| known.name.eq_ignore_ascii_case(name)).unwrap_or_else(|| {
        attributes.push(Attribute::new(name, Kind::String, name));
        attributes.len() - 1
    });
    &mut attributes[place]
}

/// The part with this name, made where there is none; RFC 7643 §2.4 gives some names their data type.
fn part<'a>(attribute: &'a mut Attribute, name: &str) -> &'a mut Attribute {
    let is_new = attribute.sub(name).is_none();
    let part = entry(&mut attribute.sub_attributes, name);
    if is_new {
        part.kind = match name {
            "primary" => Kind::Boolean,
            "$ref" => Kind::Reference,
            _ => Kind::String,
        };
    }
    part
}

fn kind_of(rule: &RuleDocument) -> Option<Kind> {
    const ALL: [Kind; 8] = [
        Kind::String,
        Kind::Boolean,
        Kind::Decimal,
        Kind::Integer,
        Kind::DateTime,
        Kind::Binary,
        Kind::Reference,
        Kind::Complex,
    ];
    let word = rule.schema.as_ref()?.value.kind.as_ref()?;
    ALL.into_iter().find(|kind| kind.as_str() == word.value)
}

/// Takes over all but the data type.
fn describe(attribute: &mut Attribute, own: &OwnDocument) {
    if let Some(list) = &own.multi_valued {
        attribute.multi_valued = list.value;
    }
    if let Some(exact) = &own.case_exact {
        attribute.case_exact = exact.value;
    }
    if let Some(description) = &own.description {
        attribute.description.clone_from(&description.value);
    }
    let all = |texts: &[Text]| texts.iter().map(|text| text.value.clone()).collect::<Vec<_>>();
    if !own.canonical_values.is_empty() {
        attribute.canonical_values = all(&own.canonical_values);
    }
    if !own.reference_types.is_empty() {
        attribute.reference_types = all(&own.reference_types);
    }
    match own.uniqueness.as_ref().map(|word| word.value.as_str()) {
        Some("server") => attribute.uniqueness = Uniqueness::Server,
        Some("global") => attribute.uniqueness = Uniqueness::Global,
        Some(_) | None => {}
    }
}

/// Whether a rule has keys that only a list has, and does not say that it is none.
fn is_list(rule: &RuleDocument) -> bool {
    rule.split.is_some()
        || rule.bits.is_some()
        || rule.single.is_some()
        || !rule.each.is_empty()
        || rule.inverse.is_some()
}

fn has_parts(rule: &RuleDocument) -> bool {
    !rule.each.is_empty() || rule.inverse.is_some() || !named_parts(rule).is_empty()
}

/// The parts that a `text` pattern names: `"{first} {last*}"`.
fn named_parts(rule: &RuleDocument) -> Vec<&str> {
    let text = rule.text.as_ref().map_or("", |text| text.value.as_str());
    let holes = text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.trim_end_matches('*')));
    holes.filter(|name| !name.is_empty()).collect()
}
