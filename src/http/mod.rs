//! hyper to [`crate::bridge::Operation`].
