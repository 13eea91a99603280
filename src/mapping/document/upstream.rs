//! `[upstream]`, and what calls share with it: paging, error rows.

use toml::de::DeValue;

use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{
    ErrorRowDocument, FormDocument, Format, LimitsDocument, PageDocument, Spanned, Text, TlsDocument, UpstreamDocument,
};
use crate::mapping::document::{calls, sign};
use crate::mapping::fields::{BASIC, ERROR_ROW, Kind, LIMITS, PAGE, RETRY_AFTER, TLS};
use crate::mapping::keys::{self, Keys};
use crate::mapping::units;

/// Reads `[upstream]`.
pub(super) fn read(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> UpstreamDocument {
    UpstreamDocument {
        span: keys.span.clone(),
        url: keys.text("url", found),
        call: keys.text("call", found),
        headers: keys.text_table("headers", found).unwrap_or_default(),
        query: keys.text_table("query", found).unwrap_or_default(),
        basic: basic(keys, found),
        page: page(keys, found),
        format: format(keys, found),
        unset: keys.json("unset", found),
        insecure: keys.boolean("insecure", found).is_some_and(|insecure| insecure.value),
        limits: limits(keys, found),
        errors: error_rows(keys, found),
        session: calls::session(keys, found),
        form: form(keys, found),
        xml_lists: keys.texts("xml_lists", found).unwrap_or_default(),
        retry_after: retry_after(keys, found),
        sign: sign::read(keys, found),
        etag: keys.boolean("etag", found).is_some_and(|etag| etag.value),
        tls: tls(keys, found),
        proxy: keys.text("proxy", found),
    }
}

/// `basic`: both keys are required.
fn basic(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> Option<(Text, Text)> {
    let basic = Keys::of(&BASIC, "basic", keys.value("basic")?, found)?;
    let (user, password) = (basic.required_text("user", found), basic.required_text("password", found));
    Some((user?, password?))
}

/// `tls`: a certificate and its key belong together.
fn tls(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> TlsDocument {
    let Some(table) = keys.value("tls").and_then(|value| Keys::of(&TLS, "tls", value, found)) else {
        return TlsDocument::default();
    };
    let ca = table.text("ca", found);
    let has_identity = table.value("cert").is_some() || table.value("key").is_some();
    let identity = has_identity
        .then(|| (table.required_text("cert", found), table.required_text("key", found)))
        .and_then(|(cert, key)| cert.zip(key));
    TlsDocument { ca, identity }
}

/// `page`.
pub(super) fn page(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> PageDocument {
    let page = keys.value("page").and_then(|value| Keys::of(&PAGE, "page", value, found));
    page.map_or_else(PageDocument::default, |page| PageDocument {
        first: page.integer("first", found),
        size: page.integer("size", found),
    })
}

/// `format`.
pub(super) fn format(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> Option<Spanned<Format>> {
    let word = keys.word("format", found)?;
    let format = match word.value.as_str() {
        "form" => Format::Form,
        "multipart" => Format::Multipart,
        "xml" => Format::Xml,
        _ => Format::Json,
    };
    Some(Spanned { span: word.span, value: format })
}

/// `form_arrays` and `form_bools`.
pub(super) fn form(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> FormDocument {
    FormDocument { arrays: keys.word("form_arrays", found), bools: keys.text("form_bools", found) }
}

/// `retry_after`: the header, and what it holds.
fn retry_after(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> Option<(Text, Option<Text>)> {
    let table = Keys::of(&RETRY_AFTER, "retry_after", keys.value("retry_after")?, found)?;
    let unit = table.word("as", found);
    Some((table.required_text("header", found)?, unit))
}

/// `limits`.
fn limits(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> LimitsDocument {
    let Some(limits) = keys.value("limits").and_then(|value| Keys::of(&LIMITS, "limits", value, found)) else {
        return LimitsDocument::default();
    };
    LimitsDocument {
        rate: limits.quantity("rate", units::rate, found),
        concurrent: limits.integer("concurrent", found),
        timeout: limits.quantity("timeout", units::duration, found),
        deadline: limits.quantity("deadline", units::duration, found),
        retries: limits.integer("retries", found),
        backoff: limits.quantity("backoff", units::duration_range, found),
        scan: limits.integer("scan", found),
        max_body: limits.quantity("max_body", units::size, found),
        settle: limits.durations("settle", found),
    }
}

/// `errors`.
pub(super) fn error_rows(keys: &Keys<'_, '_>, found: &mut Diagnostics) -> Vec<ErrorRowDocument> {
    let rows = keys.tables(&ERROR_ROW, "errors", found);
    rows.iter()
        .map(|row| ErrorRowDocument {
            span: row.span.clone(),
            when: row.required_text("when", found),
            then: then(row, found),
            detail: row.text("detail", found),
        })
        .collect()
}

/// `then`: a status number is kept as its digits.
fn then(row: &Keys<'_, '_>, found: &mut Diagnostics) -> Option<Text> {
    let Some(value) = row.value("then") else {
        found.add(Code::E20, row.span.clone(), "`then` is missing in an error row");
        return None;
    };
    match value.get_ref() {
        DeValue::Integer(number) => Some(Spanned { span: value.span(), value: number.as_str().to_owned() }),
        DeValue::String(word) => Some(Spanned { span: value.span(), value: word.to_string() }),
        DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
            keys::mismatch("then", &Kind::Then.words(), value, found)
        }
    }
}
