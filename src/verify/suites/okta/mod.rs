//! What Okta asks of a SCIM server: what its own suites look at, and what its clients need to work.

use crate::verify::check::Check;

mod connect;
mod group;
mod user;

/// The checks, subject by subject.
pub(super) const TABLES: &[&[Check]] = &[connect::CHECKS, user::CHECKS, group::CHECKS, connect::LAST];

/// Okta's page of the requests and answers.
const PROTOCOL: &str = "Okta: SCIM 2.0 protocol reference";
/// Okta's page of how a server is tested.
const TEST: &str = "Okta: Test your SCIM API";
/// Okta's page of what a server needs.
const BUILD: &str = "Okta: Build your SCIM API service";
