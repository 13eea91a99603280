//! The canonical spelling of a filter: lower-case operators, single spaces, parentheses only where they are needed.

use std::fmt;

use super::Filter;

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(terms) => join(f, terms, " and ", |term| matches!(term, Self::Or(_) | Self::And(_))),
            Self::Or(terms) => join(f, terms, " or ", |term| matches!(term, Self::Or(_))),
            Self::Not(term) => write!(f, "not ({term})"),
            Self::Compare(path, operator, literal) => write!(f, "{path} {} {literal}", operator.as_str()),
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Element(path, filter) => write!(f, "{path}[{filter}]"),
        }
    }
}

fn join(f: &mut fmt::Formatter<'_>, terms: &[Filter], by: &str, grouped: fn(&Filter) -> bool) -> fmt::Result {
    for (index, term) in terms.iter().enumerate() {
        if index > 0 {
            f.write_str(by)?;
        }
        if grouped(term) {
            write!(f, "({term})")?;
        } else {
            write!(f, "{term}")?;
        }
    }
    Ok(())
}
