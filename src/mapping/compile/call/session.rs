//! `[upstream.session]` as written to a login, and whether it fits what the rest of the mapping asks of it.

use crate::mapping::call::{ErrorRow, Purpose, SessionSettings, url_fault};
use crate::mapping::compile::call::Compiler;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{Document, ErrorRowDocument, SessionDocument, TypeDocument, UpstreamDocument};
use crate::mapping::hole::Template;
use crate::mapping::name::{Site, SiteText, nearest};
use crate::mapping::scope::Name;

/// Compiles the login; `query` and `errors` are the upstream's. `None` when something without which there is no login is
/// missing or wrong.
pub(super) fn compile(
    (session, upstream): (&SessionDocument, &UpstreamDocument),
    mut query: Vec<(String, Template)>,
    errors: Vec<ErrorRow>,
    found: &mut Diagnostics,
) -> Option<SessionSettings> {
    let purpose = Some(Purpose::Login);
    let site = Site { purpose, follows: false, paged: false, each: false, text: SiteText::Request };
    let call = Compiler { view: None, upstream, site, found: &mut *found }.call(&session.call)?;
    if let Some((message, help)) = call.origin.as_ref().and_then(|url| url_fault(url, upstream.insecure)) {
        let span = session.call.call.as_ref().map_or(session.call.span.clone(), |text| text.span.clone());
        found.add(Code::E22, span, message).help(help);
    }
    query.retain(|(_, template)| !template.holes().any(|hole| matches!(hole.name, Name::Session(_))));
    Some(SessionSettings { call, ttl: session.ttl, query, errors })
}

/// Reports values of a session that no login captures, and rows that ask for a login where there is none.
pub fn check_session(document: &Document, found: &mut Diagnostics) {
    let session = document.upstream.session.as_ref();
    let captured: Vec<&str> =
        session.iter().flat_map(|session| &session.call.capture).map(|(name, _)| name.value.as_str()).collect();
    let mut used = false;
    for text in document.templates() {
        // A template with a fault was reported where it was compiled.
        let Ok(template) = Template::parse(&text.value) else { continue };
        for hole in template.holes() {
            let Name::Session(name) = &hole.name else { continue };
            used = true;
            if captured.contains(&name.as_str()) {
                continue;
            }
            let finding = found.add(Code::E42, text.within(&hole.range), format!("no login captures `{name}`"));
            finding.help(match (session, nearest(name, captured.iter().copied())) {
                (_, Some(near)) => format!("did you mean `session.{near}`?"),
                (Some(_), None) => format!("add it to [upstream.session]: capture = {{ {name} = \"$.{name}\" }}"),
                (None, None) => {
                    format!("add [upstream.session] with a `call` and `capture = {{ {name} = \"$.{name}\" }}`")
                }
            });
        }
    }
    if let Some(session) = session {
        if !used && !captured.is_empty() {
            let finding = found.add(Code::W43, session.call.span.clone(), "nothing uses this session");
            finding.help("send what it captures: headers = { Authorization = \"Bearer {session.token}\" }");
        }
        return refuse_login(session.call.errors.iter(), "this is the login itself", found);
    }
    let calls = document.types.iter().flat_map(TypeDocument::calls);
    let all = calls.flat_map(|call| std::iter::once(call).chain(&call.before).chain(call.undo.as_deref()));
    let rows = all.flat_map(|call| &call.errors);
    refuse_login(document.upstream.errors.iter().chain(rows), "there is no [upstream.session]", found);
}

/// Reports rows that ask for a login where none can be made.
fn refuse_login<'d>(rows: impl Iterator<Item = &'d ErrorRowDocument>, why: &str, found: &mut Diagnostics) {
    for then in rows.filter_map(|row| row.then.as_ref()).filter(|then| then.value == "login") {
        found.add(Code::E19, then.span.clone(), format!("`then = \"login\"` means nothing here: {why}"));
    }
}
