//! The life of users and groups: every case of Okta's OIN test plan.
//!
//! A case that causes SCIM requests is played in both styles of updating: as Okta's catalog apps push (PATCH) and as those
//! of its App Integration Wizard do (PUT). Cases that happen within Okta alone are listed for a person.

use crate::verify::check::Check;

mod connect;
mod create;
mod groups;
mod import;
mod leave;
mod link;
mod person;
mod update;

/// The cases, subject by subject.
pub(super) const TABLES: &[&[Check]] = &[
    connect::CASES,
    create::CASES,
    update::CASES,
    leave::CASES,
    import::CASES,
    groups::CASES,
    link::CASES,
    person::CASES,
];

/// Where the cases stand.
const PLAN: &str = "Okta: OIN test plan, the case of this id";
