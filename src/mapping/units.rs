//! Quantities as files write them: `"10s"`, `"16MiB"`, `"300/min"`.

use std::time::Duration;

/// A duration: a whole number and `ms`, `s`, `min` (or `m`) or `h`.
pub fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = number_and_unit(text)?;
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(milliseconds).map(Duration::from_millis)
}

/// A shortest and a longest duration: `200ms..5s`.
pub fn duration_range(text: &str) -> Option<(Duration, Duration)> {
    let (shortest, longest) = text.split_once("..")?;
    let (shortest, longest) = (duration(shortest)?, duration(longest)?);
    (shortest <= longest).then_some((shortest, longest))
}

/// A number of calls, 1 or more, in a period: `10/s`, `300/min`, `5000/h`.
pub fn rate(text: &str) -> Option<(u32, Duration)> {
    let (number, period) = text.split_once('/')?;
    let number = whole_number(number)?.try_into().ok().filter(|&number: &u32| number > 0)?;
    let period = match period {
        "s" => Duration::from_secs(1),
        "m" | "min" => Duration::from_secs(60),
        "h" => Duration::from_secs(3600),
        _ => return None,
    };
    Some((number, period))
}

/// A size in bytes: a whole number and `B`, `KiB`, `MiB` or `GiB`.
pub fn size(text: &str) -> Option<u64> {
    let (number, unit) = number_and_unit(text)?;
    let bytes: u64 = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(bytes)
}

/// Digits, then a unit, with nothing but spaces between.
fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    Some((whole_number(&text[..digits])?, text[digits..].trim_start_matches(' ')))
}

/// Digits alone: `str::parse` would take a sign as well.
fn whole_number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_whole_number_with_its_unit() {
        let cases = [
            ("milliseconds", "200ms", Some(200)),
            ("seconds", "10s", Some(10_000)),
            ("a space between", "10 s", Some(10_000)),
            ("minutes", "20m", Some(1_200_000)),
            ("minutes in full", "2min", Some(120_000)),
            ("hours", "1h", Some(3_600_000)),
            ("zero", "0s", Some(0)),
            ("no unit", "10", None),
            ("no number", "s", None),
            ("a fraction", "1.5s", None),
            ("a sign", "-1s", None),
            ("an unknown unit", "1d", None),
            ("too large", "99999999999999999999s", None),
            ("overflowing milliseconds", "18446744073709551615h", None),
            ("empty", "", None),
        ];
        for (name, text, want) in cases {
            assert_eq!(duration(text), want.map(Duration::from_millis), "{name}");
        }
    }

    #[test]
    fn a_range_goes_from_the_shorter_to_the_longer() {
        let cases = [
            ("in order", "200ms..5s", Some((200, 5_000))),
            ("the same", "1s..1s", Some((1_000, 1_000))),
            ("reversed", "5s..200ms", None),
            ("one side", "5s", None),
        ];
        for (name, text, want) in cases {
            let want = want.map(|(a, b)| (Duration::from_millis(a), Duration::from_millis(b)));
            assert_eq!(duration_range(text), want, "{name}");
        }
    }

    #[test]
    fn a_rate_is_calls_in_a_period() {
        let cases = [
            ("a second", "10/s", Some((10, 1))),
            ("a minute", "300/min", Some((300, 60))),
            ("an hour", "5000/h", Some((5000, 3600))),
            ("none at all", "0/s", None),
            ("a sign", "+5/s", None),
            ("too many", "4294967296/s", None),
            ("no period", "10", None),
            ("an unknown period", "10/day", None),
        ];
        for (name, text, want) in cases {
            assert_eq!(rate(text), want.map(|(n, s)| (n, Duration::from_secs(s))), "{name}");
        }
    }

    #[test]
    fn a_size_is_binary() {
        let cases = [
            ("bytes", "512B", Some(512)),
            ("kibibytes", "32KiB", Some(32 << 10)),
            ("mebibytes", "16MiB", Some(16 << 20)),
            ("gibibytes", "1GiB", Some(1 << 30)),
            ("decimal units are not meant", "16MB", None),
            ("no unit", "16", None),
            ("overflow", "18446744073709551615GiB", None),
        ];
        for (name, text, want) in cases {
            assert_eq!(size(text), want, "{name}");
        }
    }
}
