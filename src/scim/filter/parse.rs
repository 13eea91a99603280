//! Recursive descent over the grammar of RFC 7644 figure 1, with exact byte offsets.

use serde_json::{Number, Value};

use super::{Filter, Operator};
use crate::scim::AttributePath;
use crate::scim::attribute::{SyntaxError, is_name};
use crate::scim::bounds::Bounds;
use crate::value::steps;

/// A text and a place in it. Every method reads forward only.
pub(in crate::scim) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    in_brackets: bool,
    bounds: Bounds,
}

impl<'a> Parser<'a> {
    pub(in crate::scim) fn new(text: &'a str, bounds: Bounds) -> Result<Self, SyntaxError> {
        let most = bounds.length;
        if text.len() > most {
            return Err(SyntaxError::new(most, format!("the text is longer than {most} bytes")));
        }
        Ok(Self { text, at: 0, depth: 0, in_brackets: false, bounds })
    }

    /// A filter whose lists are flat.
    pub(in crate::scim) fn whole(&mut self) -> Result<Filter, SyntaxError> {
        Ok(flat(self.filter()?))
    }

    /// Nothing but spaces is left; else `expected` is what is said.
    pub(in crate::scim) fn end(&mut self, expected: &str) -> Result<(), SyntaxError> {
        self.skip_spaces();
        if self.at == self.text.len() { Ok(()) } else { Err(self.fault(expected)) }
    }

    /// `and` terms joined by `or`, which binds less.
    fn filter(&mut self) -> Result<Filter, SyntaxError> {
        let first = self.conjunction()?;
        if !self.keyword("or") {
            return Ok(first);
        }
        let mut terms = vec![first];
        loop {
            terms.push(self.conjunction()?);
            if !self.keyword("or") {
                return Ok(Filter::Or(terms));
            }
        }
    }

    fn conjunction(&mut self) -> Result<Filter, SyntaxError> {
        let first = self.term()?;
        if !self.keyword("and") {
            return Ok(first);
        }
        let mut terms = vec![first];
        loop {
            terms.push(self.term()?);
            if !self.keyword("and") {
                return Ok(Filter::And(terms));
            }
        }
    }

    fn term(&mut self) -> Result<Filter, SyntaxError> {
        self.skip_spaces();
        if self.peek() == Some(b'(') {
            return self.group(b'(', b')');
        }
        let start = self.at;
        if self.token().eq_ignore_ascii_case("not") {
            self.skip_spaces();
            if self.peek() == Some(b'(') {
                return Ok(Filter::Not(Box::new(self.group(b'(', b')')?)));
            }
        }
        self.at = start;
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Filter, SyntaxError> {
        let mut path = self.path()?;
        if path.is_schema() {
            return Err(self.fault("expected an attribute name after the schema URN"));
        }
        if path.sub.is_none()
            && let Some(filter) = path.filter.take()
        {
            return Ok(Filter::Element(path, filter));
        }
        self.skip_spaces();
        let start = self.at;
        let word = self.token();
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(path));
        }
        let operator = Operator::parse(word)
            .ok_or_else(|| SyntaxError::new(start, "expected an operator: eq, ne, co, sw, ew, gt, ge, lt, le or pr"))?;
        self.skip_spaces();
        let start = self.at;
        let literal = self.literal()?;
        if !operator.takes(&literal) {
            let wanted = if operator.takes(&Value::from(0)) { "a string or a number" } else { "a string" };
            return Err(SyntaxError::new(start, format!("expected {wanted} after `{}`", operator.as_str())));
        }
        Ok(Filter::Compare(path, operator, literal))
    }

    /// A name, then a value filter and a sub-attribute where they stand.
    pub(in crate::scim) fn path(&mut self) -> Result<AttributePath, SyntaxError> {
        self.skip_spaces();
        let start = self.at;
        let token = self.token();
        let mut path = AttributePath::from_token(token, start)?;
        if self.peek() != Some(b'[') || path.sub.is_some() || path.is_schema() {
            return Ok(path);
        }
        if self.in_brackets {
            return Err(self.fault("a filter in brackets cannot hold another one"));
        }
        self.in_brackets = true;
        path.filter = Some(Box::new(flat(self.group(b'[', b']')?)));
        self.in_brackets = false;
        if self.peek() == Some(b'.') {
            self.at += 1;
            let start = self.at;
            let sub = self.token();
            if !is_name(sub) {
                return Err(SyntaxError::new(start, "expected the name of a sub-attribute"));
            }
            path.sub = Some(sub.to_owned());
        }
        Ok(path)
    }

    fn group(&mut self, open: u8, close: u8) -> Result<Filter, SyntaxError> {
        debug_assert_eq!(self.peek(), Some(open));
        if self.depth == self.bounds.depth {
            return Err(self.fault(&format!("the filter is nested deeper than {}", self.bounds.depth)));
        }
        self.at += 1;
        self.depth += 1;
        let filter = self.filter()?;
        self.depth -= 1;
        self.skip_spaces();
        if self.peek() != Some(close) {
            return Err(self.fault(if close == b')' { "expected `)`" } else { "expected `]`" }));
        }
        self.at += 1;
        Ok(filter)
    }

    fn literal(&mut self) -> Result<Value, SyntaxError> {
        if self.peek() == Some(b'"') {
            return self.string();
        }
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest.find(|c: char| c.is_ascii_whitespace() || c == ')' || c == ']').unwrap_or(rest.len());
        let word = &rest[..length];
        let literal = if word.eq_ignore_ascii_case("true") {
            Some(Value::Bool(true))
        } else if word.eq_ignore_ascii_case("false") {
            Some(Value::Bool(false))
        } else if word.eq_ignore_ascii_case("null") {
            Some(Value::Null)
        } else {
            serde_json::from_str::<Number>(word).ok().map(Value::Number)
        };
        steps::note(length);
        self.at += length;
        literal.ok_or_else(|| {
            SyntaxError::new(start, "expected a string in double quotes, a number, `true`, `false` or `null`")
        })
    }

    fn string(&mut self) -> Result<Value, SyntaxError> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        loop {
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => at += 2,
                Some(_) => at += 1,
                None => {
                    steps::note(at - start);
                    return Err(SyntaxError::new(start, "the string has no closing double quote"));
                }
            }
        }
        steps::note(at - start);
        self.at = at + 1;
        serde_json::from_str::<String>(&self.text[start..self.at])
            .map(Value::String)
            .map_err(|error| SyntaxError::new(start + error.column().saturating_sub(1), "the string is not valid JSON"))
    }

    /// Consumes the word `and` or `or`, in any case, if it comes next.
    fn keyword(&mut self, keyword: &str) -> bool {
        self.skip_spaces();
        let start = self.at;
        let found = self.token().eq_ignore_ascii_case(keyword);
        if !found {
            self.at = start;
        }
        found
    }

    /// The longest run of characters that names and URNs are made of; may be empty.
    fn token(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let inside = |c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '$' | '%' | '/' | '+' | '@' | '~')
        };
        let length = rest.find(|c: char| !inside(c)).unwrap_or(rest.len());
        steps::note(length + 1);
        self.at += length;
        &rest[..length]
    }

    fn skip_spaces(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let spaces = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        steps::note(spaces + 1);
        self.at += spaces;
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn fault(&self, message: &str) -> SyntaxError {
        SyntaxError::new(self.at, message)
    }
}

/// The filter with lists of one kind made one: `(a and b) and c` is one list of three. Every term is moved once at most,
/// however deep it stood; what stands in brackets is flat already.
fn flat(filter: Filter) -> Filter {
    match filter {
        Filter::And(terms) => Filter::And(flat_list(terms, |term| matches!(term, Filter::And(_)))),
        Filter::Or(terms) => Filter::Or(flat_list(terms, |term| matches!(term, Filter::Or(_)))),
        Filter::Not(term) => Filter::Not(Box::new(flat(*term))),
        leaf @ (Filter::Compare(..) | Filter::Present(_) | Filter::Element(..)) => leaf,
    }
}

fn flat_list(terms: Vec<Filter>, is_list: fn(&Filter) -> bool) -> Vec<Filter> {
    if !terms.iter().any(is_list) {
        steps::note(terms.len());
        return terms.into_iter().map(flat).collect();
    }
    let mut list = Vec::with_capacity(terms.len());
    gather(terms, is_list, &mut list);
    list
}

fn gather(terms: Vec<Filter>, is_list: fn(&Filter) -> bool, list: &mut Vec<Filter>) {
    steps::note(terms.len());
    for term in terms {
        let same = is_list(&term);
        if same && let Filter::And(inner) | Filter::Or(inner) = term {
            gather(inner, is_list, list);
        } else {
            list.push(flat(term));
        }
    }
}
