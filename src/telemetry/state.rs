//! What tracing systems say beside a trace (W3C `tracestate`): passed on as it came, where it is one.

use http::{HeaderMap, HeaderName, HeaderValue};

/// The header.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Bytes that are passed on at most.
const LONGEST: usize = 512;
/// Bytes of an entry that goes first where all of them are too long (W3C Trace Context §3.3.1.5).
const LONG: usize = 128;
/// Entries of a list at most.
const MOST: usize = 32;

/// The state in these headers, in one value; several headers are one list. `None` where there is none, or where a part of it is
/// malformed: what is left would be a guess. What is too long loses whole entries: those of more than 128 bytes, then the last.
pub(super) fn of(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut entries: Vec<&str> = Vec::new();
    for value in headers.get_all(TRACESTATE) {
        for entry in value.to_str().ok()?.split(',').map(|entry| entry.trim_matches([' ', '\t'])) {
            // Empty entries are allowed, and say nothing.
            if entry.is_empty() {
                continue;
            }
            let key = key(entry)?;
            let is_twice =
                entries.iter().any(|other| other.strip_prefix(key).is_some_and(|rest| rest.starts_with('=')));
            if is_twice || entries.len() == MOST {
                return None;
            }
            entries.push(entry);
        }
    }
    let length = |entries: &[&str]| entries.iter().map(|entry| entry.len() + 1).sum::<usize>().saturating_sub(1);
    if length(&entries) > LONGEST {
        entries.retain(|entry| entry.len() <= LONG);
    }
    while length(&entries) > LONGEST {
        entries.pop();
    }
    if entries.is_empty() { None } else { HeaderValue::try_from(entries.join(",")).ok() }
}

/// The key of an entry; `None` where it is no entry.
fn key(entry: &str) -> Option<&str> {
    let (key, value) = entry.split_once('=')?;
    let (tenant, system) = key.split_once('@').map_or((None, key), |(tenant, system)| (Some(tenant), system));
    let is_name = |name: &str| {
        let begins = name.starts_with(|letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit());
        begins && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/".contains(&byte))
    };
    let fits = match tenant {
        Some(tenant) => is_name(tenant) && tenant.len() <= 241 && is_name(system) && system.len() <= 14,
        None => is_name(system) && system.len() <= 256,
    };
    let is_value =
        (1..=256).contains(&value.len()) && value.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'=');
    (fits && is_value).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(TRACESTATE, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        of(&headers).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_state_is_passed_on_as_it_came_or_not_at_all() {
        let whole = "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7";
        let many = (0..33).map(|count| format!("k{count}=v")).collect::<Vec<_>>().join(",");
        let cases: [(&str, &[&str], Option<&str>); 17] = [
            ("the example of the standard", &[whole], Some(whole)),
            ("two headers", &["congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7"], Some(whole)),
            ("spaces and empty entries", &[" congo=t61rcWkgMzE ,, \trojo=00f067aa0ba902b7,"], Some(whole)),
            ("a tenant's key", &["fw529a3039@dt=FfB:1;2"], Some("fw529a3039@dt=FfB:1;2")),
            ("a space within", &["a=b c"], Some("a=b c")),
            ("none", &[], None),
            ("an empty one", &[""], None),
            ("no value", &["a="], None),
            ("no key", &["=a"], None),
            ("no entry", &["a=b,nonsense"], None),
            ("capitals in a key", &["A=b"], None),
            ("two signs", &["a=b=c"], None),
            ("two tenants", &["a@b@c=d"], None),
            ("a key twice", &["a=b,c=d,a=e"], None),
            ("not ASCII", &["a=é"], None),
            ("a tab within", &["a=b\tc"], None),
            ("too many", &[&many], None),
        ];
        for (name, values, want) in cases {
            assert_eq!(passed(values).as_deref(), want, "{name}");
        }
    }

    #[test]
    fn what_is_too_long_loses_whole_entries() {
        let (long, short) =
            (|key: &str| format!("{key}={}", "x".repeat(200)), |key: &str| format!("{key}={}", "x".repeat(97)));
        let list = |entries: &[String]| entries.join(",");
        let some_long = list(&[short("aa"), long("bb"), short("cc"), long("dd")]);
        assert_eq!(passed(&[&some_long]), Some(list(&[short("aa"), short("cc")])), "long ones go first");
        let all_short: Vec<String> = ["aa", "bb", "cc", "dd", "ee", "ff"].map(short).to_vec();
        assert_eq!(passed(&[&list(&all_short)]), Some(list(&all_short[..5])), "then the last");
        assert_eq!(
            passed(&[&format!("a={}", "x".repeat(256))]).map(|state| state.len()),
            Some(258),
            "one alone may be long"
        );
        assert_eq!(passed(&[&format!("a={}", "x".repeat(257))]), None);
    }
}
