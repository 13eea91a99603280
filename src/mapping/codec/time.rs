//! `time`: an RFC 3339 time on the SCIM side, a count or another spelling on yours.

use std::ops::RangeInclusive;

use jiff::civil::{Date, DateTime};
use jiff::fmt::StdIoWrite;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Number, Value};

use super::CodecError;

/// How the API writes a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// `epoch_s`: seconds since 1970; a fraction is read, never written
    EpochSeconds,
    /// `epoch_ms`: milliseconds since 1970
    EpochMilliseconds,
    /// `date`: `2024-01-31`, midnight UTC
    Date,
    /// A strftime pattern; without a zone in it, UTC.
    Pattern(String),
}

/// The years 0 to 9999, which RFC 3339 has.
const YEARS: RangeInclusive<Timestamp> = Timestamp::constant(-62_167_219_200, 0)..=Timestamp::MAX;

static PRINTER: DateTimePrinter = DateTimePrinter::new();
static MILLISECOND_PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

impl TimeFormat {
    /// The words of the format; anything with a `%` is a pattern.
    pub const WORDS: [&str; 3] = ["epoch_s", "epoch_ms", "date"];

    /// The format that a word or pattern names.
    ///
    /// # Errors
    /// One sentence: it is neither, or a time written with the pattern cannot be read with it.
    pub fn parse(word: &str) -> Result<Self, String> {
        let format = match word {
            "epoch_s" => Self::EpochSeconds,
            "epoch_ms" => Self::EpochMilliseconds,
            "date" => Self::Date,
            pattern if pattern.contains('%') => Self::Pattern(pattern.to_owned()),
            _ => return Err(format!("`{word}` is no time format")),
        };
        let sample = Value::from("2024-11-30T13:45:56Z");
        match format.encode(&sample).and_then(|yours| format.decode(&yours)) {
            Ok(_) => Ok(format),
            Err(_) => Err(format!("times written as `{word}` could not be read back")),
        }
    }

    /// Whether the API keeps a number.
    pub fn is_number(&self) -> bool {
        match self {
            Self::EpochSeconds | Self::EpochMilliseconds => true,
            Self::Date | Self::Pattern(_) => false,
        }
    }

    /// Your spelling of an RFC 3339 time, cut to its precision.
    ///
    /// # Errors
    /// The value is no RFC 3339 time with a zone.
    pub fn encode(&self, value: &Value) -> Result<Value, CodecError> {
        let expected = || CodecError::expected("a time such as 2024-01-31T12:00:00Z");
        let time: Timestamp = value.as_str().and_then(|text| text.parse().ok()).ok_or_else(expected)?;
        Ok(match self {
            Self::EpochSeconds => Value::from(time.as_second() - i64::from(time.subsec_nanosecond() < 0)),
            Self::EpochMilliseconds => {
                Value::from(time.as_millisecond() - i64::from(time.subsec_nanosecond() % 1_000_000 < 0))
            }
            Self::Date => Value::String(TimeZone::UTC.to_datetime(time).date().to_string()),
            Self::Pattern(pattern) => {
                Value::String(BrokenDownTime::from(time).to_string(pattern).map_err(|_| expected())?)
            }
        })
    }

    /// Appends the RFC 3339 time of a count as a JSON string, as [`decode`](Self::decode) would give it; false for counts
    /// that it refuses, and for formats that are no counts.
    pub(crate) fn write_count(&self, count: i64, out: &mut Vec<u8>) -> bool {
        let time = match self {
            Self::EpochSeconds => Timestamp::from_second(count),
            Self::EpochMilliseconds => Timestamp::from_millisecond(count),
            Self::Date | Self::Pattern(_) => return false,
        };
        let Some(time) = time.ok().filter(|time| YEARS.contains(time)) else { return false };
        let start = out.len();
        out.push(b'"');
        let printed = printer(time).print_timestamp(&time, StdIoWrite(&mut *out)).is_ok();
        if printed {
            out.push(b'"');
        } else {
            out.truncate(start);
        }
        printed
    }

    /// The RFC 3339 time in UTC; with milliseconds where there are some.
    ///
    /// # Errors
    /// The value is not spelt so, or beyond the years that RFC 3339 has.
    pub fn decode(&self, value: &Value) -> Result<Value, CodecError> {
        let time = match self {
            Self::EpochSeconds => value.as_number().and_then(seconds),
            Self::EpochMilliseconds => {
                let count = value.as_number().and_then(|number| number.as_i64().or_else(|| cut(number)));
                count.and_then(|count| Timestamp::from_millisecond(count).ok())
            }
            Self::Date => value.as_str().and_then(|text| utc(text.parse::<Date>().ok()?.at(0, 0, 0, 0))),
            Self::Pattern(pattern) => value.as_str().and_then(|text| parsed(pattern, text)),
        };
        let shown = |time| Value::String(printer(time).timestamp_to_string(&time));
        time.filter(|time| YEARS.contains(time)).map(shown).ok_or_else(|| {
            CodecError::expected(match self {
                Self::EpochSeconds => "seconds since 1970",
                Self::EpochMilliseconds => "milliseconds since 1970",
                Self::Date => "a date such as 2024-01-31",
                Self::Pattern(_) => "a time in the format of `time`",
            })
        })
    }
}

/// Seconds since 1970, with or without a fraction.
fn seconds(number: &Number) -> Option<Timestamp> {
    if let Some(whole) = number.as_i64() {
        return Timestamp::from_second(whole).ok();
    }
    let (whole, fraction) = number.as_str().split_once('.')?;
    let nanoseconds: i64 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    let start = Timestamp::from_second(whole.parse().ok()?).ok()?;
    start.checked_add(SignedDuration::from_nanos(sign * nanoseconds)).ok()
}

/// The whole part of a number with a fraction.
fn cut(number: &Number) -> Option<i64> {
    number.as_str().split_once('.')?.0.parse().ok()
}

fn utc(time: DateTime) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(time).ok()
}

fn parsed(pattern: &str, text: &str) -> Option<Timestamp> {
    let parts = BrokenDownTime::parse(pattern, text).ok()?;
    let local = || parts.to_datetime().or_else(|_| parts.to_date().map(|date| date.at(0, 0, 0, 0)));
    parts.to_timestamp().ok().or_else(|| utc(local().ok()?))
}

fn printer(time: Timestamp) -> &'static DateTimePrinter {
    let nanoseconds = time.subsec_nanosecond();
    if nanoseconds != 0 && nanoseconds % 1_000_000 == 0 { &MILLISECOND_PRINTER } else { &PRINTER }
}
