//! Fields that say who may come in: booleans, their opposites, words, numbers.

use serde_json::Value;

use crate::init::names::{is_opposite, status};
use crate::init::rules::{Rule, toml_value};
use crate::init::shape::{Field, Kind};
use crate::init::words::normal;

/// The `map` of a field, with what could not be known.
pub(super) fn convert(field: &Field, rule: &mut Rule) {
    let name = normal(field.name());
    match &field.kind {
        Kind::Boolean | Kind::Unknown if is_opposite(&name) => {
            rule.keys.push(("map", "{ true = false, false = true }".to_owned()));
            rule.why.push("it says the opposite".to_owned());
        }
        Kind::Boolean | Kind::Unknown => {}
        Kind::Text | Kind::Integer | Kind::Number | Kind::List(..) | Kind::Table => of_words(field, rule),
    }
}

/// A status of several words.
fn of_words(field: &Field, rule: &mut Rule) {
    let mut known: Vec<(bool, usize, &Value)> = Vec::new();
    let mut others: Vec<&Value> = Vec::new();
    for word in field.words.iter().chain(field.example.iter().filter(|_| field.words.is_empty())) {
        let text = word.as_str().map_or_else(|| word.to_string(), str::to_lowercase);
        match status(&text) {
            Some((is_in, rank)) => known.push((is_in, rank, word)),
            None if !word.is_null() => others.push(word),
            None => {}
        }
    }
    known.sort_by_key(|(_, rank, _)| *rank);
    let of =
        |wanted: bool| known.iter().filter(move |(is_in, ..)| *is_in == wanted).map(|(_, _, word)| toml_value(word));
    let side = |words: Vec<String>, fallback: &str| match words.as_slice() {
        [] => (fallback.to_owned(), true),
        [one] => (one.clone(), false),
        several => (format!("[{}]", several.join(", ")), false),
    };
    let is_number = field.kind != Kind::Text;
    let is_upper =
        field.example.iter().chain(&field.words).filter_map(Value::as_str).all(|word| word == word.to_uppercase());
    let (in_word, out_word) = match (is_number, is_upper) {
        (true, _) => ("1", "0"),
        (false, true) => ("\"ACTIVE\"", "\"DISABLED\""),
        (false, false) => ("\"active\"", "\"disabled\""),
    };
    let (yes, guessed_yes) = side(of(true).collect(), in_word);
    let (no, guessed_no) = side(of(false).collect(), out_word);
    rule.keys.push(("map", format!("{{ true = {yes}, false = {no}, else = false }}")));
    if guessed_yes || guessed_no {
        rule.unknown = Some(format!("the values of `{}`: put them in, first the one that is written", field.name()));
    } else if !others.is_empty() {
        let others: Vec<String> = others.into_iter().map(toml_value).collect();
        rule.why.push(format!("{} read as not active", others.join(", ")));
    }
}
