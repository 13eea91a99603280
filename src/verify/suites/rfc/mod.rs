//! What RFC 7643 and RFC 7644 demand and a client can see.

use crate::verify::check::Check;

mod auth;
mod bulk;
mod create;
mod delete;
mod discovery;
mod filter;
mod group;
mod list;
mod optional;
mod patch;
mod read;
mod refuse;
mod replace;
mod versions;

/// The checks, subject by subject.
pub(super) const TABLES: &[&[Check]] = &[
    discovery::CHECKS,
    auth::CHECKS,
    create::CHECKS,
    read::CHECKS,
    list::CHECKS,
    filter::CHECKS,
    replace::CHECKS,
    patch::CHECKS,
    refuse::CHECKS,
    delete::CHECKS,
    group::CHECKS,
    optional::CHECKS,
    versions::CHECKS,
    bulk::CHECKS,
];
