//! Lists: a way to page.

use crate::mapping::compile::TypeMapping;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::TypeDocument;

/// Checks the list calls of a type.
pub(super) fn check(written: &TypeDocument, compiled: &TypeMapping, found: &mut Diagnostics) {
    for (document, call) in written.list.iter().zip(&compiled.list) {
        let is_search = call.filters.iter().any(|filter| !filter.optional);
        let reads = &call.reads;
        let pages = reads.page || reads.offset || reads.cursor || call.next.is_some() || call.total.is_some();
        if !is_search && !pages {
            found
                .add(Code::W32, document.span.clone(), "this list has no way to page")
                .note("only what one answer holds is seen: no {page}, {offset} or {cursor}, no `next` and no `total`")
                .help("where one answer holds all records, say so by `total`");
        }
    }
}
