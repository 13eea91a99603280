//! hyper to [`crate::bridge::Operation`].

pub mod limits;

pub use limits::Limits;
