//! A table of a TOML file, read key by key against its [`Table`] of the format.

use std::time::Duration;

use serde_json::{Number, Value};
use toml::Spanned as TomlSpanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{Spanned, Text};
use crate::mapping::fields::{Field, Kind, Table};
use crate::mapping::name::nearest;
use crate::mapping::source::{Source, Span};
use crate::mapping::units;

/// A key of a TOML file with its place.
pub type Key<'t> = TomlSpanned<DeString<'t>>;
/// A value of a TOML file with its place.
pub type Entry<'t> = TomlSpanned<DeValue<'t>>;

/// The most keys and list elements of a file: far more than people write, and few enough to judge in a moment.
pub const MOST_KEYS: usize = 10_000;

/// Parses a TOML file; its parser bounds the depth of nesting.
///
/// A syntax fault stops a file's reading, for what follows it means nothing; so do more than [`MOST_KEYS`] keys.
pub fn parse<'t>(source: &'t Source, found: &mut Diagnostics) -> Option<DeTable<'t>> {
    match DeTable::parse(&source.text) {
        Ok(table) => {
            let table = table.into_inner();
            let fits = count(&table) <= MOST_KEYS;
            if !fits {
                found.add(Code::E27, 0..0, format!("this file has more than {MOST_KEYS} keys and list elements"));
            }
            fits.then_some(table)
        }
        Err(fault) => {
            let span = fault.span().unwrap_or(0..0);
            found.add(Code::E13, span, "this is not valid TOML").label(fault.message());
            None
        }
    }
}

/// The keys and list elements of a table and of all in it.
fn count(table: &DeTable<'_>) -> usize {
    table.iter().map(|(_, value)| 1 + count_within(value)).sum()
}

/// The keys and list elements within a value.
fn count_within(value: &Entry<'_>) -> usize {
    let table = value.get_ref().as_table().map_or(0, count);
    let list = value.get_ref().as_array().into_iter().flat_map(|list| list.iter());
    table + list.map(|element| 1 + count_within(element)).sum::<usize>()
}

/// The entries of a table in the order of the file: the parser keeps them sorted by name.
pub fn entries<'a, 't>(table: &'a DeTable<'t>) -> Vec<(&'a Key<'t>, &'a Entry<'t>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// A key as a text with its place.
pub fn key_text(key: &Key<'_>) -> Text {
    Spanned { span: key.span(), value: key.get_ref().to_string() }
}

/// A table whose keys are known to be of the format; faulty ones were reported and are left out.
pub struct Keys<'a, 't> {
    /// The table's place: its header, or its text from brace to brace.
    pub span: Span,
    table: &'static Table,
    entries: Vec<(&'a Key<'t>, &'a Entry<'t>)>,
}

impl<'a, 't> Keys<'a, 't> {
    /// Checks every key of `entries` against `table`.
    pub fn open(table: &'static Table, span: Span, content: &'a DeTable<'t>, found: &mut Diagnostics) -> Self {
        let mut known = entries(content);
        known.retain(|(key, _)| is_known(table, key, found));
        Self { span, table, entries: known }
    }

    /// The same for a value, which must be a table.
    pub fn of(table: &'static Table, field: &str, value: &'a Entry<'t>, found: &mut Diagnostics) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(content) => Some(Self::open(table, value.span(), content, found)),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => mismatch(field, "a table", value, found),
        }
    }

    /// The value of a key.
    pub fn value(&self, key: &str) -> Option<&'a Entry<'t>> {
        self.entries.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| *value)
    }

    /// The place of a key.
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.entries.iter().find(|(name, _)| name.get_ref() == key).map(|(name, _)| name.span())
    }

    /// A value and the words for its type.
    fn typed(&self, key: &str) -> Option<(&'a Entry<'t>, String)> {
        let words = self.table.field(key).map_or_else(String::new, |field| field.kind.words());
        Some((self.value(key)?, words))
    }

    /// A string.
    pub fn text(&self, key: &str, found: &mut Diagnostics) -> Option<Text> {
        let (value, words) = self.typed(key)?;
        text(key, &words, value, found)
    }

    /// A string that must be there.
    pub fn required_text(&self, key: &str, found: &mut Diagnostics) -> Option<Text> {
        if self.value(key).is_none() {
            found.add(Code::E20, self.span.clone(), format!("`{key}` is missing in {}", self.table.name));
        }
        self.text(key, found)
    }

    /// One of the words of the key's row.
    pub fn word(&self, key: &str, found: &mut Diagnostics) -> Option<Text> {
        let (value, words) = self.typed(key)?;
        let text = text(key, &words, value, found)?;
        let Some(Field { kind: Kind::Word(known), .. }) = self.table.field(key) else { return Some(text) };
        if known.contains(&text.value.as_str()) {
            return Some(text);
        }
        let fault = found.add(Code::E14, text.span, format!("`{key}` must be {words}"));
        if let Some(near) = nearest(&text.value, known.iter().copied()) {
            fault.label(format!("did you mean `{near}`?"));
        }
        None
    }

    /// `true` or `false`.
    pub fn boolean(&self, key: &str, found: &mut Diagnostics) -> Option<Spanned<bool>> {
        let (value, words) = self.typed(key)?;
        let boolean = value.get_ref().as_bool().map(|boolean| Spanned { span: value.span(), value: boolean });
        boolean.or_else(|| mismatch(key, &words, value, found))
    }

    /// A whole number, from the least one of the key's row on.
    pub fn integer(&self, key: &str, found: &mut Diagnostics) -> Option<u64> {
        let (value, words) = self.typed(key)?;
        let least = match self.table.field(key).map(|field| field.kind) {
            Some(Kind::Integer(least)) => least,
            _ => 0,
        };
        let number =
            value.get_ref().as_integer().and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok());
        number.filter(|&number| number >= least).or_else(|| mismatch(key, &words, value, found))
    }

    /// A string that `parse` understands.
    pub fn quantity<T>(&self, key: &str, parse: fn(&str) -> Option<T>, found: &mut Diagnostics) -> Option<T> {
        let (value, words) = self.typed(key)?;
        value.get_ref().as_str().and_then(parse).or_else(|| mismatch(key, &words, value, found))
    }

    /// A list of durations.
    pub fn durations(&self, key: &str, found: &mut Diagnostics) -> Option<Vec<Duration>> {
        let (value, words) = self.typed(key)?;
        let durations = value.get_ref().as_array().and_then(|list| {
            list.iter().map(|element| element.get_ref().as_str().and_then(units::duration)).collect::<Option<Vec<_>>>()
        });
        durations.or_else(|| mismatch(key, &words, value, found))
    }

    /// A list of strings; the odd elements are reported and left out.
    pub fn texts(&self, key: &str, found: &mut Diagnostics) -> Option<Vec<Text>> {
        let (value, words) = self.typed(key)?;
        let Some(list) = value.get_ref().as_array() else { return mismatch(key, &words, value, found) };
        Some(list.iter().filter_map(|element| text(key, &words, element, found)).collect())
    }

    /// A table of strings, in order; the odd values are reported and left out.
    pub fn text_table(&self, key: &str, found: &mut Diagnostics) -> Option<Vec<(Text, Text)>> {
        let (value, words) = self.typed(key)?;
        let Some(table) = value.get_ref().as_table() else { return mismatch(key, &words, value, found) };
        let mut pairs = Vec::with_capacity(table.len());
        for (name, value) in entries(table) {
            if let Some(text) = text(name.get_ref(), "a string", value, found) {
                pairs.push((key_text(name), text));
            }
        }
        Some(pairs)
    }

    /// A string, number or boolean.
    pub fn literal(&self, key: &str, found: &mut Diagnostics) -> Option<Spanned<Value>> {
        literal(key, self.value(key)?, found)
    }

    /// Checks the values whose types the table knows; tables of their own kind are opened by the caller.
    pub fn check_types(&self, found: &mut Diagnostics) {
        for (key, _) in &self.entries {
            let name = key.get_ref().as_ref();
            match self.table.field(name).map(|field| field.kind) {
                Some(Kind::Text | Kind::Template | Kind::Path | Kind::Condition) => drop(self.text(name, found)),
                Some(Kind::Word(..)) => drop(self.word(name, found)),
                Some(Kind::Boolean) => drop(self.boolean(name, found)),
                Some(Kind::Integer(_)) => drop(self.integer(name, found)),
                Some(Kind::Duration) => drop(self.quantity(name, units::duration, found)),
                Some(Kind::DurationRange) => drop(self.quantity(name, units::duration_range, found)),
                Some(Kind::Durations) => drop(self.durations(name, found)),
                Some(Kind::Rate) => drop(self.quantity(name, units::rate, found)),
                Some(Kind::Size) => drop(self.quantity(name, units::size, found)),
                Some(Kind::Texts) => drop(self.texts(name, found)),
                Some(Kind::TextTable) => drop(self.text_table(name, found)),
                Some(Kind::Literal) => drop(self.literal(name, found)),
                Some(Kind::Value) => drop(self.json(name, found)),
                Some(
                    Kind::Tree | Kind::Table | Kind::Tables | Kind::Call | Kind::Calls | Kind::Source | Kind::Then,
                )
                | None => {}
            }
        }
    }

    /// Any value; its depth is bounded by the parser.
    pub fn json(&self, key: &str, found: &mut Diagnostics) -> Option<Spanned<Value>> {
        let (value, words) = self.typed(key)?;
        match json(value.get_ref()) {
            Some(json) => Some(Spanned { span: value.span(), value: json }),
            None => mismatch(key, &words, value, found),
        }
    }

    /// The tables of a list of tables.
    pub fn tables(&self, table: &'static Table, key: &str, found: &mut Diagnostics) -> Vec<Keys<'a, 't>> {
        let Some((value, words)) = self.typed(key) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            mismatch::<()>(key, &words, value, found);
            return Vec::new();
        };
        list.iter().filter_map(|element| Keys::of(table, key, element, found)).collect()
    }
}

/// Reports a key that is not of the format.
fn is_known(table: &'static Table, key: &Key<'_>, found: &mut Diagnostics) -> bool {
    let name = key.get_ref().as_ref();
    let is_known = table.field(name).is_some();
    if !is_known {
        unknown_key(&key_text(key), table.name, nearest(name, table.fields.iter().map(|field| field.key)), found);
    }
    is_known
}

/// Reports an unknown key.
pub fn unknown_key(key: &Text, place: &str, near: Option<&str>, found: &mut Diagnostics) {
    let fault = found.add(Code::E01, key.span.clone(), format!("unknown key `{}` in {place}", key.value));
    if let Some(near) = near {
        fault.label(format!("did you mean `{near}`?"));
    }
}

/// Reports a value of the wrong type.
pub fn mismatch<T>(key: &str, words: &str, value: &Entry<'_>, found: &mut Diagnostics) -> Option<T> {
    found
        .add(Code::E14, value.span(), format!("`{key}` must be {words}"))
        .label(format!("this is {}", type_words(value.get_ref())));
    None
}

/// A value as a string.
pub fn text(key: &str, words: &str, value: &Entry<'_>, found: &mut Diagnostics) -> Option<Text> {
    let text = value.get_ref().as_str().map(|text| Spanned { span: value.span(), value: text.to_owned() });
    text.or_else(|| mismatch(key, words, value, found))
}

/// A value as JSON; `None` where it holds a date or a number that JSON does not have.
fn json(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::String(text.to_string())),
        DeValue::Integer(number) => integer_literal(number.as_str(), number.radix()),
        DeValue::Float(number) => float_literal(number.as_str()),
        DeValue::Boolean(boolean) => Some(Value::Bool(*boolean)),
        DeValue::Datetime(_) => None,
        DeValue::Array(list) => list.iter().map(|element| json(element.get_ref())).collect(),
        DeValue::Table(table) => {
            let members = entries(table).into_iter();
            members.map(|(key, value)| Some((key.get_ref().to_string(), json(value.get_ref())?))).collect()
        }
    }
}

/// A value as a string, number or boolean.
pub fn literal(key: &str, value: &Entry<'_>, found: &mut Diagnostics) -> Option<Spanned<Value>> {
    let json = json(value.get_ref()).filter(|json| !json.is_array() && !json.is_object());
    match json {
        Some(json) => Some(Spanned { span: value.span(), value: json }),
        None => mismatch(key, Kind::Literal.words().as_str(), value, found),
    }
}

/// A TOML integer as JSON: decimal digits are kept however many there are.
fn integer_literal(text: &str, radix: u32) -> Option<Value> {
    if radix == 10 {
        return text.trim_start_matches('+').parse::<Number>().ok().map(Value::Number);
    }
    u64::from_str_radix(text, radix).ok().map(Value::from)
}

/// A TOML float as JSON: its text is kept; `nan` and `inf` have no JSON.
fn float_literal(text: &str) -> Option<Value> {
    text.trim_start_matches('+').parse::<Number>().ok().map(Value::Number)
}

/// What a value is.
fn type_words(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a TOML date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests;
