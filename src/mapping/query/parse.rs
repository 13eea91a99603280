//! From the syntax tree of `jsonpath-rust` to our own.

use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::{Rule, model, parse_json_path};
use regex::Regex;
use serde_json::Value;

use crate::mapping::diagnostic::TextFault;
use crate::mapping::query::{Comparison, Expression, Operand, Origin, Query, Segment, Selector};
use crate::mapping::scope::Name;

type Fault = TextFault;

/// Names that holes see and conditions do not.
const OF_HOLES_ONLY: [&str; 10] =
    ["filter", "page", "offset", "count", "last", "cursor", "op", "now", "uuid", "random"];

/// Parses a filter expression, that which stands after `?`.
///
/// # Errors
/// A [`TextFault`] with the place in `text`.
pub fn expression(text: &str) -> Result<Expression, TextFault> {
    const BEFORE: &str = "$[?";
    let query = parse_json_path(&format!("{BEFORE}{text}]")).map_err(|error| syntax(text, &error, BEFORE.len()))?;
    let [model::Segment::Selector(model::Selector::Filter(filter))] = query.segments.as_slice() else {
        return Err(whole(text, "this is more than one filter expression", Some("join expressions with `&&` or `||`")));
    };
    Converter { text, nested: false }.filter(filter)
}

/// Converts the segments of a path that stands below a name, as in `{old.emails[?@.main == 1].id}`.
///
/// # Errors
/// A [`TextFault`] with the place in `text`, as far as there is one.
pub fn segments(text: &str, query: &model::JpQuery) -> Result<Vec<Segment>, TextFault> {
    Converter { text, nested: false }.segments(&query.segments)
}

/// Where the parser stopped, in bytes of its input.
pub fn offset(error: &JsonPathError) -> Option<usize> {
    let JsonPathError::PestError(error) = error else { return None };
    // The parser's location type cannot be named without its crate; line and column can be reached only through its text.
    let location = format!("{:?}", error.location);
    let digits = location.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn syntax(text: &str, error: &JsonPathError, before: usize) -> Fault {
    let Some(offset) = offset(error) else {
        return whole(
            text,
            "this is no filter expression",
            Some("conditions are RFC 9535 filter expressions: `$.status == 409`"),
        );
    };
    let mut start = offset.saturating_sub(before).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let end = text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
    let mut comparison = false;
    if let JsonPathError::PestError(error) = error {
        let _ = error.clone().renamed_rules(|rule| {
            comparison |= *rule == Rule::comp_op;
            String::new()
        });
    }
    let message = if comparison && text[start..].starts_with('=') {
        "expected a comparison: `==`"
    } else if start == text.len() {
        "the expression is not complete"
    } else if comparison {
        "expected a comparison, `&&` or `||`"
    } else {
        "not expected here"
    };
    let help =
        "conditions are RFC 9535 filter expressions over: status headers body id scim record old item got tenant";
    Fault { range: start..end, message: message.to_owned(), help: Some(help.to_owned()) }
}

fn whole(text: &str, message: &str, help: Option<&str>) -> Fault {
    Fault { range: 0..text.len(), message: message.to_owned(), help: help.map(ToOwned::to_owned) }
}

struct Converter<'t> {
    text: &'t str,
    /// Inside a nested filter, where `@` means something.
    nested: bool,
}

impl Converter<'_> {
    fn fault(&self, needle: &str, message: &str, help: Option<&str>) -> Fault {
        let start = self.text.find(needle).filter(|_| !needle.is_empty());
        let range = start.map_or(0..self.text.len(), |start| start..start + needle.len());
        Fault { range, message: message.to_owned(), help: help.map(ToOwned::to_owned) }
    }

    fn filter(&self, filter: &model::Filter) -> Result<Expression, Fault> {
        let all = |terms: &[model::Filter]| terms.iter().map(|term| self.filter(term)).collect::<Result<Vec<_>, _>>();
        match filter {
            model::Filter::Or(terms) => Ok(Expression::Any(all(terms)?)),
            model::Filter::And(terms) => Ok(Expression::All(all(terms)?)),
            model::Filter::Atom(model::FilterAtom::Filter { expr, not }) => Ok(negate(self.filter(expr)?, *not)),
            model::Filter::Atom(model::FilterAtom::Test { expr, not }) => Ok(negate(self.truth(expr)?, *not)),
            model::Filter::Atom(model::FilterAtom::Comparison(comparison)) => self.comparison(comparison),
        }
    }

    fn comparison(&self, comparison: &model::Comparison) -> Result<Expression, Fault> {
        let (left, right) = comparison.vals();
        let operator = match comparison {
            model::Comparison::Eq(..) => Comparison::Equal,
            model::Comparison::Ne(..) => Comparison::NotEqual,
            model::Comparison::Gt(..) => Comparison::Greater,
            model::Comparison::Gte(..) => Comparison::GreaterOrEqual,
            model::Comparison::Lt(..) => Comparison::Less,
            model::Comparison::Lte(..) => Comparison::LessOrEqual,
        };
        Ok(Expression::Compare(self.comparable(left)?, operator, self.comparable(right)?))
    }

    fn comparable(&self, comparable: &model::Comparable) -> Result<Operand, Fault> {
        match comparable {
            model::Comparable::Literal(literal) => Ok(Operand::Literal(value(literal))),
            model::Comparable::Function(function) => self.function(function),
            model::Comparable::SingularQuery(query) => {
                let (root, segments) = match query {
                    model::SingularQuery::Current(segments) => (false, segments),
                    model::SingularQuery::Root(segments) => (true, segments),
                };
                let selector = |segment: &model::SingularQuerySegment| match segment {
                    model::SingularQuerySegment::Index(index) => model::Selector::Index(*index),
                    model::SingularQuerySegment::Name(name) => model::Selector::Name(name.clone()),
                };
                let segments: Vec<_> =
                    segments.iter().map(|segment| model::Segment::Selector(selector(segment))).collect();
                Ok(Operand::Query(if root { self.absolute(&segments)? } else { self.relative(&segments)? }))
            }
        }
    }

    fn truth(&self, tested: &model::Test) -> Result<Expression, Fault> {
        match tested {
            model::Test::RelQuery(segments) => Ok(Expression::Exists(self.relative(segments)?)),
            model::Test::AbsQuery(query) => Ok(Expression::Exists(self.absolute(&query.segments)?)),
            model::Test::Function(function) => match function.as_ref() {
                model::TestFunction::Search(text, pattern) => self.pattern(text, pattern, false),
                model::TestFunction::Match(text, pattern) => self.pattern(text, pattern, true),
                model::TestFunction::Length(_) | model::TestFunction::Value(_) | model::TestFunction::Count(_) => {
                    Err(self.fault(
                        function_name(function),
                        "this function gives a value, not a truth",
                        Some("compare it: `length($.x) > 0`"),
                    ))
                }
                model::TestFunction::Custom(name, _) => Err(self.unknown_function(name)),
            },
        }
    }

    fn function(&self, function: &model::TestFunction) -> Result<Operand, Fault> {
        match function {
            model::TestFunction::Length(argument) => Ok(Operand::Length(Box::new(self.argument(argument)?))),
            model::TestFunction::Count(argument) => Ok(Operand::Count(self.query(argument)?)),
            model::TestFunction::Value(argument) => Ok(Operand::Value(self.query(argument)?)),
            model::TestFunction::Search(..) | model::TestFunction::Match(..) => {
                Err(self.fault(function_name(function), "this function gives a truth, it cannot be compared", None))
            }
            model::TestFunction::Custom(name, _) => Err(self.unknown_function(name)),
        }
    }

    fn unknown_function(&self, name: &str) -> Fault {
        self.fault(
            name,
            &format!("no function is called `{name}`"),
            Some("the functions are: length count match search value"),
        )
    }

    fn pattern(&self, text: &model::FnArg, pattern: &model::FnArg, anchored: bool) -> Result<Expression, Fault> {
        let model::FnArg::Literal(model::Literal::String(pattern)) = pattern else {
            return Err(whole(self.text, "the pattern must be a text in quotes", None));
        };
        let source = if anchored { format!("^(?:{pattern})$") } else { pattern.clone() };
        let regex = Regex::new(&source).map_err(|error| {
            let reason = error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            self.fault(pattern, &format!("the pattern is not valid: {reason}"), None)
        })?;
        Ok(Expression::Matches(self.argument(text)?, regex))
    }

    fn argument(&self, argument: &model::FnArg) -> Result<Operand, Fault> {
        match argument {
            model::FnArg::Literal(literal) => Ok(Operand::Literal(value(literal))),
            model::FnArg::Test(test) => match test.as_ref() {
                model::Test::Function(function) => self.function(function),
                model::Test::RelQuery(_) | model::Test::AbsQuery(_) => {
                    let query = self.query(argument)?;
                    if query.is_singular() {
                        return Ok(Operand::Query(query));
                    }
                    Err(whole(
                        self.text,
                        "the function takes one value, and this path may select several",
                        Some("wrap it: `value(…)`"),
                    ))
                }
            },
            model::FnArg::Filter(_) => Err(whole(self.text, "a function takes a value, not a condition", None)),
        }
    }

    fn query(&self, argument: &model::FnArg) -> Result<Query, Fault> {
        let model::FnArg::Test(test) = argument else {
            return Err(whole(self.text, "the function takes a path", None));
        };
        match test.as_ref() {
            model::Test::RelQuery(segments) => self.relative(segments),
            model::Test::AbsQuery(query) => self.absolute(&query.segments),
            model::Test::Function(_) => Err(whole(self.text, "the function takes a path", None)),
        }
    }

    fn relative(&self, segments: &[model::Segment]) -> Result<Query, Fault> {
        if !self.nested {
            return Err(self.fault("@", "`@` means an element, and there is none here", Some("start with `$.`")));
        }
        Ok(Query { origin: Origin::Current, segments: self.segments(segments)? })
    }

    fn absolute(&self, segments: &[model::Segment]) -> Result<Query, Fault> {
        let Some(word) = segments.first().and_then(name_of) else {
            return Err(self.fault(
                "$",
                "a name of the scope must follow `$`",
                Some("write `$.status`, `$.body.error`, `$.scim.active`"),
            ));
        };
        let place = |word: &str| {
            let start = self.text.find(&format!("$.{word}")).map(|start| start + 2);
            start.map_or(0..self.text.len(), |start| start..start + word.len())
        };
        if OF_HOLES_ONLY.contains(&word) {
            let help = Some("conditions see: status headers body id scim record old item got tenant".to_owned());
            return Err(Fault { range: place(word), message: format!("`{word}` cannot stand in a condition"), help });
        }
        let keyed = matches!(word, "headers" | "got" | "tenant" | "secret");
        let key = if keyed { segments.get(1).and_then(name_of) } else { None };
        let name = Name::new(word, key, place(word)).map_err(|coded| coded.fault)?;
        let rest = self.segments(&segments[1 + usize::from(keyed)..])?;
        Ok(Query { origin: Origin::Scope(name), segments: rest })
    }

    fn segments(&self, segments: &[model::Segment]) -> Result<Vec<Segment>, Fault> {
        segments.iter().map(|segment| self.segment(segment)).collect()
    }

    fn segment(&self, segment: &model::Segment) -> Result<Segment, Fault> {
        match segment {
            model::Segment::Selector(selector) => Ok(Segment::Child(vec![self.selector(selector)?])),
            model::Segment::Selectors(selectors) => {
                Ok(Segment::Child(selectors.iter().map(|selector| self.selector(selector)).collect::<Result<_, _>>()?))
            }
            model::Segment::Descendant(inner) => match self.segment(inner)? {
                Segment::Child(selectors) | Segment::Descendant(selectors) => Ok(Segment::Descendant(selectors)),
            },
        }
    }

    fn selector(&self, selector: &model::Selector) -> Result<Selector, Fault> {
        Ok(match selector {
            model::Selector::Name(name) => Selector::Name(name.clone()),
            model::Selector::Wildcard => Selector::Wildcard,
            model::Selector::Index(index) => Selector::Index(*index),
            model::Selector::Slice(start, end, step) => Selector::Slice(*start, *end, step.unwrap_or(1)),
            model::Selector::Filter(filter) => {
                Selector::Filter(Converter { text: self.text, nested: true }.filter(filter)?)
            }
        })
    }
}

fn negate(expression: Expression, not: bool) -> Expression {
    if not { Expression::Not(Box::new(expression)) } else { expression }
}

fn name_of(segment: &model::Segment) -> Option<&str> {
    if let model::Segment::Selector(model::Selector::Name(name)) = segment { Some(name) } else { None }
}

fn function_name(function: &model::TestFunction) -> &'static str {
    match function {
        model::TestFunction::Custom(..) => "",
        model::TestFunction::Length(_) => "length",
        model::TestFunction::Value(_) => "value",
        model::TestFunction::Count(_) => "count",
        model::TestFunction::Search(..) => "search",
        model::TestFunction::Match(..) => "match",
    }
}

fn value(literal: &model::Literal) -> Value {
    match literal {
        model::Literal::Int(number) => Value::from(*number),
        model::Literal::Float(number) => Value::from(*number),
        model::Literal::String(text) => Value::from(text.as_str()),
        model::Literal::Bool(truth) => Value::from(*truth),
        model::Literal::Null => Value::Null,
    }
}
