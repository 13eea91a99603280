//! How forms are written, and the header that says how long to wait.

use crate::mapping::call::{FormArrays, FormStyle, RetryAfter, WaitUnit};
use crate::mapping::compile::call::line::header_name;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{FormDocument, Text};

/// A call's style: its own keys, then the upstream's. The words of booleans that are no two are reported by [`check`].
pub(super) fn style(own: &FormDocument, upstream: &FormDocument) -> FormStyle {
    let arrays = own.arrays.as_ref().or(upstream.arrays.as_ref()).map(|word| word.value.as_str());
    FormStyle {
        arrays: match arrays {
            Some("brackets") => FormArrays::Brackets,
            Some("indexed") => FormArrays::Indexed,
            Some(_) | None => FormArrays::Repeat,
        },
        bools: own.bools.as_ref().or(upstream.bools.as_ref()).and_then(|text| words(&text.value)),
    }
}

/// Reports words for booleans that are not two different ones.
pub(super) fn check(form: &FormDocument, found: &mut Diagnostics) {
    if let Some(text) = form.bools.as_ref().filter(|text| words(&text.value).is_none()) {
        let message = "`form_bools` needs a word for true and another for false";
        found.add(Code::E14, text.span.clone(), message).help("write them with a slash between them: `\"1/0\"`");
    }
}

fn words(text: &str) -> Option<(String, String)> {
    let (yes, no) = text.split_once('/')?;
    (yes != no && !no.contains('/')).then(|| (yes.to_owned(), no.to_owned()))
}

/// Compiles `retry_after`. The reader of the file lets no other words pass.
pub(super) fn retry_after((header, unit): &(Text, Option<Text>), found: &mut Diagnostics) -> Option<RetryAfter> {
    let unit = match unit.as_ref().map(|unit| unit.value.as_str()) {
        Some("ms") => WaitUnit::Milliseconds,
        Some("epoch_s") => WaitUnit::Epoch,
        Some("http_date") => WaitUnit::Date,
        Some(_) | None => WaitUnit::Seconds,
    };
    Some(RetryAfter { header: header_name(header, found)?, unit })
}
