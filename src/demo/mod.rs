//! `scim-bridge demo`: a legacy user API in memory and the bridge before it, in one process.

pub mod api;
mod report;

pub use api::{Api, Seed};

/// The mapping of the demo's API, as it is shipped.
pub const MAPPING: &str = include_str!("../../mappings/demo/mapping.toml");
