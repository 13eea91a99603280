//! Bodies that their format cannot hold.

use crate::mapping::call::Call;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{CallDocument, Format, Tree};
use crate::mapping::hole::BodyTemplate;
use crate::mapping::path::Step;
use crate::mapping::source::Span;
use crate::mapping::view::View;
use crate::mapping::xml::is_xml_name;

/// Reports a body without names where the format is made of names, and one that is no XML document.
pub(super) fn check(written: &CallDocument, call: &Call, view: Option<&View>, found: &mut Diagnostics) {
    let Some(body) = &call.body else { return };
    let span = || written.body.as_ref().and_then(place).unwrap_or_else(|| written.span.clone());
    let is_nameless = match body {
        BodyTemplate::Text(_) | BodyTemplate::Literal(_) | BodyTemplate::List(_) => true,
        BodyTemplate::Whole(_) | BodyTemplate::Table(_) => false,
    };
    let made_of = match call.format {
        Format::Json => return,
        Format::Form => "a form is made of fields",
        Format::Multipart => "a body of parts is made of fields",
        Format::Xml => "an XML body is made of elements",
    };
    if is_nameless {
        let finding = found.add(Code::E88, span(), format!("{made_of}, and this body has no names"));
        finding.help("write a table: body = { user = \"{record}\" }");
    } else if call.format == Format::Xml {
        one_root(written, (call, body), view, found);
        if let Some(tree) = &written.body {
            names(tree, found);
        }
    }
}

/// Reports a document of several roots: a table of several, or `{record}` where the rules write several.
fn one_root(
    written: &CallDocument,
    (call, body): (&Call, &BodyTemplate),
    view: Option<&View>,
    found: &mut Diagnostics,
) {
    let roots: Vec<&str> = match body {
        BodyTemplate::Table(members) => members.iter().map(|(name, _)| name.as_str()).collect(),
        // What part of the record a call carries is not known yet.
        BodyTemplate::Whole(hole) if hole.is_record() && !call.specific && written.without.is_empty() => {
            view.map_or_else(Vec::new, roots_of)
        }
        BodyTemplate::Whole(_) | BodyTemplate::Text(_) | BodyTemplate::Literal(_) | BodyTemplate::List(_) => return,
    };
    let is_one = match roots.as_slice() {
        [root] => !root.starts_with(['@', '#']),
        [] => !matches!(body, BodyTemplate::Table(_)),
        [_, _, ..] => false,
    };
    if !is_one {
        let span = written.body.as_ref().and_then(place).unwrap_or_else(|| written.span.clone());
        let names: Vec<String> = roots.iter().map(|root| format!("`{root}`")).collect();
        let finding = found.add(Code::E85, span, "an XML body has one root element");
        if !names.is_empty() {
            finding.note(format!("here stand side by side: {}", names.join(", ")));
        }
        finding.help("put one around them: body = { user = \"{record}\" }");
    }
}

/// Where a tree stands; of a table with several members the second, which is one too many.
fn place(tree: &Tree) -> Option<Span> {
    match tree {
        Tree::Text(text) => Some(text.span.clone()),
        Tree::Literal(_) => None,
        Tree::List(items) => items.first().and_then(place),
        Tree::Table(members) => members.get(1).or(members.first()).map(|(name, _)| name.span.clone()),
    }
}

/// The first names of the places that rules write.
fn roots_of(view: &View) -> Vec<&str> {
    let mut roots = Vec::new();
    for path in view.rules.iter().filter_map(|rule| rule.write_at.as_ref()) {
        match path.steps.as_ref().and_then(|steps| steps.first()) {
            Some(Step::Name(name)) if !roots.contains(&name.as_str()) => roots.push(name.as_str()),
            Some(Step::Name(_) | Step::Index(_) | Step::Where(_) | Step::Every) | None => {}
        }
    }
    roots
}

/// Reports names that no element and no attribute can have.
fn names(tree: &Tree, found: &mut Diagnostics) {
    match tree {
        Tree::Text(_) | Tree::Literal(_) => {}
        Tree::List(items) => items.iter().for_each(|item| names(item, found)),
        Tree::Table(members) => {
            for (name, member) in members {
                let bare = name.value.strip_prefix('@').unwrap_or(&name.value);
                if name.value != "#text" && !is_xml_name(bare) {
                    let message = format!("`{}` cannot be the name of an XML element or attribute", name.value);
                    let finding = found.add(Code::E86, name.span.clone(), message);
                    finding.help("names are letters, digits, `-`, `_` and `.`, with one `:` behind a prefix");
                }
                names(member, found);
            }
        }
    }
}
