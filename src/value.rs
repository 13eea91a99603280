//! Small helpers on JSON, as values and as texts, and on what it is sent with; nothing of SCIM or of mappings.

use std::cmp::Ordering;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use serde_json::{Map, Number, Value};

pub mod scan;
pub(crate) mod steps;

/// What is percent-encoded where a value stands in a URL: everything but RFC 3986's unreserved characters.
pub const IN_URL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Bytes as hexadecimal digits, two each.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The media type in the value of a `Content-Type`, without its parameters (RFC 9110 §8.3.1); empty where it is no text.
pub fn essence(content_type: &[u8]) -> &str {
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    std::str::from_utf8(essence).unwrap_or_default().trim()
}

/// The JSON type of a value as people say it, with its article: `a string`, `null`.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A text without control characters, which stand escaped: it may hold what somebody else made up.
pub fn on_one_line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The member with this name: the exact spelling if there is one, else the first that differs in ASCII case only.
pub fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let same = |key: &str| {
        steps::note(1);
        key.eq_ignore_ascii_case(name)
    };
    object.get(name).or_else(|| object.iter().find(|(key, _)| same(key)).map(|(_, value)| value))
}

/// Whether brackets in a JSON text nest at most `limit` deep; one linear pass that allocates nothing.
pub fn nests_at_most(json: &[u8], limit: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return false;
        }
    }
    steps::note(json.len());
    true
}

/// The order of two numbers by value, exact for any size and precision: `1.10` equals `1.1` and `11e-1`.
pub fn compare_numbers(left: &Number, right: &Number) -> Ordering {
    Decimal::of(left).cmp(&Decimal::of(right))
}

/// A number's value as text that is the same for equal values: `1.10`, `1.1` and `11e-1` give one text.
pub fn number_key(number: &Number) -> String {
    let decimal = Decimal::of(number);
    let digits = String::from_utf8_lossy(&decimal.digits);
    let sign = if decimal.negative { "-" } else { "" };
    format!("{sign}{digits}e{}", decimal.exponent)
}

/// `0.DIGITS * 10^exponent`, without zeros at either end; zero has no digits.
#[derive(PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    fn of(number: &Number) -> Self {
        let text = number.as_str();
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let leading = digits.iter().take_while(|digit| **digit == b'0').count();
        if leading == digits.len() {
            return Self { negative: false, digits: Vec::new(), exponent: 0 };
        }
        let trailing = digits.iter().rev().take_while(|digit| **digit == b'0').count();
        let point = i64::try_from(whole.len()).unwrap_or(i64::MAX) - i64::try_from(leading).unwrap_or(i64::MAX);
        Self {
            negative,
            exponent: exponent(power).saturating_add(point),
            digits: digits[leading..digits.len() - trailing].to_vec(),
        }
    }
}

/// The exponent of a number's text; one beyond `i64` saturates, which keeps the order.
fn exponent(power: &str) -> i64 {
    power.parse().unwrap_or(if power.starts_with('-') { i64::MIN } else { i64::MAX })
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |decimal: &Self| match (decimal.digits.is_empty(), decimal.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let magnitude = self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits));
        match sign(self).cmp(&sign(other)) {
            Ordering::Equal if self.negative => magnitude.reverse(),
            Ordering::Equal => magnitude,
            unequal @ (Ordering::Less | Ordering::Greater) => unequal,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn numbers_are_ordered_by_value_at_any_size() {
        let cases = [
            // (name, left, right, want)
            ("trailing zeros", "1.10", "1.1", Ordering::Equal),
            ("exponent", "11e-1", "1.1", Ordering::Equal),
            ("capital exponent", "1E2", "100", Ordering::Equal),
            ("signed zero", "-0", "0.0", Ordering::Equal),
            ("small and large", "9", "10", Ordering::Less),
            ("beyond u64", "18446744073709551617", "18446744073709551616", Ordering::Greater),
            ("beyond f64", "1e400", "1e399", Ordering::Greater),
            ("negative", "-2", "-1", Ordering::Less),
            ("negative and positive", "-2", "1", Ordering::Less),
            ("zero and negative", "0", "-1", Ordering::Greater),
            ("fractions", "0.09", "0.1", Ordering::Less),
            ("prefix", "12", "123", Ordering::Less),
        ];
        for (name, left, right, want) in cases {
            let (left, right) = (number(left), number(right));
            assert_eq!(compare_numbers(&left, &right), want, "{name}");
            assert_eq!(number_key(&left) == number_key(&right), want == Ordering::Equal, "{name}: key");
        }
    }

    #[test]
    fn a_member_is_found_by_exact_spelling_before_another_case() {
        let object: Map<String, Value> = serde_json::from_str(r#"{"Name": 1, "name": 2}"#).unwrap();
        let cases = [("exact", "name", Some("2")), ("other case", "NAME", Some("1")), ("absent", "nam", None)];
        for (name, asked, want) in cases {
            assert_eq!(member(&object, asked).map(Value::to_string).as_deref(), want, "{name}");
        }
    }

    #[test]
    fn nesting_is_counted_outside_of_strings() {
        let cases = [
            ("flat", r#"{"a": 1}"#, 1, true),
            ("too deep", "[[[1]]]", 2, false),
            ("as deep as allowed", "[[[1]]]", 3, true),
            ("brackets in a string", r#"["[[[["]"#, 1, true),
            ("an escaped quote", r#"["\"[[[["]"#, 1, true),
            ("an escaped backslash ends no string early", r#"["\\", [1]]"#, 1, false),
            ("side by side", "[[],[],[]]", 2, true),
        ];
        for (name, json, limit, want) in cases {
            assert_eq!(nests_at_most(json.as_bytes(), limit), want, "{name}");
        }
    }
}
