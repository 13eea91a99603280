//! A body's members, found in one walk: each value as the client wrote it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Odd;
use crate::scim::ResourceSchema;
use crate::scim::resource::MAX_NESTING;
use crate::scim::schema::{Attribute, Kind, Mutability, Schema, is_fixed};
use crate::value::nests_at_most;

/// Elements of a list that are looked at one by one; longer lists are for values.
const MOST_ELEMENTS: usize = 16;

/// What a body of one resource type can hold.
#[derive(Clone, Debug)]
pub(super) struct Members {
    names: Names,
    /// For each simple value: the extension, the attribute, the sub-attribute.
    singles: Vec<(Option<String>, String, Option<String>)>,
    lists: Vec<List>,
    core: String,
}

/// A multi-valued complex attribute.
#[derive(Clone, Debug)]
struct List {
    extension: Option<String>,
    name: String,
    /// The sub-attributes that an element keeps, by place.
    parts: Vec<String>,
    value: Option<usize>,
    primary: Option<usize>,
}

/// The members of an object.
#[derive(Clone, Debug, Default)]
struct Names(Vec<(String, Member)>);

/// What a member is.
#[derive(Clone, Debug)]
enum Member {
    /// `schemas`.
    Schemas,
    /// No effect, whatever it is; the name that is logged then.
    Skipped(Option<String>),
    /// A value of one kind; its place, or the name that is logged where it has none.
    Simple(Kind, Result<usize, Option<String>>),
    /// A complex attribute, or an extension.
    Object(Names),
    /// A list of objects.
    List(usize, Names),
    /// For values, where it is anything but null.
    Odd,
}

/// What a walk found.
#[derive(Debug)]
pub(super) struct Body<'b> {
    values: Vec<Option<&'b str>>,
    lists: Vec<Elements<'b>>,
    names_core: bool,
    /// Whether there is anything but values of simple attributes: a null, a list, what the mapping makes read-only.
    pub(super) is_more: bool,
    pub(super) ignored: Vec<&'b str>,
}

/// The elements of a list: the parts of one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Elements<'b> {
    parts: Vec<Option<&'b str>>,
    width: usize,
    pub(super) primary: Option<usize>,
}

impl<'b> Elements<'b> {
    /// The elements, each by its parts.
    pub(super) fn all(&self) -> std::slice::ChunksExact<'_, Option<&'b str>> {
        self.parts.chunks_exact(self.width.max(1))
    }
}

impl<'b> Body<'b> {
    /// The simple values, by place.
    pub(super) fn values(&self) -> impl Iterator<Item = (usize, &'b str)> {
        self.values.iter().enumerate().filter_map(|(place, value)| Some((place, (*value)?)))
    }

    pub(super) fn value(&self, place: usize) -> Option<&'b str> {
        self.values.get(place).copied().flatten()
    }

    pub(super) fn elements(&self, list: usize) -> &Elements<'b> {
        &self.lists[list]
    }
}

impl Members {
    /// The members of a resource type; `None` where one object has more of them than a walk can keep apart.
    pub(super) fn new(schema: &ResourceSchema) -> Option<Self> {
        let mut members =
            Self { names: Names::default(), singles: Vec::new(), lists: Vec::new(), core: schema.core.id.clone() };
        let standard = ResourceSchema::standard(&schema.name);
        let mut names = members.attributes(&schema.core, standard.map(|standard| &standard.core), None);
        names.push(("schemas".to_owned(), Member::Schemas));
        names.extend(["id", "meta"].map(|name| (name.to_owned(), Member::Skipped(None))));
        for extension in &schema.extensions {
            let standard = standard.and_then(|standard| standard.extension(&extension.id));
            let inner = Names(members.attributes(extension, standard, Some(&extension.id)));
            names.push((extension.id.clone(), Member::Object(inner)));
        }
        for extension in standard.iter().flat_map(|standard| &standard.extensions) {
            if schema.extension(&extension.id).is_none() {
                names.push((extension.id.clone(), Member::Skipped(Some(extension.id.clone()))));
            }
        }
        members.names = Names(names);
        members.names.are_few().then_some(members)
    }

    fn attributes(
        &mut self,
        schema: &Schema,
        standard: Option<&Schema>,
        extension: Option<&str>,
    ) -> Vec<(String, Member)> {
        let mut names = Vec::new();
        for attribute in schema.attributes.iter().filter(|it| extension.is_some() || !is_fixed(&it.name)) {
            let known = standard.and_then(|standard| standard.attribute(&attribute.name)).unwrap_or(attribute);
            names.push((attribute.name.clone(), self.attribute(attribute, known, extension)));
        }
        for attribute in standard.iter().flat_map(|standard| &standard.attributes) {
            if schema.attribute(&attribute.name).is_none() && (extension.is_some() || !is_fixed(&attribute.name)) {
                let path = extension.map_or_else(String::new, |urn| format!("{urn}:"));
                let logged = !is_read_only(attribute);
                let member = Member::Skipped(logged.then(|| format!("{path}{}", attribute.name)));
                names.push((attribute.name.clone(), member));
            }
        }
        names
    }

    fn attribute(&mut self, attribute: &Attribute, standard: &Attribute, extension: Option<&str>) -> Member {
        if is_read_only(attribute) && is_read_only(standard) {
            return Member::Skipped(None);
        }
        let fixed = is_read_only(attribute);
        match (attribute.multi_valued, attribute.kind) {
            (true, Kind::Complex) if !fixed => {
                let mut parts = Vec::new();
                let names = part_names(attribute, standard, |sub| {
                    if is_read_only(sub) {
                        return Err(None);
                    }
                    parts.push(sub.name.clone());
                    Ok(parts.len() - 1)
                });
                let place = |name: &str| parts.iter().position(|part| part == name);
                let (value, primary) = (place("value"), place("primary"));
                let (extension, name) = (extension.map(str::to_owned), attribute.name.clone());
                self.lists.push(List { extension, name, parts, value, primary });
                Member::List(self.lists.len() - 1, names)
            }
            (false, Kind::Complex) if !fixed => Member::Object(part_names(attribute, standard, |sub| {
                if is_read_only(sub) {
                    let by_rfc = standard.sub(&sub.name).is_none_or(is_read_only);
                    return Err((!by_rfc).then(|| format!("{}.{}", attribute.name, sub.name)));
                }
                Ok(self.single(extension, &attribute.name, Some(&sub.name)))
            })),
            (true, _) | (false, Kind::Complex) => Member::Odd,
            (false, kind) if fixed => Member::Simple(kind, Err(Some(attribute.name.clone()))),
            (false, kind) => Member::Simple(kind, Ok(self.single(extension, &attribute.name, None))),
        }
    }

    fn single(&mut self, extension: Option<&str>, name: &str, sub: Option<&str>) -> usize {
        self.singles.push((extension.map(str::to_owned), name.to_owned(), sub.map(str::to_owned)));
        self.singles.len() - 1
    }

    /// The place of a simple value.
    pub(super) fn place(&self, extension: Option<&str>, name: &str, sub: Option<&str>) -> Option<usize> {
        let is_it = |(urn, attribute, part): &(Option<String>, String, Option<String>)| {
            urn.as_deref() == extension && attribute == name && part.as_deref() == sub
        };
        self.singles.iter().position(is_it)
    }

    /// Whether a resource made of a body never has a value there: the client's has no effect.
    pub(super) fn never_hold(&self, extension: Option<&str>, name: &str, sub: Option<&str>) -> bool {
        let names = match extension {
            None => Some(&self.names),
            Some(urn) => match self.names.member(urn) {
                Some(Member::Object(names)) => Some(names),
                Some(_) | None => None,
            },
        };
        let member = names.and_then(|names| names.member(name));
        match (member, sub) {
            (Some(Member::Object(names) | Member::List(_, names)), Some(sub)) => {
                !names.member(sub).is_some_and(Member::counts)
            }
            (member, _) => !member.is_some_and(Member::counts),
        }
    }

    /// A list of objects.
    pub(super) fn list(&self, extension: Option<&str>, name: &str) -> Option<usize> {
        self.lists.iter().position(|list| list.extension.as_deref() == extension && list.name == name)
    }

    /// The sub-attributes that an element of a list keeps.
    pub(super) fn parts(&self, list: usize) -> &[String] {
        &self.lists[list].parts
    }

    /// Finds the members of a body.
    pub(super) fn read<'b>(&'b self, text: &'b str) -> Result<Body<'b>, Odd> {
        let mut body = self.nothing();
        self.fill(text, &mut body)?;
        let lists_fit = self.lists.iter().zip(&body.lists).all(|(list, elements)| list.fits(elements));
        if body.names_core && lists_fit { Ok(body) } else { Err(Odd) }
    }

    /// A body without members.
    pub(super) fn nothing<'b>(&self) -> Body<'b> {
        let empty = |list: &List| Elements { parts: Vec::new(), width: list.parts.len(), primary: list.primary };
        Body {
            values: vec![None; self.singles.len()],
            lists: self.lists.iter().map(empty).collect(),
            names_core: false,
            is_more: false,
            ignored: Vec::new(),
        }
    }

    /// Finds the members of an object.
    pub(super) fn fill<'b>(&'b self, text: &'b str, body: &mut Body<'b>) -> Result<(), Odd> {
        let mut source = serde_json::Deserializer::from_str(text);
        let Body { values, lists, names_core, is_more, ignored } = body;
        let seen = Seen { lists, names_core, is_more, ignored, core: &self.core };
        let walk = Walk { names: &self.names, values, seen, may_be_null: false };
        walk.deserialize(&mut source).and_then(|()| source.end()).map_err(|_| Odd)
    }

    /// Takes the value at a path of plain names: `active`, `name.familyName`.
    pub(super) fn set<'b>(&self, path: &str, text: &'b str, body: &mut Body<'b>) -> Result<(), Odd> {
        let member = match path.split_once('.') {
            None => self.names.member(path),
            Some((name, sub)) => match self.names.member(name) {
                Some(Member::Object(names)) => names.member(sub),
                Some(_) | None => None,
            },
        };
        let Some(Member::Simple(kind, Ok(place))) = member else { return Err(Odd) };
        let value = simple(text, *kind)?.ok_or(Odd)?;
        *body.values.get_mut(*place).ok_or(Odd)? = Some(value);
        Ok(())
    }
}

impl List {
    /// Whether the elements are told apart by their `value`, with one primary among them at most.
    fn fits(&self, elements: &Elements<'_>) -> bool {
        let is_primary = |element: &&[Option<&str>]| self.primary.is_some_and(|part| element[part] == Some("true"));
        let count = elements.all().len();
        let Some(value) = self.value else { return count <= 1 };
        let value = |element: &[Option<&str>]| element[value].map(str::to_owned);
        count <= MOST_ELEMENTS
            && elements.all().filter(is_primary).count() <= 1
            && elements.all().enumerate().all(|(index, element)| {
                value(element).is_some() && elements.all().take(index).all(|before| value(before) != value(element))
            })
    }
}

/// The parts of a complex attribute; `place` gives those that count theirs, and the others the name that is logged.
fn part_names(
    attribute: &Attribute,
    standard: &Attribute,
    mut place: impl FnMut(&Attribute) -> Result<usize, Option<String>>,
) -> Names {
    let mut names = Vec::new();
    for sub in &attribute.sub_attributes {
        let member = if sub.multi_valued { Member::Odd } else { Member::Simple(sub.kind, place(sub)) };
        names.push((sub.name.clone(), member));
    }
    let others = standard.sub_attributes.iter().map(|sub| sub.name.as_str()).chain(["display", "$ref"]);
    for name in others {
        if attribute.sub(name).is_none() && !names.iter().any(|(known, _)| known == name) {
            let logged = !matches!(name, "display" | "$ref");
            let member = Member::Skipped(logged.then(|| format!("{}.{name}", attribute.name)));
            names.push((name.to_owned(), member));
        }
    }
    Names(names)
}

fn is_read_only(attribute: &Attribute) -> bool {
    attribute.mutability == Mutability::ReadOnly
}

impl Member {
    /// Whether a value of it can have an effect.
    fn counts(&self) -> bool {
        match self {
            Self::Simple(_, Ok(_)) | Self::Object(_) | Self::List(..) => true,
            // Anything but null is for values.
            Self::Simple(_, Err(_)) | Self::Schemas | Self::Skipped(_) | Self::Odd => false,
        }
    }
}

impl Names {
    fn member(&self, name: &str) -> Option<&Member> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, member)| member)
    }

    /// Whether each object's members can be kept apart by a bit each.
    fn are_few(&self) -> bool {
        self.0.len() <= 64
            && self.0.iter().all(|(_, member)| match member {
                Member::Object(names) | Member::List(_, names) => names.are_few(),
                Member::Schemas | Member::Skipped(_) | Member::Simple(..) | Member::Odd => true,
            })
    }
}

/// The walk over one object.
struct Walk<'s, 'b> {
    names: &'b Names,
    values: &'s mut [Option<&'b str>],
    seen: Seen<'s, 'b>,
    may_be_null: bool,
}

/// What a walk finds beside the values.
struct Seen<'s, 'b> {
    lists: &'s mut [Elements<'b>],
    names_core: &'s mut bool,
    is_more: &'s mut bool,
    ignored: &'s mut Vec<&'b str>,
    core: &'b str,
}

impl<'b> Seen<'_, 'b> {
    /// The same for an object inside.
    fn inside(&mut self) -> Seen<'_, 'b> {
        let Seen { lists, names_core, is_more, ignored, core } = self;
        Seen { lists, names_core, is_more, ignored, core }
    }

    /// Notes the name of an attribute that is ignored, once.
    fn note(&mut self, name: Option<&'b str>) {
        let known = |name: &&str| self.ignored.contains(name);
        self.ignored.extend(name.filter(|name| !known(name)));
    }
}

impl<'b> DeserializeSeed<'b> for Walk<'_, 'b> {
    type Value = ();

    fn deserialize<D: Deserializer<'b>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

impl<'b> Visitor<'b> for Walk<'_, 'b> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        *self.seen.is_more = true;
        if self.may_be_null { Ok(()) } else { Err(odd()) }
    }

    fn visit_map<A: MapAccess<'b>>(mut self, mut members: A) -> Result<(), A::Error> {
        let mut known = 0_u64;
        while let Some(place) = members.next_key_seed(Key(self.names))? {
            let Some((_, member)) = place.and_then(|place| self.names.0.get(place)) else { return Err(odd()) };
            // A member that stands twice is for values.
            let bit = place.map_or(0, |place| 1_u64 << place);
            if known & bit != 0 {
                return Err(odd());
            }
            known |= bit;
            self.member(member, &mut members)?;
        }
        // In a PATCH, an empty object may take a reference away.
        *self.seen.is_more |= known == 0;
        Ok(())
    }
}

impl<'b> Walk<'_, 'b> {
    fn member<A: MapAccess<'b>>(&mut self, member: &'b Member, members: &mut A) -> Result<(), A::Error> {
        match member {
            Member::Schemas => {
                let urns: Vec<&str> = members.next_value()?;
                *self.seen.names_core = urns.iter().any(|urn| urn.eq_ignore_ascii_case(self.seen.core));
            }
            Member::Skipped(name) => {
                let text = members.next_value::<&RawValue>()?.get();
                if text.len() >= MAX_NESTING && !nests_at_most(text.as_bytes(), MAX_NESTING - 3) {
                    return Err(odd());
                }
                self.seen.note(name.as_deref());
            }
            Member::Simple(kind, place) => {
                let value = simple(members.next_value::<&RawValue>()?.get(), *kind).map_err(|Odd| odd())?;
                *self.seen.is_more |= value.is_none() || place.is_err();
                match place {
                    Ok(place) => self.values[*place] = value,
                    Err(name) if value.is_some() => self.seen.note(name.as_deref()),
                    Err(_) => {}
                }
            }
            Member::Object(names) => {
                let (values, seen) = (&mut *self.values, self.seen.inside());
                members.next_value_seed(Walk { names, values, seen, may_be_null: true })?;
            }
            Member::List(list, names) => {
                *self.seen.is_more = true;
                members.next_value_seed(Items { list: *list, names, seen: self.seen.inside() })?;
            }
            Member::Odd => {
                *self.seen.is_more = true;
                if members.next_value::<Option<IgnoredAny>>()?.is_some() {
                    return Err(odd());
                }
            }
        }
        Ok(())
    }
}

/// The walk over a list of objects.
struct Items<'s, 'b> {
    list: usize,
    names: &'b Names,
    seen: Seen<'s, 'b>,
}

impl<'b> DeserializeSeed<'b> for Items<'_, 'b> {
    type Value = ();

    fn deserialize<D: Deserializer<'b>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

impl<'b> Visitor<'b> for Items<'_, 'b> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'b>>(self, mut items: A) -> Result<(), A::Error> {
        let Seen { lists, names_core, is_more, ignored, core } = self.seen;
        let Some(elements) = lists.get_mut(self.list) else { return Err(odd()) };
        loop {
            let start = elements.parts.len();
            elements.parts.resize(start + elements.width, None);
            let Some(values) = elements.parts.get_mut(start..) else { return Err(odd()) };
            // An element holds no lists.
            let seen = Seen { lists: &mut [], names_core, is_more, ignored, core };
            if items.next_element_seed(Walk { names: self.names, values, seen, may_be_null: false })?.is_none() {
                elements.parts.truncate(start);
                return Ok(());
            }
        }
    }
}

/// A member's name, as its position.
struct Key<'b>(&'b Names);

impl<'b> DeserializeSeed<'b> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'b>>(self, source: D) -> Result<Self::Value, D::Error> {
        source.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.0.iter().position(|(known, _)| known == name))
    }
}

fn odd<E: Error>() -> E {
    E::custom("not for the plan")
}

/// A value that can be copied as it stands; `Ok(None)` for null and `""`, which are no values.
fn simple(text: &str, kind: Kind) -> Result<Option<&str>, Odd> {
    if text == "null" || text == "\"\"" {
        return Ok(None);
    }
    let fits = match kind {
        Kind::String | Kind::Binary | Kind::Reference => text.starts_with('"') && !text.contains('\\'),
        // As text, in any case, is how Entra ID writes them.
        Kind::Boolean => {
            let word = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
            let truth = ["true", "false"].into_iter().find(|truth| word.eq_ignore_ascii_case(truth));
            return truth.map(Some).ok_or(Odd);
        }
        Kind::Decimal | Kind::Integer | Kind::DateTime | Kind::Complex => false,
    };
    if fits { Ok(Some(text)) } else { Err(Odd) }
}
