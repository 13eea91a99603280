//! RFC 9535 queries and filter expressions over the scope.
//!
//! They are parsed by `jsonpath-rust`; the evaluation is our own, because the scope is no JSON document, `$` inside a nested
//! filter means the scope too, and patterns are compiled once at load.

use std::cmp::Ordering;

use regex::Regex;
use serde_json::Value;

use crate::mapping::found::Found;
use crate::mapping::scope::{Name, Scope};

pub mod parse;

/// A query: where it starts, and the way from there.
#[derive(Clone, Debug)]
pub struct Query {
    /// The first node.
    pub origin: Origin,
    /// The segments, in order.
    pub segments: Vec<Segment>,
}

/// Where a query starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `@`: the element that a filter looks at.
    Current,
    /// `$.name`: a name of the scope.
    Scope(Name),
}

/// One segment of a query.
#[derive(Clone, Debug)]
pub enum Segment {
    /// Selects among the node's children.
    Child(Vec<Selector>),
    /// Selects among the children of the node and of all below it.
    Descendant(Vec<Selector>),
}

/// One selector of a segment.
#[derive(Clone, Debug)]
pub enum Selector {
    /// A member.
    Name(String),
    /// An element, from the end when negative.
    Index(i64),
    /// All children.
    Wildcard,
    /// Elements by start, end and step.
    Slice(Option<i64>, Option<i64>, i64),
    /// The children for which an expression holds.
    Filter(Expression),
}

/// A filter expression.
#[derive(Clone, Debug)]
pub enum Expression {
    /// One of them holds.
    Any(Vec<Expression>),
    /// All of them hold.
    All(Vec<Expression>),
    /// It does not hold.
    Not(Box<Expression>),
    /// The query selects something.
    Exists(Query),
    /// Two values compare so.
    Compare(Operand, Comparison, Operand),
    /// A text matches a pattern; a match of the whole text has the anchors in the pattern.
    Matches(Operand, Regex),
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A side of a comparison.
#[derive(Clone, Debug)]
pub enum Operand {
    /// A literal.
    Literal(Value),
    /// The one node of a singular query, or nothing.
    Query(Query),
    /// `length(…)`: of a text in characters, of a list or table in children.
    Length(Box<Operand>),
    /// `count(…)`: the number of nodes.
    Count(Query),
    /// `value(…)`: the node if there is exactly one.
    Value(Query),
}

impl Query {
    /// Whether only names and single indexes follow, so that at most one node is selected.
    pub fn is_singular(&self) -> bool {
        self.segments.iter().all(|segment| match segment {
            Segment::Child(selectors) => matches!(selectors.as_slice(), [Selector::Name(_) | Selector::Index(_)]),
            Segment::Descendant(_) => false,
        })
    }

    /// Adds the query, and those in its filters.
    fn queries<'q>(&'q self, all: &mut Vec<&'q Query>) {
        all.push(self);
        for segment in &self.segments {
            let (Segment::Child(selectors) | Segment::Descendant(selectors)) = segment;
            for selector in selectors {
                if let Selector::Filter(expression) = selector {
                    expression.queries(all);
                }
            }
        }
    }

    /// The member of its origin that the query reads, where it reads but one.
    pub fn first_member(&self) -> Option<&str> {
        match self.segments.first()? {
            Segment::Child(selectors) => match selectors.as_slice() {
                [Selector::Name(name)] => Some(name),
                _ => None,
            },
            Segment::Descendant(_) => None,
        }
    }

    /// The selected nodes, in document order. `current` is what `@` stands for.
    pub fn nodes<'a>(&'a self, scope: &Scope<'a>, current: Option<Found<'a>>) -> Vec<Found<'a>> {
        if self.is_singular() {
            return self.single(scope, current).into_iter().collect();
        }
        let mut nodes: Vec<_> = self.start(scope, current).into_iter().collect();
        for segment in &self.segments {
            let mut selected = Vec::new();
            for node in nodes {
                match segment {
                    Segment::Child(selectors) => select(node, selectors, scope, &mut selected),
                    Segment::Descendant(selectors) => descend(node, selectors, scope, &mut selected),
                }
            }
            nodes = selected;
        }
        nodes
    }

    /// The node if exactly one is selected. A singular query is followed without a list of nodes.
    pub fn only<'a>(&'a self, scope: &Scope<'a>, current: Option<Found<'a>>) -> Option<Found<'a>> {
        if self.is_singular() {
            return self.single(scope, current);
        }
        match self.nodes(scope, current).as_slice() {
            [node] => Some(*node),
            [] | [_, _, ..] => None,
        }
    }

    fn single<'a>(&'a self, scope: &Scope<'a>, current: Option<Found<'a>>) -> Option<Found<'a>> {
        let mut node = self.start(scope, current)?;
        for segment in &self.segments {
            let (Segment::Child(selectors) | Segment::Descendant(selectors)) = segment;
            node = match selectors.first()? {
                Selector::Name(name) => node.member(name)?,
                Selector::Index(index) => node.element(*index)?,
                Selector::Wildcard | Selector::Slice(..) | Selector::Filter(_) => return None,
            };
        }
        Some(node)
    }

    fn start<'a>(&'a self, scope: &Scope<'a>, current: Option<Found<'a>>) -> Option<Found<'a>> {
        match &self.origin {
            Origin::Current => current,
            Origin::Scope(name) => scope.find(name),
        }
    }
}

fn select<'a>(node: Found<'a>, selectors: &'a [Selector], scope: &Scope<'a>, selected: &mut Vec<Found<'a>>) {
    for selector in selectors {
        match selector {
            Selector::Name(name) => selected.extend(node.member(name)),
            Selector::Index(index) => selected.extend(node.element(*index)),
            Selector::Wildcard => selected.extend(node.children()),
            Selector::Slice(start, end, step) => slice(node, *start, *end, *step, selected),
            Selector::Filter(expression) => {
                selected.extend(node.children().into_iter().filter(|child| expression.holds(scope, Some(*child))));
            }
        }
    }
}

fn descend<'a>(node: Found<'a>, selectors: &'a [Selector], scope: &Scope<'a>, selected: &mut Vec<Found<'a>>) {
    select(node, selectors, scope, selected);
    for child in node.children() {
        descend(child, selectors, scope, selected);
    }
}

/// RFC 9535 §2.3.4.2.2: bounds count from the end when negative; a step of 0 selects nothing.
fn slice<'a>(node: Found<'a>, start: Option<i64>, end: Option<i64>, step: i64, selected: &mut Vec<Found<'a>>) {
    let Some(length) = node.list().and_then(|list| i64::try_from(list.len()).ok()) else { return };
    let from_end = |bound: i64| if bound < 0 { bound.saturating_add(length) } else { bound };
    if step > 0 {
        let (mut index, end) =
            (from_end(start.unwrap_or(0)).clamp(0, length), from_end(end.unwrap_or(length)).clamp(0, length));
        while index < end {
            selected.extend(node.element(index));
            index = index.saturating_add(step);
        }
    } else if step < 0 {
        let mut index = start.map_or(length - 1, from_end).clamp(-1, length - 1);
        let end = end.map_or(-1, from_end).clamp(-1, length - 1);
        while index > end {
            selected.extend(node.element(index));
            index = index.saturating_add(step);
        }
    }
}

impl Expression {
    /// The names of the scope that the expression reads.
    pub fn names(&self, names: &mut Vec<Name>) {
        let mut queries = Vec::new();
        self.queries(&mut queries);
        names.extend(queries.into_iter().filter_map(|query| match &query.origin {
            Origin::Scope(name) => Some(name.clone()),
            Origin::Current => None,
        }));
    }

    /// Adds the queries of the expression, those in filters included.
    pub fn queries<'q>(&'q self, all: &mut Vec<&'q Query>) {
        match self {
            Self::Any(terms) | Self::All(terms) => terms.iter().for_each(|term| term.queries(all)),
            Self::Not(term) => term.queries(all),
            Self::Exists(query) => query.queries(all),
            Self::Compare(left, _, right) => {
                left.queries(all);
                right.queries(all);
            }
            Self::Matches(text, _) => text.queries(all),
        }
    }

    /// Whether it holds; `current` is what `@` stands for.
    pub fn holds<'a>(&'a self, scope: &Scope<'a>, current: Option<Found<'a>>) -> bool {
        match self {
            Self::Any(terms) => terms.iter().any(|term| term.holds(scope, current)),
            Self::All(terms) => terms.iter().all(|term| term.holds(scope, current)),
            Self::Not(term) => !term.holds(scope, current),
            Self::Exists(query) if query.is_singular() => query.only(scope, current).is_some(),
            Self::Exists(query) => !query.nodes(scope, current).is_empty(),
            Self::Compare(left, comparison, right) => {
                comparison.holds(left.value(scope, current), right.value(scope, current))
            }
            Self::Matches(text, pattern) => {
                text.value(scope, current).and_then(Found::string).is_some_and(|text| pattern.is_match(text))
            }
        }
    }
}

impl Operand {
    fn queries<'q>(&'q self, all: &mut Vec<&'q Query>) {
        match self {
            Self::Literal(_) => {}
            Self::Query(query) | Self::Count(query) | Self::Value(query) => query.queries(all),
            Self::Length(operand) => operand.queries(all),
        }
    }

    fn value<'a>(&'a self, scope: &Scope<'a>, current: Option<Found<'a>>) -> Option<Found<'a>> {
        match self {
            Self::Literal(value) => Some(Found::Value(value)),
            Self::Query(query) | Self::Value(query) => query.only(scope, current),
            Self::Count(query) => number(query.nodes(scope, current).len()),
            Self::Length(operand) => {
                let value = operand.value(scope, current)?;
                let length = value.string().map(|text| text.chars().count());
                number(
                    length
                        .or_else(|| value.list().map(Vec::len))
                        .or_else(|| value.table().map(serde_json::Map::len))?,
                )
            }
        }
    }
}

fn number(length: usize) -> Option<Found<'static>> {
    i64::try_from(length).ok().map(Found::Number)
}

impl Comparison {
    /// RFC 9535 §2.3.5.2.2: nothing equals nothing; values of different types are neither less nor greater.
    fn holds(self, left: Option<Found<'_>>, right: Option<Found<'_>>) -> bool {
        let equal = || match (left, right) {
            (None, None) => true,
            (Some(left), Some(right)) => left.equals(right),
            (None, Some(_)) | (Some(_), None) => false,
        };
        let order = || left.zip(right).and_then(|(left, right)| left.order(right));
        match self {
            Self::Equal => equal(),
            Self::NotEqual => !equal(),
            Self::Less => order() == Some(Ordering::Less),
            Self::Greater => order() == Some(Ordering::Greater),
            Self::LessOrEqual => equal() || order() == Some(Ordering::Less),
            Self::GreaterOrEqual => equal() || order() == Some(Ordering::Greater),
        }
    }
}
