//! Rules of attributes that the bridge keeps itself: no place, no conversion.

use super::attribute::{self, Left};
use super::{default_of, mutability};
use crate::mapping::codec::Codecs;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{RuleDocument, Text};
use crate::mapping::name::nearest;
use crate::mapping::rule::{Beside, Holds, Lossy, Odd, Removal, Rule, SearchCase, Target};
use crate::mapping::source::Span;
use crate::scim::schema::{Attribute, Kind, Mutability};
use crate::scim::{AttributePath, ResourceSchema};

/// Compiles a rule with `kept = true`.
pub(super) fn compile(schema: &ResourceSchema, rule: &RuleDocument, found: &mut Diagnostics) -> Option<Rule> {
    let text = rule.left.as_ref()?;
    let faults = found.found.len();
    check_company("kept", rule, found);
    let compiled = if is_own(schema, text) {
        warn_of_near(schema, text, found);
        own(text, rule, found)
    } else {
        let left = attribute::left(schema, text, found)?;
        standard(&left, rule, found)
    };
    (found.found[faults..].iter().all(|finding| finding.code == Code::W69)).then_some(compiled)
}

/// Whether SCIM has no such attribute: a plain name that only the mapping uses.
fn is_own(schema: &ResourceSchema, text: &Text) -> bool {
    AttributePath::parse(&text.value).is_ok_and(|path| {
        let is_plain = path.schema.is_none() && path.filter.is_none() && path.sub.is_none();
        is_plain && schema.place(&path).is_none()
    })
}

/// Warns of a name that is most likely a mistyped one: nobody would ever see its value.
fn warn_of_near(schema: &ResourceSchema, text: &Text, found: &mut Diagnostics) {
    let names = schema.attributes().map(|(_, attribute)| attribute.name.as_str());
    if let Some(near) = nearest(&text.value, names.chain(["externalId"])) {
        found
            .add(
                Code::W69,
                text.span.clone(),
                format!("SCIM has no attribute `{}`, so no client will see it", text.value),
            )
            .label(format!("did you mean `{near}`?"))
            .help("a kept name that SCIM does not know is the bridge's own; call it something else if that is meant");
    }
}

/// A name of the bridge's own: what the mapping sets is what it holds.
fn own(text: &Text, rule: &RuleDocument, found: &mut Diagnostics) -> Rule {
    if let Some(required) = &rule.required {
        refuse(&required.span, "no client sends what SCIM does not know", "remove `required`", found);
    }
    if let Some(mutability) = &rule.mutability {
        refuse(&mutability.span, "no client writes what SCIM does not know", "remove `mutability`", found);
    }
    let target = Target {
        extension: None,
        name: text.value.clone(),
        select: Vec::new(),
        primary: false,
        others: Vec::new(),
        sub: None,
    };
    let attribute = Attribute::new(&text.value, Kind::String, "Kept by the bridge for itself.");
    let codecs = Codecs { shape: None, codecs: Vec::new(), packed: None };
    Rule { codecs, ..kept((text.value.clone(), target, attribute), (Beside::Own, Mutability::ReadWrite), rule, found) }
}

fn standard(left: &Left<'_>, rule: &RuleDocument, found: &mut Diagnostics) -> Rule {
    let is = |name: &str| left.target.extension.is_none() && left.target.name == name;
    if is("id") || is("password") {
        let why = if is("id") {
            "the id is your API's own"
        } else {
            "nothing could check a password that only the bridge has"
        };
        refuse(&rule.span, &format!("`{}` cannot be kept: {why}", left.name), "say where your API has it: `at`", found);
    }
    let mutability = mutability(left, rule, found);
    if mutability == Mutability::ReadOnly && rule.default.is_none() {
        let message = format!("nothing could ever give `{}` a value: it is read-only and kept", left.name);
        refuse(
            &rule.span,
            &message,
            "give it a `default` that creates store, as in meta.created: \"{now}\"; or remove the rule",
            found,
        );
    }
    let compiled =
        kept((left.name.clone(), left.target.clone(), left.attribute.clone()), (Beside::Kept, mutability), rule, found);
    let required = rule.required.as_ref().map_or(left.required && rule.default.is_none(), |required| required.value);
    Rule { list: left.list, required, ..compiled }
}

pub(super) fn kept(
    (name, target, attribute): (String, Target, Attribute),
    (beside, mutability): (Beside, Mutability),
    rule: &RuleDocument,
    found: &mut Diagnostics,
) -> Rule {
    let codecs = Codecs { shape: Some(attribute.kind), codecs: Vec::new(), packed: None };
    Rule {
        name,
        target,
        read_at: None,
        write_at: None,
        beside: Some(beside),
        show: None,
        presence: None,
        read_default: None,
        codecs,
        each: None,
        default: default_of(rule, found),
        unset: serde_json::Value::Null,
        removal: Removal::Unset,
        single: None,
        search_case: SearchCase::AsScim,
        lossy: Lossy::Reject,
        strict: false,
        mutability,
        holds: Holds::Own,
        refers_to: None,
        required: false,
        attribute,
        list: false,
        unwritable: None,
        odd: Odd::default(),
        span: rule.span.clone(),
    }
}

/// Reports keys that are about a place in the record.
pub(super) fn check_company(own: &str, rule: &RuleDocument, found: &mut Diagnostics) {
    let texts = [
        ("at", &rule.at),
        ("read_at", &rule.read_at),
        ("write_at", &rule.write_at),
        ("type", &rule.kind),
        ("time", &rule.time),
        ("text", &rule.text),
        ("case", &rule.case),
        ("scim_text", &rule.scim_text),
        ("search_case", &rule.search_case),
        ("split", &rule.split),
        ("single", &rule.single),
        ("show", &rule.show),
        ("lossy", &rule.lossy),
    ];
    let texts = texts.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?.span.clone())));
    let map = rule.map.iter().map(|map| ("map", map.span.clone()));
    let replace = rule.replace.iter().map(|replace| ("replace", replace.span.clone()));
    let unset = rule.unset.iter().map(|unset| ("unset", unset.span.clone()));
    let read_default = rule.read_default.iter().map(|default| ("read_default", default.span.clone()));
    let present = rule.present.iter().map(|present| ("present", present.span.clone()));
    let bits = rule.bits.iter().map(|bits| ("bits", bits.span.clone()));
    let each = rule.each.first().map(|part| ("each", part.span.clone()));
    for (key, span) in
        texts.chain(map).chain(replace).chain(unset).chain(read_default).chain(present).chain(bits).chain(each)
    {
        let help = format!("with `{own}` the attribute has no place in your record: keep one of them");
        refuse(&span, &format!("`{key}` and `{own}` do not go together"), &help, found);
    }
}

pub(super) fn refuse(span: &Span, message: &str, help: &str, found: &mut Diagnostics) {
    found.add(Code::E19, span.clone(), message.to_owned()).help(help);
}
