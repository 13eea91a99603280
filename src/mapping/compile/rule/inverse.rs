//! Rules of lists that are stored in the other resource: no place of their own.

use super::attribute::{self, Left};
use super::kept::{check_company, kept, refuse};
use super::mutability;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{RuleDocument, Text};
use crate::mapping::rule::{Beside, Rule};
use crate::scim::ResourceSchema;
use crate::scim::schema::Kind;

/// Compiles a rule with `inverse`.
pub(super) fn compile(
    schema: &ResourceSchema,
    rule: &RuleDocument,
    inverse: &Text,
    found: &mut Diagnostics,
) -> Option<Rule> {
    let faults = found.found.len();
    check_company("inverse", rule, found);
    if let Some(kept) = &rule.kept {
        refuse(&kept.span, "`kept` and `inverse` do not go together", "keep one of them", found);
    }
    let left = attribute::left(schema, rule.left.as_ref()?, found)?;
    check_shape(&left, inverse, found);
    if rule.default.is_some() {
        let help = "what a new resource shall have, the client says";
        refuse(&inverse.span, "`default` and `inverse` do not go together", help, found);
    }
    let mutability = mutability(&left, rule, found);
    if found.found.len() > faults {
        return None;
    }
    let place = (left.name.clone(), left.target.clone(), left.attribute.clone());
    let required = rule.required.as_ref().is_some_and(|required| required.value);
    Some(Rule { list: true, required, ..kept(place, (Beside::Inverse, mutability), rule, found) })
}

fn check_shape(left: &Left<'_>, inverse: &Text, found: &mut Diagnostics) {
    let references = left.list && left.attribute.kind == Kind::Complex && left.attribute.sub("value").is_some();
    if !references {
        found
            .add(Code::E54, inverse.span.clone(), format!("`{}` is no list of references", left.name))
            .help("`inverse` is for lists whose `value` is the id of another resource: members = { inverse = \"User.groups\" }");
    }
}
