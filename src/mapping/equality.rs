//! Equality of JSON values: numbers by value, objects without order.

use std::borrow::Cow;

use serde_json::{Number, Value};

use crate::value::{compare_numbers, number_key};

/// Digits of the longest whole number: those of a 128-bit integer, and one more.
pub const LONGEST_WHOLE: usize = 40;

/// Whether two values are the same: `1`, `1.0` and `1e0` are, whatever their size; members of objects have no order.
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => same_number(left, right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, value)| right.get(name).is_some_and(|other| same(value, other)))
        }
        (Value::String(left), Value::String(right)) => left == right,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Null, Value::Null) => true,
        (
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_),
            _,
        ) => false,
    }
}

/// Whether two optional values are the same; a missing one is the same as a missing one only.
pub fn same_option(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => same(left, right),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Whether two numbers have the same value, compared as decimals without rounding.
pub fn same_number(left: &Number, right: &Number) -> bool {
    left.as_str() == right.as_str() || compare_numbers(left, right).is_eq()
}

/// The text of a whole number without fraction or exponent (`1.0` gives `1`); `None` for others and beyond 40 digits.
pub fn whole_text(number: &Number) -> Option<Cow<'_, str>> {
    let text = number.as_str();
    let plain = text.strip_prefix('-').unwrap_or(text);
    if plain.bytes().all(|byte| byte.is_ascii_digit()) && text != "-0" {
        return (plain.len() <= LONGEST_WHOLE).then_some(Cow::Borrowed(text));
    }
    // `0.DIGITS * 10^exponent`
    let key = number_key(number);
    let (digits, exponent) = key.split_once('e')?;
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    if digits.is_empty() {
        return Some(Cow::Borrowed("0"));
    }
    let length: usize = exponent.parse().ok().filter(|length| *length <= LONGEST_WHOLE)?;
    let zeros = length.checked_sub(digits.len())?;
    Some(Cow::Owned(format!("{sign}{digits}{}", "0".repeat(zeros))))
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn whole_numbers_lose_fraction_and_exponent_but_no_digit() {
        let cases = [
            ("plain", "42", Some("42")),
            ("negative", "-42", Some("-42")),
            ("beyond u64", "123456789012345678901234567890", Some("123456789012345678901234567890")),
            ("an empty fraction", "42.00", Some("42")),
            ("an exponent", "-4.2e3", Some("-4200")),
            ("minus zero", "-0", Some("0")),
            ("zero with an exponent", "0e-5", Some("0")),
            ("a fraction", "4.2", None),
            ("an absurd exponent", "1e999999999", None),
        ];
        for (name, text, want) in cases {
            let number = text.parse().unwrap();
            assert_eq!(super::whole_text(&number).as_deref(), want, "{name}");
        }
    }

    #[test]
    fn numbers_are_compared_by_value_and_objects_without_order() {
        let cases = [
            ("an integer and a fraction", "1", "1.0", true),
            ("an exponent", "1200", "1.2e3", true),
            ("a negative exponent", "0.0012", "12E-4", true),
            ("beyond u64, last digit differs", "18446744073709551616", "18446744073709551617", false),
            ("beyond 2^53, as text and fraction", "9007199254740993", "9007199254740993.0", true),
            ("sign", "-1", "1", false),
            ("zero has no sign", "-0.0", "0", true),
            ("text is no number", "\"1\"", "1", false),
            ("members in another order", r#"{"a":1,"b":[1,2]}"#, r#"{"b":[1.0,2],"a":1}"#, true),
            ("a list has an order", "[1,2]", "[2,1]", false),
            ("a missing member", r#"{"a":1}"#, r#"{"b":1}"#, false),
            ("null", "null", "null", true),
            ("null and false", "null", "false", false),
            ("an absurd exponent", "1e99999999999999999999", "1e5", false),
        ];
        for (name, left, right, want) in cases {
            let parse = |text: &str| serde_json::from_str(text).unwrap();
            assert_eq!(same(&parse(left), &parse(right)), want, "{name}");
        }
    }
}
