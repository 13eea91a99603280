//! Where each setting came from: a place in the file, or a variable.

use std::collections::BTreeMap;

use crate::mapping::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::mapping::source::Span;

/// The origin of every setting, by its dotted key.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Places of values in the file.
    pub(super) file: BTreeMap<String, Span>,
    /// Variables, which win over the file.
    pub(super) variables: BTreeMap<String, String>,
}

impl Places {
    /// Adds a finding where `key` was set, or where what is around it was.
    pub(super) fn add<'f>(
        &self,
        key: &str,
        code: Code,
        message: impl Into<String>,
        found: &'f mut Diagnostics,
    ) -> &'f mut Diagnostic {
        if let Some(variable) = self.variables.get(key) {
            return found.add_at(variable, code, 0..0, message);
        }
        let mut around = std::iter::successors(Some(key), |key| key.rsplit_once('.').map(|(outer, _)| outer));
        let span = around.find_map(|key| self.file.get(key)).cloned().unwrap_or(0..0);
        found.add(code, span, message)
    }

    /// Whether something in the value of `key` was already found faulty, so that what it lacks needs no second message.
    pub(super) fn is_faulty(&self, key: &str, found: &Diagnostics) -> bool {
        self.file.get(key).is_some_and(|span| {
            let within = |fault: &Span| span.start <= fault.start && fault.end <= span.end;
            found.found.iter().any(|finding| finding.path == found.path && within(&finding.span))
        })
    }
}
