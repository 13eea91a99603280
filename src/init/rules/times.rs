//! Fields that hold times: how they are written, told by a format or an example.

use serde_json::Value;

use crate::init::paging::quoted;
use crate::init::rules::Rule;
use crate::init::shape::{Field, Kind};

/// A number of seconds since 1970 that is farther away than any record: from here on it is milliseconds.
const MILLISECONDS: f64 = 100_000_000_000.0;

/// The `time` of a field; none where it is RFC 3339 already.
pub(super) fn convert(field: &Field, rule: &mut Rule) {
    let example = field.example.as_ref();
    match (&field.kind, example) {
        (Kind::Integer | Kind::Number, Some(Value::Number(number))) => {
            let is_long = number.as_f64().is_some_and(|number| number >= MILLISECONDS);
            rule.keys.push(("time", quoted(if is_long { "epoch_ms" } else { "epoch_s" })));
        }
        (Kind::Integer | Kind::Number, _) => {
            rule.keys.push(("time", quoted("epoch_s")));
            rule.unknown = Some("seconds since 1970, or milliseconds (epoch_ms)?".to_owned());
        }
        (_, Some(Value::String(text))) => match format_of(text) {
            Some("") => {}
            Some(format) => rule.keys.push(("time", quoted(format))),
            None => rule.unknown = Some(format!("how is {} written? time = a strftime pattern", quoted(text))),
        },
        _ if field.format == "date" => rule.keys.push(("time", quoted("date"))),
        _ => {}
    }
}

/// The pattern of a written time; the empty one is RFC 3339.
fn format_of(text: &str) -> Option<&'static str> {
    let formats = [
        ("", None),
        ("date", Some("%Y-%m-%d")),
        ("%Y-%m-%d %H:%M:%S", Some("%Y-%m-%d %H:%M:%S")),
        ("%Y-%m-%dT%H:%M:%S", Some("%Y-%m-%dT%H:%M:%S")),
        ("%Y-%m-%d %H:%M", Some("%Y-%m-%d %H:%M")),
        ("%d.%m.%Y", Some("%d.%m.%Y")),
        ("%Y%m%d", Some("%Y%m%d")),
    ];
    let reads = |pattern: Option<&str>| match pattern {
        None => text.parse::<jiff::Timestamp>().is_ok() && text.contains('T'),
        Some(pattern) => jiff::fmt::strtime::parse(pattern, text).is_ok(),
    };
    formats.into_iter().find(|(_, pattern)| reads(*pattern)).map(|(format, _)| format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_of_a_written_time_is_known() {
        let cases = [
            ("2024-03-18T07:45:12Z", Some("")),
            ("2024-03-18T07:45:12.123+01:00", Some("")),
            ("2024-03-18 07:45:12", Some("%Y-%m-%d %H:%M:%S")),
            ("2024-03-18", Some("date")),
            ("18.03.2024", Some("%d.%m.%Y")),
            ("last week", None),
        ];
        for (text, want) in cases {
            assert_eq!(format_of(text), want, "{text}");
        }
    }
}
