//! Every check, suite by suite.

use crate::verify::check::{Case, Check};

mod entra;
mod lifecycle;
mod okta;
mod rfc;

/// A suite: a name to ask for it by, and its checks.
#[derive(Clone, Copy, Debug)]
pub struct Suite {
    /// The name: `rfc`.
    pub name: &'static str,
    /// What it is, for a heading.
    pub title: &'static str,
    /// Its checks, in tables of one subject each.
    tables: &'static [&'static [Check]],
}

/// All suites, in the order in which they are played.
pub static SUITES: [Suite; 4] = [
    Suite { name: "rfc", title: "What RFC 7643 and RFC 7644 demand", tables: rfc::TABLES },
    Suite { name: "okta", title: "What Okta asks of a server", tables: okta::TABLES },
    Suite { name: "entra", title: "What Entra ID asks of a server", tables: entra::TABLES },
    Suite { name: "lifecycle", title: "The cases of Okta's OIN test plan", tables: lifecycle::TABLES },
];

impl Suite {
    /// Its cases, in order.
    pub fn cases(&self) -> Vec<Case> {
        let checks = self.tables.iter().flat_map(|table| table.iter());
        checks.flat_map(|check| Case::of(self.name, check)).collect()
    }
}

/// The cases of every suite, in order.
pub fn all() -> Vec<Case> {
    SUITES.iter().flat_map(Suite::cases).collect()
}
