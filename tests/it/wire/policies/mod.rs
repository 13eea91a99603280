//! Policies of a resource type: what exists already, what is hidden, what is protected, what DELETE means.

mod adopt;
mod kept;
mod protect;
