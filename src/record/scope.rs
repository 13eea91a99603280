//! What a call was filled with, kept until all is known that must not be written.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::mapping::scope::{Drawn, Scope, TRANSCRIPT_OPERATION_ID};
use crate::mapping::{Call, TypeMapping};
use crate::record::redact::Redactor;
use crate::scim::Resource;
use crate::scim::filter::Operator;
use crate::upstream::Upstream;
use crate::upstream::transport::Request;

/// The scope of one call.
#[derive(Debug, Default)]
pub(crate) struct Filled {
    id: Option<Value>,
    scim: Option<Resource>,
    sent: Option<Value>,
    record: Option<Value>,
    old: Option<Value>,
    item: Option<Value>,
    filter: Vec<(String, Operator, Value)>,
    numbers: [Option<u64>; 3],
    cursor: Option<Value>,
    got: BTreeMap<String, Value>,
}

impl Filled {
    /// All of a scope but what a transcript knows by itself: secrets, drawn values.
    pub(super) fn of(scope: &Scope<'_>) -> Self {
        Self {
            id: scope.id.cloned(),
            scim: scope.scim.cloned(),
            sent: scope.sent.cloned(),
            record: scope.record.cloned(),
            old: scope.old.cloned(),
            item: scope.item.cloned(),
            filter: scope.filter.to_vec(),
            numbers: [scope.page, scope.offset, scope.count],
            cursor: scope.cursor.cloned(),
            got: scope.got.cloned().unwrap_or_default(),
        }
    }

    /// The request that the call makes of it in a transcript: with stand-ins, the names of secrets, and what is drawn there.
    /// The mapping's own text stays as it is. `named` replaces, in text, what a transcript knows by another name.
    pub(super) fn request(
        &self,
        (call, kind): (&Call, Option<&TypeMapping>),
        shown: &Upstream,
        redactor: &mut Redactor<'_>,
        named: impl Fn(&Value) -> Value,
    ) -> Option<Request> {
        let mut record = |value: &Option<Value>| {
            let value = named(value.as_ref()?);
            Some(match kind {
                Some(kind) => redactor.record(&value, kind),
                None => redactor.known(&value),
            })
        };
        let (sent, record, old) = (record(&self.sent), record(&self.record), record(&self.old));
        let scim = self.scim.as_ref().map(|scim| redactor.scim(&named(&Value::Object(scim.clone()))));
        let id = self.id.as_ref().map(|id| id.as_str().map_or_else(|| id.clone(), |text| redactor.id(text).into()));
        let known = |value: &Value| redactor.known(&named(value));
        let item = self.item.as_ref().map(known);
        let filter: Vec<_> =
            self.filter.iter().map(|(name, operator, value)| (name.clone(), *operator, known(value))).collect();
        let got = self.got.iter().map(|(name, value)| (name.clone(), known(value))).collect();
        let cursor = self.cursor.as_ref().map(known);
        let [page, offset, count] = self.numbers;
        let drawn = Drawn::in_transcript(1);
        let scope = Scope {
            id: id.as_ref(),
            scim: scim.as_ref().and_then(Value::as_object),
            sent: sent.as_ref(),
            record: record.as_ref(),
            old: old.as_ref(),
            item: item.as_ref(),
            filter: &filter,
            page,
            offset,
            count,
            cursor: cursor.as_ref(),
            got: Some(&got),
            drawn: Some(&drawn),
            operation_id: Some(TRANSCRIPT_OPERATION_ID),
            ..Scope::default()
        };
        shown.preview(call, &scope).ok()
    }
}
