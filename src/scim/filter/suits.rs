//! What a filter asks of attributes that their types cannot answer (RFC 7644 table 3).

use super::{Filter, Operator};
use crate::scim::schema::{Attribute, Kind};
use crate::scim::{AttributePath, Error, ResourceSchema};

impl Filter {
    /// Refuses to bring truth values and binary ones into an order: nobody could mean anything by it.
    ///
    /// # Errors
    /// 400 `invalidFilter`, naming the attribute.
    pub fn suits(&self, schema: &ResourceSchema) -> Result<(), Error> {
        self.check(&|path| schema.place(path).map(|place| place.attribute))
    }

    /// The same of a value filter, over the elements of an attribute.
    ///
    /// # Errors
    /// As for [`suits`](Self::suits).
    pub fn suits_elements(&self, attribute: &Attribute) -> Result<(), Error> {
        self.check(&|path| attribute.sub(&path.name))
    }

    fn check<'a>(&self, find: &dyn Fn(&AttributePath) -> Option<&'a Attribute>) -> Result<(), Error> {
        match self {
            Self::And(terms) | Self::Or(terms) => terms.iter().try_for_each(|term| term.check(find)),
            Self::Not(term) => term.check(find),
            Self::Compare(path, operator, _) => {
                if orders(*operator)
                    && let Some(leaf) = find(path).and_then(|attribute| leaf(attribute, path))
                    && matches!(leaf.kind, Kind::Boolean | Kind::Binary)
                {
                    let (word, kind) = (operator.as_str(), leaf.kind.as_str());
                    return Err(Error::invalid_filter(format!(
                        "`{word}` orders, and `{path}` is {kind}, without an order"
                    )));
                }
                check_brackets(path, find)
            }
            Self::Present(path) => check_brackets(path, find),
            Self::Element(path, inner) => find(path).map_or(Ok(()), |attribute| inner.suits_elements(attribute)),
        }
    }
}

fn check_brackets<'a>(
    path: &AttributePath,
    find: &dyn Fn(&AttributePath) -> Option<&'a Attribute>,
) -> Result<(), Error> {
    match &path.filter {
        Some(filter) => find(path).map_or(Ok(()), |attribute| filter.suits_elements(attribute)),
        None => Ok(()),
    }
}

fn orders(operator: Operator) -> bool {
    match operator {
        Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le => true,
        Operator::Eq | Operator::Ne | Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}

/// What a comparison looks at: the named part, or `value` of a complex value.
fn leaf<'a>(attribute: &'a Attribute, path: &AttributePath) -> Option<&'a Attribute> {
    match &path.sub {
        Some(sub) => attribute.sub(sub),
        None if attribute.kind == Kind::Complex => attribute.sub("value"),
        None => Some(attribute),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_values_and_binary_ones_have_no_order() {
        let schema = ResourceSchema::standard("User").unwrap();
        let cases = [
            // (name, filter, what is wrong)
            ("a truth value", r#"active gt "f""#, Some("`gt` orders, and `active` is boolean, without an order")),
            (
                "a part, deep inside",
                "title pr and not (userName pr or emails.primary le 1)",
                Some("`le` orders, and `emails.primary` is boolean, without an order"),
            ),
            (
                "in brackets",
                r#"emails[type pr and primary ge "x"]"#,
                Some("`ge` orders, and `primary` is boolean, without an order"),
            ),
            (
                "in brackets with something behind",
                r#"emails[primary lt "x"].value pr"#,
                Some("`lt` orders, and `primary` is boolean, without an order"),
            ),
            (
                "a binary value",
                r#"x509Certificates ge "A""#,
                Some("`ge` orders, and `x509Certificates` is binary, without an order"),
            ),
            ("what is equal or not", "active ne true", None),
            ("texts and times", r#"userName gt "a" and meta.created le "2024-01-01T00:00:00Z""#, None),
            ("what nobody knows", "level gt 1", None),
        ];
        for (name, text, want) in cases {
            let got = Filter::parse(text).unwrap().suits(schema).map_err(|error| error.detail);
            assert_eq!(got.err().as_deref(), want, "{name}");
        }
    }
}
