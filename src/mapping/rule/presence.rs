//! `present`: a boolean that says whether the element that the path selects exists.

use serde_json::Value;

use super::Rule;
use crate::mapping::path::{Path, fresh_element};
use crate::scim;

impl Rule {
    /// Whether what the path selects is there: null, `unset` and an empty text are not.
    pub(super) fn is_there(&self, path: &Path, record: &Value) -> bool {
        path.get(record).into_iter().any(|node| !self.is_unset(node))
    }

    /// Makes the element be there, or not. A boolean cannot be without a value, so that its removal changes nothing.
    pub(super) fn put_presence(
        &self,
        path: &Path,
        record: &mut Value,
        (value, present): (Option<&Value>, bool),
    ) -> Result<bool, scim::Error> {
        let Some(value) = value else { return Ok(false) };
        let wanted = self.codecs.encode(value).map_err(|error| self.refused(&error))? == Value::Bool(present);
        if self.is_there(path, record) == wanted {
            return Ok(false);
        }
        if !wanted {
            path.clear(record);
            return Ok(true);
        }
        let Some((list, terms)) = path.list() else { return Ok(false) };
        match list.reach(record) {
            Some(Value::Array(elements)) => elements.push(fresh_element(terms)),
            Some(node @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_))) => {
                *node = Value::Array(vec![fresh_element(terms)]);
            }
            Some(node @ Value::Object(_)) if node.as_object().is_some_and(serde_json::Map::is_empty) => {
                *node = Value::Array(vec![fresh_element(terms)]);
            }
            Some(Value::Object(_)) | None => return Err(self.in_the_way()),
        }
        Ok(true)
    }

    /// Whether a record shows the rule's value, whatever it is: what an answer leaves out is not known to be absent.
    pub(crate) fn is_told_by(&self, record: &Value) -> bool {
        let Some(path) = self.read_at.as_ref().filter(|_| self.presence.is_some()) else {
            return self.find(record).is_some();
        };
        match path.list() {
            Some((list, _)) => list.first(record).is_some(),
            None => path.first(record).is_some(),
        }
    }
}
