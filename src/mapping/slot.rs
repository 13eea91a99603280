//! Paths in which literals are holes: `$.memberships[?@.user_id == {item.user_id}].id`.

use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::Text;
use crate::mapping::found::Found;
use crate::mapping::hole::{FillError, Hole, Part, Template};
use crate::mapping::path::{Path, Step};
use crate::mapping::scope::Scope;

/// Begins what stands for a hole while the path is parsed: a character that no record uses.
const MARK: char = '\u{f8ff}';

/// A path with holes in the place of literals or names, parsed once at load.
#[derive(Clone, Debug)]
pub struct SlottedPath {
    path: Path,
    holes: Vec<Hole>,
}

impl SlottedPath {
    /// Compiles a template whose parts make a path; a hole stands for a literal, without quotes.
    pub fn compile(text: &Text, template: Template, found: &mut Diagnostics) -> Option<Self> {
        let (mut written, mut holes) = (String::new(), Vec::new());
        for part in template.parts {
            match part {
                Part::Text(literal) => written.push_str(&literal),
                Part::Hole(hole) => {
                    if hole.optional {
                        let message = "an optional hole cannot stand in a path of an answer";
                        found.add(Code::E60, text.within(&hole.range), message).help("remove the `?`");
                        return None;
                    }
                    written.extend(['\'', MARK]);
                    written.push_str(&holes.len().to_string());
                    written.push('\'');
                    holes.push(hole);
                }
            }
        }
        let path = Path::parse(&written).ok();
        let slotted = path.filter(|path| path.steps.is_some()).map(|path| Self { path, holes });
        if slotted.as_ref().is_none_or(|slotted| slotted.slots() != slotted.holes.len()) {
            let finding = found.add(Code::E60, text.span.clone(), "this path with a hole cannot be read");
            finding.help(
                "a hole stands, without quotes, for the literal of `==`, or for a name in brackets: \
                 `$.memberships[?@.user_id == {item.user_id}].id`",
            );
            return None;
        }
        slotted
    }

    /// The path as far as it is known at load: it selects nothing where a hole stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The holes, in order.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.holes.iter()
    }

    /// The path with the values of its holes in their places.
    ///
    /// # Errors
    /// See [`FillError`].
    pub fn bind(&self, scope: &Scope<'_>) -> Result<Path, FillError> {
        let mut path = Path { slot: None, ..self.path.clone() };
        for step in path.steps.iter_mut().flatten() {
            match step {
                Step::Name(name) => {
                    if let Some(hole) = self.hole(name) {
                        let text = fill(hole, scope)?.text().ok_or_else(|| FillError::Missing(hole.text.clone()))?;
                        *name = text.into_owned();
                    }
                }
                Step::Where(terms) => {
                    for (_, literal) in terms {
                        if let Some(hole) = literal.as_str().and_then(|mark| self.hole(mark)) {
                            *literal = fill(hole, scope)?.to_value();
                        }
                    }
                }
                Step::Index(_) | Step::Every => {}
            }
        }
        Ok(path)
    }

    /// The hole that a mark stands for.
    fn hole(&self, mark: &str) -> Option<&Hole> {
        self.holes.get(mark.strip_prefix(MARK)?.parse::<usize>().ok()?)
    }

    /// How many marks stand where they can be replaced.
    fn slots(&self) -> usize {
        let steps = self.path.steps.iter().flatten();
        steps
            .map(|step| match step {
                Step::Name(name) => usize::from(self.hole(name).is_some()),
                Step::Where(terms) => {
                    let marks = terms.iter().filter_map(|(_, literal)| literal.as_str());
                    marks.filter(|mark| self.hole(mark).is_some()).count()
                }
                Step::Index(_) | Step::Every => 0,
            })
            .sum()
    }
}

/// The value of a hole, without which the path would select something else.
fn fill<'a>(hole: &'a Hole, scope: &'a Scope<'_>) -> Result<Found<'a>, FillError> {
    hole.find(scope)?.ok_or_else(|| FillError::Missing(hole.text.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::mapping::document::Spanned;

    fn compile(text: &str) -> Result<SlottedPath, Vec<Code>> {
        let mut found = Diagnostics::new("m.toml");
        let template = Template::parse(text).unwrap();
        let text = Spanned { span: 0..text.len() + 2, value: text.to_owned() };
        let slotted = SlottedPath::compile(&text, template, &mut found);
        slotted.ok_or_else(|| found.found.iter().map(|finding| finding.code).collect())
    }

    #[test]
    fn a_hole_stands_for_a_literal_or_a_name() {
        let (id, item) = (json!(7), json!({ "user": { "id": "a'b" }, "kind": null }));
        let scope = Scope { id: Some(&id), item: Some(&item), ..Scope::default() };
        let body = json!({
            "m": [{ "u": "a", "id": 1 }, { "u": "a'b", "k": null, "id": 2 }, { "u": 7, "id": 3 }, { "u": "7", "id": 4 }],
            "7": "by name"
        });
        let table = [
            ("text with a quote", "$.m[?@.u == {item.user.id}].id", json!(2)),
            ("a number keeps its type", "$.m[?@.u == {id}].id", json!(3)),
            ("beside a literal", "$.m[?@.u == {id} && @.id == 3].id", json!(3)),
            ("two holes", "$.m[?@.u == {item.user.id} && @.k == {item.kind}].id", json!(2)),
            ("a name in brackets", "$[{id}]", json!("by name")),
            ("the hole first", "m[?{id} == @.u].id", json!(3)),
        ];
        for (name, text, expected) in table {
            let path = compile(text).unwrap().bind(&scope).unwrap();
            assert_eq!(path.first(&body), Some(&expected), "{name}");
        }
    }

    #[test]
    fn a_hole_without_a_value_is_a_fault() {
        let fault = compile("$.m[?@.u == {item.x}]").unwrap().bind(&Scope::default()).unwrap_err();
        assert_eq!(fault, FillError::Missing("item.x".to_owned()));
    }

    #[test]
    fn an_unbound_path_selects_nothing() {
        let slotted = compile("$.m[?@.u == {id}]").unwrap();
        assert_eq!(slotted.path().first(&json!({ "m": [{ "u": 7 }, { "u": Value::Null }] })), None);
    }

    #[test]
    fn a_hole_anywhere_else_is_reported() {
        for text in
            ["$.m[?@.u == '{id}']", "$.m[?@.u != {id}]", "$.{id}.x", "$.m[?@.u == {id?}]", "$.m[?search(@.u, {id})]"]
        {
            assert_eq!(compile(text).unwrap_err(), [Code::E60], "{text}");
        }
    }
}
