//! What a mapping leaves undone: users that cannot be disabled or found, states that nobody thought of, parts read for nothing.

use serde_json::Value;

use crate::mapping::call::Call;
use crate::mapping::codec::Codec;
use crate::mapping::compile::TypeMapping;
use crate::mapping::compile::policy::is_looked_up;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{TypeDocument, UpstreamDocument};
use crate::mapping::path::Path;
use crate::mapping::rule::{Rule, Show};
use crate::scim::schema::Mutability;

/// Looks at one resource type.
pub(super) fn check(
    upstream: &UpstreamDocument,
    written: &TypeDocument,
    compiled: &TypeMapping,
    found: &mut Diagnostics,
) {
    parts(written, compiled, found);
    stubs(upstream, written, compiled, found);
    unseen(compiled, found);
    if compiled.view.schema.name == "User" {
        active(written, compiled, found);
        search(upstream, written, compiled, found);
    }
}

/// Warns of a part that is read into the record where no rule looks.
fn parts(written: &TypeDocument, compiled: &TypeMapping, found: &mut Diagnostics) {
    let operations = [&compiled.get, &compiled.create, &compiled.update];
    let mut calls = operations.into_iter().flatten();
    let policies = &compiled.policies;
    // A hole or a condition may be what reads it.
    if calls.any(|call| call.reads.old || call.reads.fields) || policies.hide.is_some() || policies.protect.is_some() {
        return;
    }
    let is_read = |into: &Path| compiled.view.rules.iter().flat_map(places).any(|place| place.overlaps(into));
    for (document, call) in written.get.iter().zip(&compiled.get) {
        let unread = call.into.as_ref().filter(|into| !is_read(into));
        if let (Some(into), Some(text)) = (unread, &document.into) {
            found
                .add(
                    Code::W73,
                    text.span.clone(),
                    format!("this call is made for nothing: no rule reads `{}`", into.text),
                )
                .help("let `into` name the place that a rule reads, or remove the call");
        }
    }
}

/// Warns of a list whose every item costs a call of its own, where nothing holds these calls back.
fn stubs(upstream: &UpstreamDocument, written: &TypeDocument, compiled: &TypeMapping, found: &mut Diagnostics) {
    if upstream.limits.concurrent.is_some() || upstream.limits.rate.is_some() {
        return;
    }
    // A search finds few.
    let is_search = |call: &Call| call.filters.iter().any(|filter| !filter.optional);
    let lists = written.list.iter().zip(&compiled.list);
    for (document, call) in lists.filter(|(_, call)| !call.complete && !is_search(call)) {
        let span = document.complete.as_ref().map_or(&document.span, |complete| &complete.span);
        found
            .add(Code::W91, span.clone(), format!("a page of this list costs {} calls and one", call.page_size))
            .note("each of its items is read by `get`, 64 at a time")
            .help(
                "list whole records if the API can; else say how many calls it bears at once: [upstream] limits = { \
                 concurrent = 8 }",
            );
    }
}

/// Warns of attributes that are written and that nothing reads.
fn unseen(compiled: &TypeMapping, found: &mut Diagnostics) {
    let is_seen =
        |rule: &Rule| rule.read_at.is_some() || rule.shows().next().is_some() || rule.is_kept() || rule.is_inverse();
    let shown = |rule: &&Rule| rule.mutability != Mutability::WriteOnly;
    for rule in compiled.view.rules.iter().filter(|rule| !is_seen(rule)).filter(shown) {
        found
            .add(Code::W94, rule.span.clone(), format!("nothing reads `{}`: clients never see it again", rule.name))
            .note("it is sent again with every change, for nothing tells that it is there already")
            .help("say where it is read, read_at = \"your_field\", or that it never comes back: mutability = \"writeOnly\"");
    }
}

/// The places of a record that a rule looks at.
fn places(rule: &Rule) -> impl Iterator<Item = &Path> {
    rule.read_at.iter().chain(&rule.write_at).chain(rule.shows().flat_map(Show::paths))
}

/// Warns where deactivating a user does nothing, and where a state without a row leaves a user without `active`.
fn active(written: &TypeDocument, compiled: &TypeMapping, found: &mut Diagnostics) {
    let Some(rule) = compiled.view.rules.iter().find(|rule| rule.name == "active") else {
        if let Some(name) = written.name.as_ref().filter(|_| !written.update.is_empty()) {
            found
                .add(Code::W74, name.span.clone(), "there is no rule for `active`: to deactivate a user does nothing here")
                .note("identity providers end somebody's access by `active = false`; without a rule that is accepted and ignored")
                .help("active = { at = \"your_field\" }; where your API can disable nobody: active = { show = \"true\", lossy = \"reject\" }");
        }
        return;
    };
    let map = rule.codecs.codecs.iter().find_map(|codec| match codec {
        Codec::Map(map) => Some(map),
        Codec::ScimText(_) | Codec::Case(_) | Codec::Text(_) | Codec::Replace(_) | Codec::Time(_) | Codec::Type(_) => {
            None
        }
    });
    let Some(map) = map.filter(|map| map.otherwise.is_none() && rule.read_default.is_none()) else { return };
    let has = |truth: bool| map.rows.iter().flat_map(|(_, yours)| yours).any(|yours| *yours == Value::Bool(truth));
    if has(true) && has(false) {
        return;
    }
    let document = written.attributes.iter().find(|document| document.span == rule.span);
    let span = document.and_then(|document| document.map.as_ref()).map_or(&rule.span, |map| &map.span);
    found
        .add(Code::W76, span.clone(), "a user in a state that `map` does not know would be shown without `active`")
        .note("identity providers take such a user for an active one, or leave the user out")
        .help("say how an unknown state reads: else = false");
}

/// Warns where every look-up of a user by name reads the whole list.
fn search(upstream: &UpstreamDocument, written: &TypeDocument, compiled: &TypeMapping, found: &mut Diagnostics) {
    let key = compiled.view.rules.iter().find(|rule| rule.name == "userName");
    let (Some(key), Some(span)) = (key, written.list.first().map(|list| list.span.clone())) else { return };
    let told = compiled.policies.looks_first || upstream.limits.scan.is_some() || written.create.is_empty();
    // One answer holds them all: nothing is walked.
    let told = told || written.list.iter().any(|list| list.unpaged.as_ref().is_some_and(|unpaged| unpaged.value));
    if told || is_looked_up(key, &compiled.view, (&compiled.list, &compiled.get)) {
        return;
    }
    found
        .add(Code::W75, span, "to find a user by `userName` the bridge reads the whole list")
        .note("identity providers look for a user before they create one; no call carries {filter.userName}")
        .help(
            "let a list call search: `GET /users?login={filter.userName?}`; where your API has no search, say how many \
             records may be read: [upstream] limits = { scan = 1000 }",
        );
}
