//! Whether the names in a text exist where it stands.

use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{Text, Tree};
use crate::mapping::hole::{Hole, Template};
use crate::mapping::name::{Site, SiteText, nearest};
use crate::mapping::path::Step;
use crate::mapping::rule::Rule;
use crate::mapping::scope::Name;
use crate::mapping::source::Span;
use crate::mapping::view::View;

/// Where a text stands, and where findings go.
pub(super) struct Context<'c> {
    /// The rules that filter holes name; `None` for the upstream's own texts.
    pub(super) view: Option<&'c View>,
    /// The place.
    pub(super) site: Site,
    /// The findings.
    pub(super) found: &'c mut Diagnostics,
}

/// Parses a template and checks its names.
pub(super) fn template(text: &Text, context: &mut Context<'_>) -> Option<Template> {
    let template = Template::compile(text, context.found)?;
    check(&template, text, context);
    Some(template)
}

/// The same for a text that cannot be left out, and so none of its holes.
pub(super) fn needed(text: &Text, context: &mut Context<'_>) -> Option<Template> {
    let template = template(text, context)?;
    let Some(hole) = template.holes().find(|hole| hole.optional) else { return Some(template) };
    let name = hole.text.trim_end_matches('?');
    let span = text.within(&hole.range);
    let finding = context.found.add(Code::E19, span, format!("`{name}` is needed here, nothing can be left out"));
    finding.help(format!("write `{{{name}}}`"));
    None
}

/// Checks the names in the strings of a tree; what does not parse is reported by its compilation.
pub(super) fn check_tree(tree: &Tree, context: &mut Context<'_>) {
    match tree {
        Tree::Text(text) => {
            if let Ok(template) = Template::parse_coded(&text.value) {
                check(&template, text, context);
            }
        }
        Tree::Literal(_) => {}
        Tree::List(items) => items.iter().for_each(|item| check_tree(item, context)),
        Tree::Table(members) => members.iter().for_each(|(_, member)| check_tree(member, context)),
    }
}

fn check(template: &Template, text: &Text, context: &mut Context<'_>) {
    for hole in template.holes() {
        if !hole.name.exists_at(&context.site) {
            misplaced(&hole.name, text, &hole.range, context);
        } else if hole.name == Name::Cursor && !hole.optional {
            let finding = context.found.add(Code::E19, text.within(&hole.range), "the first page has no cursor");
            finding.help("write `{cursor?}`: it is left out then");
        } else if let (Name::Filter(attribute, _), Some(view)) = (&hole.name, context.view) {
            check_filter(attribute, hole, text, (view, &mut *context.found));
        } else if let (Name::Kept, Some(view)) = (&hole.name, context.view) {
            let member = hole.path.as_ref().and_then(|path| match path.steps.as_deref() {
                Some([Step::Name(member), ..]) => Some(member.as_str()),
                Some(_) | None => None,
            });
            check_kept(view, member, text.within(&hole.range), context.found);
        }
    }
}

/// Reports a kept value that no rule keeps.
pub(in crate::mapping::compile) fn check_kept(view: &View, member: Option<&str>, span: Span, found: &mut Diagnostics) {
    let kept = || view.rules.iter().filter(|rule| rule.is_kept());
    let names = |rule: &Rule| {
        let target = &rule.target;
        member.is_none_or(|member| member == target.extension.as_deref().unwrap_or(&target.name))
    };
    if kept().any(names) {
        return;
    }
    let message = match member {
        Some(member) => format!("the {} mapping keeps no `{member}`", view.schema.name),
        None => format!("the {} mapping keeps nothing", view.schema.name),
    };
    let near = member.and_then(|member| nearest(member, kept().map(|rule| rule.target.name.as_str())));
    let help = match (near, member) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, member) => format!("a rule keeps it: {} = {{ kept = true }}", member.unwrap_or("externalId")),
    };
    found.add(Code::E09, span, message).help(help);
}

/// Reports a name that does not exist where it stands.
pub(super) fn misplaced(name: &Name, text: &Text, range: &std::ops::Range<usize>, context: &mut Context<'_>) {
    let (span, written) = (text.within(range), name.text());
    if matches!(name, Name::Secret(_)) {
        let place = match context.site.text {
            SiteText::Detail => "`detail`",
            SiteText::Source => "a path of an answer",
            SiteText::Request | SiteText::When | SiteText::Row => "a condition",
        };
        let finding = context.found.add(Code::E23, span, format!("a secret may not stand in {place}"));
        finding.note("it would be shown to others").help("remove it");
        return;
    }
    let finding = context.found.add(Code::E17, span, format!("`{written}` does not exist here"));
    finding.note(format!("it exists in: {}", name.whereabouts()));
}

fn check_filter(attribute: &str, hole: &Hole, text: &Text, (view, found): (&View, &mut Diagnostics)) {
    if view.rules.iter().any(|rule| feeds(rule, attribute)) {
        return;
    }
    let message = format!("the {} mapping has no attribute `{attribute}`", view.schema.name);
    let near = nearest(attribute, view.rules.iter().map(|rule| rule.name.as_str()));
    let finding = found.add(Code::E09, text.within(&hole.range), message);
    finding.help = near.map(|near| format!("did you mean `{near}`?"));
}

/// Whether a filter term on `attribute` is about the value of this rule. `emails` and `emails.value` mean the same.
pub(in crate::mapping::compile) fn feeds(rule: &Rule, attribute: &str) -> bool {
    let (extension, path) = match attribute.rsplit_once(':') {
        Some((urn, path)) => (Some(urn), path),
        None => (None, attribute),
    };
    let extension = extension.filter(|urn| !is_core(urn));
    let (name, sub) = path.split_once('.').map_or((path, None), |(name, sub)| (name, Some(sub)));
    let same = |left: Option<&str>, right: Option<&str>| match (left, right) {
        (Some(left), Some(right)) => left.eq_ignore_ascii_case(right),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    let target = &rule.target;
    let value = |sub: Option<&str>| sub.is_none_or(|sub| sub.eq_ignore_ascii_case("value"));
    let subs = same(target.sub.as_deref(), sub) || (value(target.sub.as_deref()) && value(sub));
    same(target.extension.as_deref(), extension) && target.name.eq_ignore_ascii_case(name) && subs
}

/// Whether a URN is a core schema's, which attribute paths may leave out.
pub(super) fn is_core(urn: &str) -> bool {
    let core = "urn:ietf:params:scim:schemas:core:";
    urn.get(..core.len()).is_some_and(|start| start.eq_ignore_ascii_case(core))
}
