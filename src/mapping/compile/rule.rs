//! A rule as written to a compiled [`Rule`].

use serde_json::Value;

use crate::mapping::diagnostic::Diagnostics;
use crate::mapping::document::RuleDocument;
use crate::mapping::rule::Rule;
use crate::mapping::view::View;

/// Compiles the rules of one type into a view: unknown attributes, bad paths, codecs, overlaps between rules, the missing `id` rule.
/// `unset` is the upstream's default. `None` when there is no usable view.
pub fn compile_view(
    type_name: &str,
    rules: &[RuleDocument],
    unset: &Value,
    header: &crate::mapping::source::Span,
    found: &mut Diagnostics,
) -> Option<View> {
    let _ = (type_name, rules, unset, header, found);
    todo!()
}

/// Compiles one rule; `None` when it has an error.
pub fn compile_rule(type_name: &str, rule: &RuleDocument, unset: &Value, found: &mut Diagnostics) -> Option<Rule> {
    let _ = (type_name, rule, unset, found);
    todo!()
}
