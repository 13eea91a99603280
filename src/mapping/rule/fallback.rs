//! `read_default`: what is shown where the record has no value.

use serde_json::Value;

use super::{Rule, Show};
use crate::mapping::equality::same;

/// What a rule shows where the record has no value.
#[derive(Clone, Debug)]
pub enum ReadDefault {
    /// Always the same.
    Value(Value),
    /// A text made of the record's fields.
    Text(Show),
}

impl ReadDefault {
    /// The value shown for a record; `None` where a field that the text needs is missing.
    pub(super) fn value(&self, rule: &Rule, record: &Value) -> Option<Value> {
        match self {
            Self::Value(value) => Some(value.clone()),
            Self::Text(show) => show.text(record, &rule.unset).and_then(|text| rule.shown(text)),
        }
    }

    /// The text with fields, if it is one.
    pub fn show(&self) -> Option<&Show> {
        match self {
            Self::Value(_) => None,
            Self::Text(show) => Some(show),
        }
    }
}

impl Rule {
    /// The texts that show fields: `show`, and a `read_default` with fields.
    pub fn shows(&self) -> impl Iterator<Item = &Show> {
        self.show.iter().chain(self.read_default.as_ref().and_then(ReadDefault::show))
    }

    /// The value that is shown for every record without one.
    pub(super) fn literal_default(&self) -> Option<&Value> {
        match self.read_default.as_ref()? {
            ReadDefault::Value(value) => Some(value),
            ReadDefault::Text(_) => None,
        }
    }

    /// Whether "no value" in the record stands for this value, so that removing what is there writes it.
    pub(super) fn is_read_default(&self, value: &Value) -> bool {
        self.literal_default().is_some_and(|default| same(default, value))
    }

    /// Whether a record without a value shows just this one.
    pub(crate) fn shows_default(&self, record: &Value, value: Option<&Value>) -> bool {
        self.read_default.as_ref().is_some_and(|default| self.is_same(default.value(self, record).as_ref(), value))
    }

    /// Whether a record without a value may read as this one, so that a search for it would miss the record.
    pub(super) fn may_be_default(&self, value: &Value) -> bool {
        match &self.read_default {
            None => false,
            Some(ReadDefault::Value(default)) => same(default, value),
            Some(ReadDefault::Text(_)) => true,
        }
    }
}
