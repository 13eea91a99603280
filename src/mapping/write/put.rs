//! One value from its raw text to the upstream's form, with the certainty that it reads back.

use serde_json::Value;

use super::Odd;
use super::body::Elements;
use super::record::{self, Node};
use crate::mapping::codec::kind::{Inner, Yours};
use crate::mapping::codec::{Codec, JsonType};
use crate::mapping::read::raw::{Literal, is_plain_integer};
use crate::mapping::rule::Rule;
use crate::scim::schema::Kind;

/// How a rule's value is written.
#[derive(Clone, Debug)]
pub(super) struct Put {
    form: Form,
    unset: Literal,
    /// For what the quick forms do not know: the same by value.
    rule: Rule,
}

#[derive(Clone, Debug)]
enum Form {
    /// As it stands.
    Copy,
    /// Text that is a whole number of yours.
    Whole,
    /// SCIM values and yours, of those that read back.
    Map(Vec<(String, String)>),
    /// By value.
    Value,
}

impl Put {
    /// The quickest way for a rule of a single value, or of a list's plain elements; `None` where only values will do.
    pub(super) fn new(rule: &Rule) -> Option<Self> {
        // Whatever else a rule comes to say has to be looked at here.
        let Rule {
            name: _,
            target: _,
            read_at: _,
            write_at: _,
            beside,
            show,
            presence,
            read_default,
            codecs,
            each: _,
            default: _,
            unset,
            removal: _,
            single,
            search_case: _,
            lossy: _,
            strict: _,
            mutability: _,
            holds: _,
            refers_to: _,
            required: _,
            attribute: _,
            list: _,
            unwritable: _,
            odd: _,
            span: _,
        } = rule;
        let is_odd = presence.is_some() || read_default.is_some() || single.is_some();
        if is_odd || show.is_some() || beside.is_some() || codecs.packed.is_some() {
            return None;
        }
        let form = match codecs.codecs.as_slice() {
            [] => match codecs.shape {
                Some(Kind::String | Kind::DateTime | Kind::Binary | Kind::Reference | Kind::Boolean) => Form::Copy,
                Some(Kind::Decimal | Kind::Integer | Kind::Complex) | None => Form::Value,
            },
            [Codec::Type(JsonType { yours: Yours::Int, inner: Inner::Text })] => Form::Whole,
            [Codec::Map(map)] => {
                let rows = map.rows.iter().filter_map(|(scim, _)| {
                    let mut yours = String::new();
                    by_value(rule, scim, &mut yours).ok()?;
                    Some((scim.to_string(), yours))
                });
                Form::Map(rows.collect())
            }
            _ => Form::Value,
        };
        Some(Self { form, unset: Literal::new(unset.clone()), rule: rule.clone() })
    }

    /// Appends the value in the upstream's form.
    pub(super) fn write(&self, scim: &str, out: &mut String) -> Result<(), Odd> {
        let yours = match &self.form {
            Form::Copy => Some(scim),
            Form::Whole => inside(scim).filter(|text| is_plain_integer(text) && is_spelt_shortest(text)),
            Form::Map(rows) => rows.iter().find(|(known, _)| known == scim).map(|(_, yours)| yours.as_str()),
            Form::Value => None,
        };
        match yours {
            Some(yours) if self.unset.is(yours) => Err(Odd),
            Some(yours) => {
                out.push_str(yours);
                Ok(())
            }
            None => by_value(&self.rule, &serde_json::from_str(scim).map_err(|_| Odd)?, out),
        }
    }

    /// Whether two values that differ are never the same one for the rule.
    fn tells_apart(&self) -> bool {
        match self.form {
            Form::Copy | Form::Whole => true,
            Form::Map(_) | Form::Value => false,
        }
    }
}

/// Appends a value in the upstream's form, where it reads back as it is.
fn by_value(rule: &Rule, scim: &Value, out: &mut String) -> Result<(), Odd> {
    let yours = rule.codecs.encode(scim).map_err(|_| Odd)?;
    let back = rule.decode(&yours).ok_or(Odd)?;
    if !rule.is_same(Some(&back), Some(scim)) {
        return Err(Odd);
    }
    out.push_str(&yours.to_string());
    Ok(())
}

/// The inside of a plain JSON string.
pub(super) fn inside(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}

/// Whether a whole number has no zeros in front.
fn is_spelt_shortest(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.len() == 1 || !digits.starts_with('0')
}

/// How a list rule's elements are written.
#[derive(Clone, Debug)]
pub(super) struct ListPut {
    element: Element,
    /// Whether several elements are sure to be several for the rule.
    tells_apart: bool,
}

#[derive(Clone, Debug)]
enum Element {
    /// The `value` alone; its part.
    Plain(usize, Box<Put>),
    /// A table of parts.
    Parts(Vec<Node>, Vec<(usize, Put)>),
}

impl ListPut {
    /// The way of a list rule whose elements have these parts; `None` where only values will do.
    pub(super) fn new(rule: &Rule, parts: &[String]) -> Option<Self> {
        let place = |name: &str| parts.iter().position(|part| part == name);
        if rule.codecs.packed.is_some() {
            return None;
        }
        let Some(each) = &rule.each else {
            let put = Put::new(rule)?;
            let tells_apart = put.tells_apart();
            return Some(Self { element: Element::Plain(place("value")?, Box::new(put)), tells_apart });
        };
        let (mut nodes, mut puts) = (Vec::new(), Vec::new());
        let mut tells_apart = false;
        for part in each.iter().filter(|part| rule.is_written(part)) {
            let (sub, path) = (part.target.sub.as_deref()?, part.write_at.as_ref()?);
            if part.list || part.default.is_some() {
                return None;
            }
            let put = Put::new(part)?;
            tells_apart |= sub == "value" && put.tells_apart();
            record::add(&mut nodes, &path.names()?, puts.len())?;
            puts.push((place(sub)?, put));
        }
        Some(Self { element: Element::Parts(nodes, puts), tells_apart })
    }

    /// Appends the list; false, and nothing appended, where it has no elements.
    pub(super) fn write(&self, elements: &Elements<'_>, out: &mut String) -> Result<bool, Odd> {
        match elements.all().len() {
            0 => return Ok(false),
            1 => {}
            _ if self.tells_apart => {}
            _ => return Err(Odd),
        }
        for (index, element) in elements.all().enumerate() {
            out.push(if index == 0 { '[' } else { ',' });
            match &self.element {
                Element::Plain(value, put) => put.write(element[*value].ok_or(Odd)?, out)?,
                Element::Parts(nodes, puts) => {
                    let mut write = |part: usize, out: &mut String| {
                        let (place, put) = puts.get(part).ok_or(Odd)?;
                        let Some(scim) = element[*place] else { return Ok(false) };
                        put.write(scim, out)?;
                        Ok(true)
                    };
                    if !record::write(nodes, out, &mut write)? {
                        return Err(Odd);
                    }
                }
            }
        }
        out.push(']');
        Ok(true)
    }
}
