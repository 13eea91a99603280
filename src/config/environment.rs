//! `SCIM_BRIDGE__SERVER__LISTEN`: settings in variables of the environment.

use crate::config::fields::{ADMIN, JWT, LIMITS, LOG, SECRET, SERVER, SETTINGS, TENANT, TLS};
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::fields::{Kind, Table};
use crate::mapping::name::nearest;
use crate::mapping::units;

/// What such a variable begins with.
pub(super) const PREFIX: &str = "SCIM_BRIDGE__";

/// The variables that are settings, as variable, dotted key and value; faulty ones are reported and left out.
pub(super) fn settings(environment: &[(String, String)], found: &mut Diagnostics) -> Vec<(String, String, String)> {
    let mut settings = Vec::new();
    for (variable, value) in environment {
        let Some(rest) = variable.strip_prefix(PREFIX) else { continue };
        let path = rest.to_lowercase();
        let path: Vec<&str> = path.split("__").collect();
        if is_usable(variable, &path, value, found) {
            settings.push((variable.clone(), path.join("."), value.clone()));
        }
    }
    settings
}

/// Where a variable leads.
enum Target {
    /// To a key of this table.
    Key(&'static Table),
    /// To a name of the author's own with text as value.
    Text,
    /// To nothing.
    Nowhere,
}

/// The table that the last word of a path must be a key of.
fn target(path: &[&str]) -> Target {
    match path {
        [_] => Target::Key(&SETTINGS),
        ["server", _] => Target::Key(&SERVER),
        ["server", "tls", _] => Target::Key(&TLS),
        ["server", "limits", _] => Target::Key(&LIMITS),
        ["admin", _] => Target::Key(&ADMIN),
        ["log", _] => Target::Key(&LOG),
        ["tenants", _, _] => Target::Key(&TENANT),
        ["admin", "token", _] | ["secrets", _, _] | ["tenants", _, "secrets", _, _] => Target::Key(&SECRET),
        ["tenants", _, "jwt", _] => Target::Key(&JWT),
        ["tenants", _, "vars", _] => Target::Text,
        _ => Target::Nowhere,
    }
}

/// Reports a variable that is no setting or whose value has the wrong type; never shows the value.
fn is_usable(variable: &str, path: &[&str], value: &str, found: &mut Diagnostics) -> bool {
    let table = match target(path) {
        Target::Key(table) => table,
        Target::Text => return true,
        Target::Nowhere => {
            found.add_at(variable, Code::E01, 0..0, format!("variable `{variable}` is not a setting"));
            return false;
        }
    };
    let last = path.last().copied().unwrap_or_default();
    let Some(field) = table.field(last) else {
        let fault = found.add_at(variable, Code::E01, 0..0, format!("unknown key `{last}` in {}", table.name));
        if let Some(near) = nearest(last, table.fields.iter().map(|field| field.key)) {
            fault.help(format!("did you mean `{}{}`?", &variable[..variable.len() - last.len()], near.to_uppercase()));
        }
        return false;
    };
    let fits = match field.kind {
        Kind::Text => true,
        Kind::Word(words) => words.contains(&value),
        Kind::Boolean => matches!(value, "true" | "false"),
        Kind::Integer(minimum) => {
            value.bytes().all(|byte| byte.is_ascii_digit())
                && value.parse::<u64>().is_ok_and(|number| number >= minimum)
        }
        Kind::Duration => units::duration(value).is_some(),
        Kind::Size => units::size(value).is_some(),
        Kind::Template
        | Kind::Path
        | Kind::Condition
        | Kind::DurationRange
        | Kind::Durations
        | Kind::Rate
        | Kind::Texts
        | Kind::TextTable
        | Kind::Literal
        | Kind::Value
        | Kind::Tree
        | Kind::Table
        | Kind::Tables
        | Kind::Call
        | Kind::Calls
        | Kind::Source
        | Kind::Then => {
            let message = format!("`{}` cannot be one variable: it is {}", path.join("."), field.kind.words());
            found.add_at(variable, Code::E14, 0..0, message).help("set it in the file, or what is in it one by one");
            return false;
        }
    };
    if !fits {
        found.add_at(variable, Code::E14, 0..0, format!("`{}` must be {}", path.join("."), field.kind.words()));
    }
    fits
}
