//! Conditions: RFC 9535 filter expressions over the scope, parsed by `jsonpath-rust`, compiled to a tree.

use crate::mapping::diagnostic::TextFault;
use crate::mapping::path::{Path, Step};
use crate::mapping::query::{Expression, Origin, Query, parse};
use crate::mapping::scope::{Name, Scope};

/// A compiled condition.
#[derive(Clone, Debug)]
pub struct Condition {
    /// As written.
    pub text: String,
    expression: Expression,
    reads_body: bool,
}

impl Condition {
    /// Parses `$.status == 409 && …`.
    ///
    /// # Errors
    /// A [`TextFault`] with the place in `text`.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let expression = parse::expression(text)?;
        let mut names = Vec::new();
        expression.names(&mut names);
        Ok(Self { text: text.to_owned(), expression, reads_body: names.contains(&Name::Body) })
    }

    /// The scope names it reads, for the check of what exists where.
    pub fn names(&self) -> Vec<Name> {
        let mut names = Vec::new();
        self.expression.names(&mut names);
        names
    }

    /// The members of `kept` that it reads; `None` for one that reads several.
    pub fn kept(&self) -> Vec<Option<&str>> {
        let mut queries = Vec::new();
        self.expression.queries(&mut queries);
        queries.retain(|query| query.origin == Origin::Scope(Name::Kept));
        queries.into_iter().map(Query::first_member).collect()
    }

    /// Whether it may look at what stands at `place` of the record.
    pub fn reads_record_at(&self, place: &Path) -> bool {
        self.reads_at(&[Name::Record], place)
    }

    /// The same of any of these names, each a record.
    pub fn reads_at(&self, names: &[Name], place: &Path) -> bool {
        let mut queries = Vec::new();
        self.expression.queries(&mut queries);
        let field = match place.steps.as_deref() {
            Some([Step::Name(field), ..]) => Some(field.as_str()),
            Some(_) | None => None,
        };
        let apart = |query: &&&Query| query.first_member().zip(field).is_some_and(|(read, field)| read != field);
        let of_names = |query: &&&Query| matches!(&query.origin, Origin::Scope(name) if names.contains(name));
        queries.iter().filter(of_names).any(|query| !apart(&query))
    }

    /// The members of a name of the scope that it reads; `None` where it reads the name otherwise than by its members.
    pub fn members_of(&self, name: &Name) -> Option<Vec<&str>> {
        let mut queries = Vec::new();
        self.expression.queries(&mut queries);
        let of_name = queries.into_iter().filter(|query| query.origin == Origin::Scope(name.clone()));
        of_name.map(Query::first_member).collect()
    }

    /// Whether it looks at the answer's body, so that the body must be parsed.
    pub fn reads_body(&self) -> bool {
        self.reads_body
    }

    /// Whether it holds. A name without a value is "nothing" as in RFC 9535.
    pub fn holds(&self, scope: &Scope<'_>) -> bool {
        self.expression.holds(scope, None)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;
    use crate::mapping::scope::{AnswerScope, Surroundings};

    fn holds(condition: &str) -> bool {
        let (id, item) = (json!(42), json!("billing"));
        let scim = json!({ "active": false, "userName": "ada", "emails": [{ "type": "work", "value": "a@b" }] });
        let old = json!({ "roles": ["a", "b"], "level": 1.0, "gone": null, "mails": [{ "k": 1, "addr": "x" }, { "k": 2, "addr": "a@b" }] });
        let got: BTreeMap<String, Value> = [("token".to_owned(), json!({ "n": 3 }))].into();
        let body = json!({ "error": { "code": -32001, "text": "Already Exists" } });
        let headers =
            [(http::header::HeaderName::from_static("x-a"), http::HeaderValue::from_static("1"))].into_iter().collect();
        let surroundings = Surroundings {
            tenant: "acme".into(),
            variables: [("realm".into(), "r1".into())].into(),
            ..Surroundings::default()
        };
        let scope = Scope {
            id: Some(&id),
            scim: scim.as_object(),
            old: Some(&old),
            item: Some(&item),
            got: Some(&got),
            answer: Some(AnswerScope { status: 409, headers: &headers, body: Some(&body) }),
            surroundings: Some(&surroundings),
            ..Scope::default()
        };
        Condition::parse(condition).unwrap().holds(&scope)
    }

    #[test]
    fn conditions_see_the_scope() {
        let table = [
            ("a status", "$.status == 409", true),
            ("a negated status", "$.status != 409", false),
            ("a range", "$.status >= 400 && $.status < 500", true),
            ("an alternative", "$.status == 1 || $.status == 409", true),
            ("a negated group", "!($.status == 1 || $.status == 409)", false),
            ("a header in lower case", "$.headers['x-a'] == '1'", true),
            ("a body's number", "$.body.error.code == -32001", true),
            ("a body's number by value", "$.body.error.code == -32001.0", true),
            ("existence", "$.body.error", true),
            ("absence", "!$.body.result", true),
            ("null exists", "$.old.gone", true),
            ("null is null", "$.old.gone == null", true),
            ("nothing equals nothing", "$.old.nowhere == $.body.nowhere", true),
            ("nothing is not null", "$.old.nowhere == null", false),
            ("nothing differs from null", "$.old.nowhere != null", true),
            ("a resource's value", "$.scim.active == false", true),
            ("the item itself", "$.item == 'billing'", true),
            ("a captured value", "$.got.token.n > 2", true),
            ("the tenant", "$.tenant.realm == 'r1' && $.tenant.name == 'acme'", true),
            ("the id keeps its type", "$.id == '42'", false),
            ("text is never less than a number", "$.scim.userName < 5", false),
            ("text is never greater or equal to a number", "$.scim.userName >= 5", false),
            ("text order", "$.scim.userName < 'b'", true),
        ];
        for (name, condition, expected) in table {
            assert_eq!(holds(condition), expected, "{name}");
        }
    }

    #[test]
    fn functions_and_filters_work() {
        let table = [
            ("length of a list", "length($.old.roles) == 2", true),
            ("length of a text in characters", "length('äö') == 2", true),
            ("count of nodes", "count($.old.mails[*].addr) == 2", true),
            ("value of one node", "value($.old..code) == 1", false),
            ("search finds a part", "search($.body.error.text, 'Exist')", true),
            ("search heeds case", "search($.body.error.text, 'exist')", false),
            ("search with a flag", "search($.body.error.text, '(?i)already (exists|taken)')", true),
            ("match wants all", "match($.body.error.text, 'Already')", false),
            ("match of all", "match($.body.error.text, 'Already|Already Exists')", true),
            ("search in a number is false", "search($.status, '4')", false),
            ("a filter on elements", "$.old.mails[?@.k == 2 && @.addr == 'a@b']", true),
            ("a filter that selects nothing", "$.old.mails[?@.k == 3]", false),
            ("the scope inside a nested filter", "$.old.mails[?@.addr == $.scim.emails[0].value]", true),
            ("a slice from the end", "count($.old.roles[-1:]) == 1", true),
            ("a slice backwards", "count($.old.roles[::-1]) == 2", true),
            ("descendants", "count($.old..addr) == 2", true),
        ];
        for (name, condition, expected) in table {
            assert_eq!(holds(condition), expected, "{name}");
        }
    }

    #[test]
    fn faults_have_their_place() {
        let table = [
            ("one equal sign", "$.body.error.code = 23", 18..19, "expected a comparison: `==`"),
            ("an unknown name", "$.staus == 1", 2..7, "nothing is called `staus` here"),
            (
                "a name of holes only",
                "$.status == 1 && $.filter.userName",
                19..25,
                "`filter` cannot stand in a condition",
            ),
            ("a bad pattern", "search($.body, '(x')", 16..18, "the pattern is not valid: unclosed group"),
            ("an element without a filter", "@.a == 1", 0..1, "`@` means an element, and there is none here"),
            ("an unfinished expression", "$.status ==", 11..11, "the expression is not complete"),
            ("a second selector", "$.status == 1][?$.status == 2", 0..29, "this is more than one filter expression"),
            ("a value as a truth", "length($.body)", 0..6, "this function gives a value, not a truth"),
        ];
        for (name, text, range, message) in table {
            let fault = Condition::parse(text).unwrap_err();
            assert_eq!((fault.range, fault.message.as_str()), (range, message), "{name}");
        }
    }

    #[test]
    fn a_condition_knows_which_fields_of_the_record_it_may_read() {
        let table = [
            ("the field", "$.record.flags.erased == true", true),
            ("another field", "$.record.state == 9", false),
            ("another name of the scope", "$.scim.flags == true", false),
            ("inside a filter", "count($.record.roles[?@.id == $.record.flags.role]) > 0", true),
            ("all fields", "count($.record.*) > 3", true),
            ("any depth", "$.record..erased", true),
            ("by brackets", "$.record['flags']", true),
        ];
        for (name, condition, reads) in table {
            let place = Path::parse("flags").unwrap();
            assert_eq!(Condition::parse(condition).unwrap().reads_record_at(&place), reads, "{name}");
        }
    }
}
