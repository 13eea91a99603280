//! The shape of the record, made at load: names with their values in the order of the rules.

use super::Odd;
use crate::mapping::hole::BodyTemplate;
use crate::mapping::scope::Scope;

/// A member of an object.
#[derive(Clone, Debug)]
pub(super) struct Node {
    name: String,
    /// `"name":`
    key: String,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Object(Vec<Node>),
    /// A constant.
    Fixed(String),
    /// The value of a rule, by its place in the plan.
    Rule(usize),
}

impl Node {
    fn new(name: &str, content: Content) -> Self {
        Self { name: name.to_owned(), key: format!("{}:", serde_json::Value::from(name)), content }
    }
}

/// The constants that every record has; `None` where they depend on anything.
pub(super) fn constants(template: &BodyTemplate) -> Option<Vec<Node>> {
    let BodyTemplate::Table(members) = template else { return None };
    if !template.holes().is_empty() {
        return None;
    }
    let node = |(name, member): &(String, BodyTemplate)| {
        let content = match member {
            BodyTemplate::Table(inner) if !inner.is_empty() => Content::Object(constants(member)?),
            BodyTemplate::Table(_)
            | BodyTemplate::List(_)
            | BodyTemplate::Literal(_)
            | BodyTemplate::Text(_)
            | BodyTemplate::Whole(_) => Content::Fixed(member.fill(&Scope::default()).ok()??.to_string()),
        };
        Some(Node::new(name, content))
    };
    members.iter().map(node).collect()
}

/// Makes the place where a rule writes; `None` where another one is in the way.
pub(super) fn add(nodes: &mut Vec<Node>, names: &[&str], rule: usize) -> Option<()> {
    let (name, rest) = names.split_first()?;
    let known = nodes.iter_mut().find(|node| node.name == *name);
    match (known, rest) {
        (None, []) => nodes.push(Node::new(name, Content::Rule(rule))),
        (None, [_, ..]) => {
            let mut inner = Vec::new();
            add(&mut inner, rest, rule)?;
            nodes.push(Node::new(name, Content::Object(inner)));
        }
        (Some(Node { content: Content::Object(inner), .. }), [_, ..]) => add(inner, rest, rule)?,
        (Some(_), _) => return None,
    }
    Some(())
}

/// Appends an object; `rule` appends the value of a rule and tells whether there is one. False, and nothing appended, where
/// the object has no members.
pub(super) fn write(
    nodes: &[Node],
    out: &mut String,
    rule: &mut impl FnMut(usize, &mut String) -> Result<bool, Odd>,
) -> Result<bool, Odd> {
    let before = out.len();
    out.push('{');
    let start = out.len();
    for node in nodes {
        let here = out.len();
        if here > start {
            out.push(',');
        }
        out.push_str(&node.key);
        let written = match &node.content {
            Content::Object(inner) => write(inner, out, &mut *rule)?,
            Content::Fixed(text) => {
                out.push_str(text);
                true
            }
            Content::Rule(place) => rule(*place, out)?,
        };
        if !written {
            out.truncate(here);
        }
    }
    if out.len() == start {
        out.truncate(before);
        return Ok(false);
    }
    out.push('}');
    Ok(true)
}
