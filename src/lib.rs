//! **scim-bridge** gives any existing user-management API a SCIM 2.0 face.

pub mod bridge;
pub mod cli;
pub mod config;
pub mod demo;
pub mod explain;
pub mod http;
pub mod init;
pub mod mapping;
pub mod record;
pub mod scim;
pub mod secret;
pub mod store;
pub mod telemetry;
pub mod transcript;
pub mod upstream;
pub mod value;
pub mod verify;
