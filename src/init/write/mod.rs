//! What is known as the text of a mapping.

use std::fmt::Write as _;

use crate::init::api::{Api, Credential, Resource};
use crate::init::names::left;
use crate::init::paging::quoted;
use crate::init::rules::{self, Rule};
use crate::init::words::Noun;

mod calls;

/// The mapping.
pub(super) fn mapping(name: &str, api: &Api) -> String {
    let mut text = String::from("#:schema ../mapping.schema.json\n");
    let sources = api.sources.iter().filter(|source| !source.is_empty()).cloned().collect::<Vec<_>>().join(", ");
    let from = if sources.is_empty() { String::new() } else { format!(" from {sources}") };
    let _ = write!(
        text,
        "# {name}: a draft{from}. All of it is guessed by names. What could not be known is marked UNKNOWN.\n\
         # Then: scim-bridge check, scim-bridge try, and a transcript for what matters.\nscim_bridge = 1\n"
    );
    for unknown in &api.unknown {
        let _ = writeln!(text, "# UNKNOWN: {unknown}.");
    }
    upstream(name, api, &mut text);
    for resource in &api.resources {
        of_type(resource, api, &mut text);
    }
    text
}

/// A name as a secret's begins with it.
fn secret(name: &str, end: &str) -> String {
    let name: String = name.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '_' }).collect();
    format!("{name}_{end}")
}

fn upstream(name: &str, api: &Api, text: &mut String) {
    text.push_str("\n[upstream]\n");
    if let Some(url) = &api.url {
        let is_plain = url.starts_with("http://") && !url.contains("//localhost") && !url.contains("//127.");
        if is_plain {
            text.push_str("# The document says http; secrets do not go over it.\n");
        }
        let url = if is_plain { url.replacen("http", "https", 1) } else { url.clone() };
        let _ = writeln!(text, "url = {}", quoted(&url));
    } else {
        let url = quoted(&format!("https://api.example.com{}", api.path));
        let _ = writeln!(text, "# UNKNOWN: the base URL; all paths below are appended to it.\nurl = {url}");
    }
    credentials(name, api, text);
    let page = api.resources.iter().filter_map(|resource| resource.list.as_ref()).find(|list| !list.paging.is_empty());
    if let Some(list) = page {
        let numbered = list.paging.iter().any(|(_, hole)| hole == "{page}");
        let why = match (list.size, list.first.filter(|_| numbered)) {
            (None, _) => "   # UNKNOWN: the largest page that the API gives",
            (Some(_), None) if numbered => "   # the number of the first page is a guess",
            (Some(_), _) => "",
        };
        let first = list.first.unwrap_or(1);
        let first = if numbered { format!("first = {first}, ") } else { String::new() };
        let _ = writeln!(text, "page = {{ {first}size = {} }}{why}", list.size.unwrap_or(100));
    }
    if api.form {
        text.push_str("format = \"form\"\n");
    }
    refusals(api, text);
}

/// What a refusal means: somebody exists already, or a value is wrong.
fn refusals(api: &Api, text: &mut String) {
    let hole = api.refusal.as_ref().map(|path| format!("{{body{}}}", path.trim_start_matches('$')));
    let detail = hole.map_or_else(String::new, |hole| format!("detail = {}\n", quoted(&hole)));
    let place = api.refusal.as_deref().map_or(".message", |path| path.trim_start_matches('$'));
    text.push('\n');
    if !api.conflict {
        let _ = write!(
            text,
            "# UNKNOWN: what the API answers when a user exists already. If it is no 409, its row begins so:\n\
             # when = \"$.status == 400 && search($.body{place}, 'already|taken')\"\n"
        );
    }
    let _ = write!(text, "[[upstream.errors]]\nwhen = \"$.status == 409\"\nthen = \"uniqueness\"\n{detail}");
    if !detail.is_empty() {
        let _ = write!(
            text,
            "\n[[upstream.errors]]\nwhen = \"$.status == 400 || $.status == 422\"\nthen = \"invalidValue\"\n{detail}"
        );
    }
}

/// Headers, query and the rest by which calls prove who makes them.
fn credentials(name: &str, api: &Api, text: &mut String) {
    let mut headers: Vec<(String, String)> = api.headers.clone();
    let mut session = None;
    for credential in &api.credentials {
        match credential {
            Credential::Header(header, before) => {
                let end = if before.is_empty() { "key" } else { "token" };
                headers.push((header.clone(), format!("{before}{{secret.{}}}", secret(name, end))));
            }
            Credential::Cookie(cookie) => {
                text.push_str("# UNKNOWN: a cookie of a login ends some time; a key that does not would be better.\n");
                headers.push(("Cookie".to_owned(), format!("{cookie}={{secret.{}}}", secret(name, "cookie"))));
            }
            Credential::Query(parameter) => {
                let hole = format!("{{secret.{}}}", secret(name, "key"));
                let _ = writeln!(text, "query = {{ {} = {} }}", quoted(parameter), quoted(&hole));
            }
            Credential::Basic => {
                let (user, password) = (secret(name, "user"), secret(name, "password"));
                let _ =
                    writeln!(text, "basic = {{ user = \"{{secret.{user}}}\", password = \"{{secret.{password}}}\" }}");
            }
            Credential::Client(url, scopes) => session = Some((url, scopes)),
        }
    }
    if api.credentials.is_empty() {
        text.push_str("# UNKNOWN: how calls prove who makes them; most often a header with a secret in it.\n");
        headers.push(("Authorization".to_owned(), format!("Bearer {{secret.{}}}", secret(name, "token"))));
    }
    if session.is_some() {
        headers.push(("Authorization".to_owned(), "Bearer {session.token}".to_owned()));
    }
    if !headers.is_empty() {
        let one = |(name, value): &(String, String)| {
            let is_bare = name.chars().all(|sign| sign.is_ascii_alphanumeric() || "_-".contains(sign));
            let name = if is_bare { name.clone() } else { quoted(name) };
            format!("{name} = {}", quoted(value))
        };
        let _ = writeln!(text, "headers = {{ {} }}", headers.iter().map(one).collect::<Vec<_>>().join(", "));
    }
    if let Some((url, scopes)) = session {
        let (id, key) = (secret(name, "client_id"), secret(name, "client_secret"));
        let scope = if scopes.is_empty() { String::new() } else { format!(", scope = {}", quoted(scopes)) };
        let _ = writeln!(
            text,
            "session = {{ call = {}, format = \"form\", body = {{ grant_type = \"client_credentials\", client_id = \"{{secret.{id}}}\", \
             client_secret = \"{{secret.{key}}}\"{scope} }}, capture = {{ token = \"$.access_token\", ttl = \"$.expires_in\" }} }}",
            quoted(&format!("POST {url}"))
        );
    }
}

/// The rules and calls of one resource type.
fn of_type(resource: &Resource, api: &Api, text: &mut String) {
    let kind = resource.noun.name();
    let (rules, others) = rules::rules(resource);
    let _ = writeln!(
        text,
        "\n# {} {}\n[{kind}.attributes]",
        "-".repeat(64),
        if resource.noun == Noun::User { "users" } else { "groups" }
    );
    let width = rules.iter().map(|rule| left(rule.name).len()).filter(|width| *width <= 20).max().unwrap_or(0);
    for rule in &rules {
        let _ = writeln!(text, "{}", line(rule, width));
    }
    if resource.noun == Noun::User && rules.iter().all(|rule| rule.name != "active") {
        text.push_str(
            "# UNKNOWN: no field says who may come in, and identity providers shut people out by `active = false`: name it.\n",
        );
    }
    if !others.is_empty() {
        let _ = writeln!(text, "# Without a rule, and kept as they are: {}.", others.join(", "));
    }
    calls::write(resource, &rules, api, text);
}

/// One rule, its guess explained behind it, and what is unknown above it.
fn line(rule: &Rule, width: usize) -> String {
    let above = rule.unknown.as_ref().map_or_else(String::new, |unknown| format!("# UNKNOWN: {unknown}\n"));
    let behind = if rule.why.is_empty() { String::new() } else { format!("   # {}", rule.why.join("; ")) };
    let right = if rule.keys.is_empty() {
        quoted(&rule.at)
    } else {
        let keys = rule.keys.iter().map(|(key, value)| format!(", {key} = {value}"));
        format!("{{ at = {}{} }}", quoted(&rule.at), keys.collect::<String>())
    };
    format!("{above}{:width$} = {right}{behind}", left(rule.name))
}

/// What belongs into `config.toml`: the secrets and variables that the mapping names.
pub(super) fn settings(name: &str, mapping: &str) -> String {
    let named = |prefix: &str| {
        let mut names: Vec<String> = mapping
            .split(prefix)
            .skip(1)
            .filter_map(|rest| rest.split(['}', '?']).next().map(str::to_owned))
            .filter(|name| name.chars().all(|sign| sign.is_alphanumeric() || sign == '_'))
            .collect();
        names.sort();
        names.dedup();
        names
    };
    let mut text = String::from("[secrets]\n");
    for secret in named("{secret.") {
        let _ = writeln!(text, "{secret} = {{ env = \"{}\" }}", secret.to_uppercase());
    }
    let _ = write!(
        text,
        "\n[tenants.{name}]\nmapping = \"mappings/{name}\"\npath    = \"/scim/v2\"\ntokens  = [{{ env = \"SCIM_TOKEN\" }}]\n"
    );
    let variables: Vec<String> = named("{tenant.").iter().map(|name| format!("{name} = \"\"")).collect();
    if !variables.is_empty() {
        let _ = writeln!(text, "vars    = {{ {} }}", variables.join(", "));
    }
    text
}
