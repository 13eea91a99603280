//! What Entra ID asks of a SCIM server: its own dialect of PATCH, and its ways to find, to disable and to delete.

use crate::verify::check::Check;

mod group;
mod manager;
mod patch;
mod user;

/// The checks, subject by subject.
pub(super) const TABLES: &[&[Check]] = &[user::CHECKS, patch::CHECKS, manager::CHECKS, group::CHECKS];

/// Microsoft's page of the requests and answers.
const TUTORIAL: &str = "Microsoft Entra: Develop and plan provisioning for a SCIM endpoint";
/// Microsoft's page of where it departs from the RFC.
const KNOWN: &str = "Microsoft Entra: Known issues and resolutions with SCIM 2.0 protocol compliance";
