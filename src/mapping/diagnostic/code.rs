//! The stable codes of findings.

use std::fmt;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file works, with a trap in it.
    Warning,
    /// Something to know.
    Note,
}

/// Declares [`Code`] and its texts in one place, so that the documentation and the program say the same.
macro_rules! codes {
    ($($code:ident $severity:ident $text:literal)+) => {
        /// A stable code of a finding: `E..` is an error, `W..` a warning, `N..` a note. Numbers are never used twice.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $text] $code,)+
        }

        impl Code {
            /// Every code, in order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$code),+];

            /// What the code stands for, in one line.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$code => $text,)+ }
            }

            /// The severity, which the code's letter shows.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$code => Severity::$severity,)+ }
            }

            /// The page on the code, as Markdown: what it means, what causes it, the cure. It lies in `explain` beside this
            /// file; a code without one does not compile.
            pub const fn page(self) -> &'static str {
                match self { $(Self::$code => include_str!(concat!("explain/", stringify!($code), ".md")),)+ }
            }

            /// The code as it is printed.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$code => stringify!($code),)+ }
            }
        }
    };
}

codes! {
    E01 Error "A key that the format does not know."
    E02 Error "A path that can be read but not written."
    E03 Error "A value would not read back (overlapping `map`, overlapping bits)."
    W04 Warning "A value does not always read back."
    E05 Error "A key under the wrong header (an operation among attributes)."
    E06 Error "No call carries an attribute."
    E07 Error "The id would change with another attribute."
    E08 Error "Two rules write the same place."
    E09 Error "A hole whose name does not exist."
    E10 Error "A pushed-down filter would miss resources."
    E11 Error "A secret that is not defined."
    E12 Error "A condition that is not valid."
    E13 Error "The file is not TOML."
    E14 Error "A value of the wrong type, or out of its range."
    E15 Error "An attribute that SCIM does not know."
    E16 Error "A JSONPath that is not valid."
    E17 Error "A hole that exists, but not at this place."
    E18 Error "No rule for `id`."
    E19 Error "Keys that do not go together, or an option that does not fit."
    E20 Error "A required key is missing."
    E22 Error "A URL that is not allowed: no scheme, plain http off loopback, a hole in the host."
    E23 Error "A secret at a place that others see."
    E24 Error "A template with an unbalanced brace."
    E25 Error "A tenant variable that is not defined."
    E26 Error "A format version that this program does not read."
    E27 Error "A file that cannot be read."
    E28 Error "`for`, `without` or `key` names an attribute that has no rule."
    W29 Warning "A call that can never be chosen."
    W30 Warning "A secret that is declared but unset in the environment."
    W31 Warning "A secret written as a plain value."
    W32 Warning "A list without a way to page."
    W33 Warning "A secret in a URL."
    N34 Note "A secret is used, and no config file is at hand to define it."
    E35 Error "No rule for an attribute that a resource must have."
    E36 Error "A token that is too easy to guess."
    E37 Error "A tenant's path that is not valid or not its own."
    E38 Error "A listener that would be open to others without protection."
    E39 Error "A secret reference that cannot be resolved."
    W40 Warning "A secret file that too many users may read."
    W41 Warning "A file that every user may change."
    E42 Error "A value of the session that no login captures."
    W43 Warning "A login that nothing uses."
    E44 Error "A certificate or key of the listener that cannot be used."
    W46 Warning "`networks` behind a proxy whose word does not count."
    E50 Error "Nothing says what has to be written for an element to exist."
    W51 Warning "A boolean that clients cannot set to one of its values."
    E52 Error "A resource type of one's own whose name, schema or endpoint cannot be."
    E53 Error "An attribute of one's own that cannot be what the rules say."
    E54 Error "An inverse list that no other resource holds."
    W55 Warning "An inverse list for which all other resources are read."
    E60 Error "A hole in a path where it cannot stand."
    W61 Warning "A `blind` that never takes effect."
    E66 Error "A look-up by `key` that no call can answer."
    W67 Warning "A look-up by `key` that reads the whole list."
    E68 Error "Attributes that the bridge shall keep, and no store for them."
    W69 Warning "A name of the bridge's own that is nearly SCIM's."
    W73 Warning "A part of a record that is read for nothing."
    W74 Warning "Users that cannot be deactivated."
    W75 Warning "A search for a user that reads the whole list."
    W76 Warning "A user's state that nothing says how to read."
    W77 Warning "A rule that takes no value."
    W78 Warning "A number or a boolean where XML has text."
    E80 Error "A line that has no place in a transcript."
    E81 Error "A body in a transcript that is not valid JSON."
    E82 Error "A transcript, a request or a call that is not complete."
    E83 Error "A first line, a header or a path in a transcript that cannot be read."
    E84 Error "A transcript's variable of the tenant that the mapping does not use."
    E85 Error "An XML body with several root elements, or none."
    E86 Error "A name that XML cannot have."
    E87 Error "`xml_lists` names no element."
    E88 Error "A body without names in a format that is made of names."
    E89 Error "A certificate, a key or a proxy of the upstream that cannot be used."
    W91 Warning "A list that reads each of its items by a call of its own."
    W92 Warning "A DELETE that removes for good what could be disabled."
    W93 Warning "A create after which nothing finds the new resource."
    W94 Warning "An attribute that is written and never read."
    N95 Note "A tenant that only plans."
    W96 Warning "Resources of two tenants with the same URLs."
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_shows_the_severity_and_numbers_ascend() {
        let mut last = 0;
        for code in Code::ALL {
            let (letter, number) = code.name().split_at(1);
            let want = match letter {
                "E" => Severity::Error,
                "W" => Severity::Warning,
                "N" => Severity::Note,
                other => panic!("{other}"),
            };
            assert_eq!(code.severity(), want, "{code}");
            let number: usize = number.parse().unwrap();
            assert!(number > last, "{code}");
            last = number;
            assert!(code.summary().ends_with('.'), "{code}");
        }
    }
}
