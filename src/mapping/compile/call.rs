//! Calls and the upstream as written to compiled ones.

use crate::mapping::call::{Call, Purpose, UpstreamSettings};
use crate::mapping::diagnostic::Diagnostics;
use crate::mapping::document::{CallDocument, UpstreamDocument};
use crate::mapping::view::View;

/// Compiles `[upstream]`.
pub fn compile_upstream(upstream: &UpstreamDocument, found: &mut Diagnostics) -> Option<UpstreamSettings> {
    let _ = (upstream, found);
    todo!()
}

/// Compiles the calls of one operation of one type: templates, holes in scope at this place, conditions, sources, error rows,
/// and which rules each call carries. `purpose` is List, Get, Create, Update or Delete; `into` makes Part, `each` makes Add or Remove.
pub fn compile_calls(
    calls: &[CallDocument],
    purpose: Purpose,
    view: &View,
    upstream: &UpstreamDocument,
    found: &mut Diagnostics,
) -> Vec<Call> {
    let _ = (calls, purpose, view, upstream, found);
    todo!()
}
