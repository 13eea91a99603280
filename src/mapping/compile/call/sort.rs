//! The orders that a list call can ask for.

use crate::mapping::call::{Call, SortRow};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{CallDocument, Text};
use crate::mapping::hole::Hole;
use crate::mapping::name::nearest;
use crate::mapping::scope::{Name, SortWords};
use crate::mapping::view::View;
use crate::scim::AttributePath;

/// Compiles `sort` and `sort_order`, and reports those that have no effect.
pub(super) fn fill_in(document: &CallDocument, call: &mut Call, view: Option<&View>, found: &mut Diagnostics) {
    let says = |order: bool| call.sent_holes().any(|hole: &Hole| hole.name == Name::Sort(order));
    let (says_word, says_order) = (says(false), says(true));
    let order = order(document, found);
    if let (Some((first, _)), false) = (document.sort.first(), says_word) {
        let finding = found.add(Code::E19, first.span.clone(), "`sort` has words that this call does not send");
        finding.help("write `{sort?}` where the word belongs: `GET /users?order_by={sort?}`");
    }
    if document.sort.is_empty() && (says_word || says_order) {
        let finding = found.add(Code::E19, call.span.clone(), "`{sort}` never has a value here");
        finding.help("say what your API sorts by: `sort = { userName = \"login\" }`");
    }
    let Some(view) = view else { return };
    let rows =
        document.sort.iter().filter_map(|(name, words)| row(name, words, (&order, says_order), (view, &mut *found)));
    call.sorts = rows.collect();
}

/// The words of `{sort.order}`.
fn order(document: &CallDocument, found: &mut Diagnostics) -> (String, String) {
    let usual = || ("asc".to_owned(), "desc".to_owned());
    let Some(text) = &document.sort_order else { return usual() };
    match text.value.split_once('/') {
        Some((up, down)) if up != down && !down.contains('/') => (up.to_owned(), down.to_owned()),
        Some(_) | None => {
            let message = "`sort_order` needs a word for ascending and another for descending";
            found
                .add(Code::E14, text.span.clone(), message)
                .help("write them with a slash between them: `\"asc/desc\"`");
            usual()
        }
    }
}

/// One attribute. A single word can only be turned round where the call says the order beside it.
fn row(
    name: &Text,
    words: &[Text],
    ((up, down), says_order): (&(String, String), bool),
    (view, found): (&View, &mut Diagnostics),
) -> Option<SortRow> {
    let path = AttributePath::parse(&name.value).ok().filter(|path| view.schema.attribute(path).is_some());
    let Some(by) = path else {
        let near = nearest(&name.value, view.rules.iter().map(|rule| rule.name.as_str()));
        let message = format!("`sort` names `{}`, which has no rule", name.value);
        let finding = found.add(Code::E28, name.span.clone(), message);
        if let Some(near) = near {
            finding.label(format!("did you mean `{near}`?"));
        }
        return None;
    };
    let said = |word: &Text, order: &String| SortWords {
        word: word.value.clone(),
        order: order.clone(),
        name: format!("{} {order}", word.value),
    };
    match words {
        [word] => {
            Some(SortRow { by, ascending: Some(said(word, up)), descending: says_order.then(|| said(word, down)) })
        }
        [ascending, descending, ..] => {
            Some(SortRow { by, ascending: Some(said(ascending, up)), descending: Some(said(descending, down)) })
        }
        [] => None,
    }
}
