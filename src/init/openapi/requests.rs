//! The operations of one resource as calls.

use serde_json::{Map, Value};

use crate::init::api::{Call, Listing, Resource};
use crate::init::curl::is_secret;
use crate::init::envelope::{self, is_id};
use crate::init::openapi::document::Document;
use crate::init::openapi::operations::{About, Operation, Role};
use crate::init::paging::{self, Parameter};
use crate::init::shape::{self, Field, type_of};
use crate::init::words::{Noun, Verb};

/// The calls of a resource.
pub(super) fn resource<'d>(document: Document<'d>, about: &[About<'d>], noun: Noun) -> Resource {
    let mut resource = Resource::new(noun);
    let of =
        |role: Role| about.iter().filter(move |about| about.role == role).map(|about| (&about.operation, about.from));
    let verb = |verb: Verb| of(Role::Of(verb)).next();
    let schema = |found: Option<(&Operation<'d>, usize)>| {
        found.map(|(operation, _)| document.content(document.success(operation.value)))
    };

    let (get, list) = (verb(Verb::Get), verb(Verb::List));
    let (got, listed) = (schema(get), schema(list));
    let element = listed.as_ref().and_then(|schema| envelope::list(schema, noun));
    let record =
        got.as_ref().map(|schema| envelope::record(schema, noun).1).filter(|schema| type_of(schema) == "object");
    resource.record = record.or(element.as_ref().map(|(_, schema)| *schema)).map(shape::fields).unwrap_or_default();

    let reader = Reader { document, noun, record: &resource.record };
    // PATCH before PUT before POST: what says least about the rest of the record.
    let methods = ["PATCH", "PUT", "POST"];
    let update =
        methods.iter().find_map(|method| of(Role::Of(Verb::Update)).find(|(operation, _)| operation.method == *method));
    let call = |role: Role, found: Option<(&Operation<'d>, usize)>| {
        found.map(|(operation, from)| reader.call(role, operation, from))
    };
    let one = |role: Role| call(role, of(role).next());
    let create = verb(Verb::Create);
    let (created, updated) = (
        create.and_then(|(operation, _)| reader.accepted(operation)),
        update.and_then(|(operation, _)| reader.accepted(operation)),
    );
    let key = get.or(update).or_else(|| verb(Verb::Delete)).and_then(|(operation, from)| reader.key(operation, from));
    let members = of(Role::Members).next().and_then(|(operation, from)| reader.listing(operation, from, Noun::User));
    let listing = list.and_then(|(operation, from)| reader.listing(operation, from, noun));
    let get_call = one(Role::Of(Verb::Get));
    let calls = [
        one(Role::Of(Verb::Create)),
        call(Role::Of(Verb::Update), update),
        one(Role::Of(Verb::Delete)),
        one(Role::Of(Verb::Enable)),
        one(Role::Of(Verb::Disable)),
    ];
    let others = [one(Role::Status), one(Role::Of(Verb::Password)), one(Role::Add), one(Role::Remove)];
    if resource.record.is_empty() {
        resource.record = created.clone().unwrap_or_default();
    }
    [resource.create, resource.update, resource.delete, resource.enable, resource.disable] = calls;
    [resource.status, resource.password, resource.add, resource.remove] = others;
    (resource.list, resource.get, resource.created, resource.updated, resource.key) =
        (listing.map(|(listing, _)| listing), get_call, created, updated, key);
    (resource.members, resource.member) =
        members.map_or((None, Vec::new()), |(listing, fields)| (Some(listing), fields));
    resource
}

struct Reader<'r, 'd> {
    document: Document<'d>,
    noun: Noun,
    record: &'r [Field],
}

impl<'d> Reader<'_, 'd> {
    /// The parameters of an operation that stand at a place.
    fn parameters(&self, operation: &Operation<'d>, place: &str) -> Vec<Parameter> {
        let here = operation.parameters.iter().filter(|parameter| parameter["in"] == place);
        here.map(|parameter| Parameter {
            name: parameter["name"].as_str().unwrap_or_default().to_owned(),
            schema: self.parameter_schema(parameter),
            required: parameter["required"] == true,
        })
        .collect()
    }

    /// A parameter's schema, with the example that may stand beside it.
    fn parameter_schema(&self, parameter: &'d Value) -> Value {
        let mut schema = self.document.schema(&parameter["schema"]);
        if let (Some(members), Some(example)) = (schema.as_object_mut(), parameter.get("example")) {
            members.entry("example").or_insert_with(|| example.clone());
        }
        schema
    }

    /// The schema of what an operation is sent, whether it is a form, and what of it is no record but around it.
    fn sent(&self, operation: &Operation<'d>) -> (Value, bool) {
        let body = self.document.resolve(&operation.value["requestBody"]);
        let kinds: Vec<&str> =
            body["content"].as_object().into_iter().flatten().map(|(kind, _)| kind.as_str()).collect();
        let form = !kinds.is_empty() && kinds.iter().all(|kind| kind.contains("x-www-form-urlencoded"));
        (self.document.content(body), form)
    }

    /// The fields that a create or an update takes, by their places in the record; `None` where nobody says.
    fn accepted(&self, operation: &Operation<'d>) -> Option<Vec<Field>> {
        let (schema, _) = self.sent(operation);
        let (_, inner) = self.carried(&schema)?;
        let taken = shape::fields(inner).into_iter().filter(|field| !field.read_only);
        Some(taken.collect::<Vec<_>>()).filter(|fields| !fields.is_empty())
    }

    /// The property of a body that holds the record (`None`: the body itself does), and the record's schema there.
    fn carried<'s>(&self, schema: &'s Value) -> Option<(Option<String>, &'s Value)> {
        let known = |schema: &Value| {
            let names = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name);
            names
                .filter(|name| {
                    self.record
                        .iter()
                        .any(|field| field.path.len() == 1 && field.name() == *name && !is_id(name, self.noun))
                })
                .count()
        };
        let properties = schema["properties"].as_object()?;
        let tables = properties.iter().filter(|(_, value)| type_of(value) == "object");
        let inner = tables.max_by_key(|(_, value)| known(value)).filter(|(_, value)| known(value) > known(schema));
        match inner {
            Some((name, value)) => Some((Some(name.clone()), value)),
            None => (type_of(schema) == "object").then_some((None, schema)),
        }
    }

    /// The parameter of a path by which the resource is addressed: the first behind the noun.
    fn key(&self, operation: &Operation<'d>, from: usize) -> Option<String> {
        let segments = operation.path.split('/').filter(|segment| !segment.is_empty());
        let in_path = segments.skip(from + 1).find_map(hole).map(str::to_owned);
        in_path.or_else(|| {
            self.parameters(operation, "query")
                .into_iter()
                .map(|parameter| parameter.name)
                .find(|name| is_id(name, self.noun))
        })
    }

    /// The path with the bridge's holes: the resource's own, a member's, and of the tenant what stands before.
    fn path(operation: &Operation<'d>, from: usize) -> String {
        let segments = operation.path.split('/').filter(|segment| !segment.is_empty());
        let mut below = 0;
        let filled = segments.enumerate().map(|(index, segment)| match hole(segment) {
            None => segment.to_owned(),
            Some(name) => {
                below += usize::from(index > from);
                let filled = match (index > from, below) {
                    (false, _) => format!("{{tenant.{}}}", name.replace('-', "_")),
                    (true, 1) => "{id}".to_owned(),
                    (true, _) => "{item}".to_owned(),
                };
                segment.replace(&format!("{{{name}}}"), &filled)
            }
        });
        filled.fold(String::new(), |path, segment| path + "/" + &segment)
    }

    /// A call of one resource.
    fn call(&self, role: Role, operation: &Operation<'d>, from: usize) -> Call {
        let mut path = Self::path(operation, from);
        let queries = self.parameters(operation, "query");
        let addressed = path.contains("{id}");
        if let Some(parameter) = queries.iter().find(|parameter| !addressed && is_id(&parameter.name, self.noun)) {
            path = format!("{path}?{}={{id}}", parameter.name);
        }
        let (schema, form) = self.sent(operation);
        let answer = self.document.success(operation.value);
        let content = self.document.content(answer);
        let shows = matches!(role, Role::Of(Verb::Get | Verb::Create | Verb::Update));
        let item =
            Some(envelope::record(&content, self.noun).0).filter(|item| shows && item != "$" && content.is_object());
        let has_location =
            answer["headers"].as_object().into_iter().flatten().any(|(name, _)| name.eq_ignore_ascii_case("location"));
        let collection = operation.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let location = (has_location && !content.is_object()).then(|| format!("{{_}}/{collection}/{{}}"));
        let body = self.body(role, &schema, path.contains("{id}"));
        Call {
            request: format!("{} {path}", operation.method),
            body,
            item,
            answers: content.is_object(),
            location,
            form,
        }
    }

    /// The body, where it is not simply the record: `{ user = "{record}" }`, `{ userId = "{id}" }`.
    fn body(&self, role: Role, schema: &Value, addressed: bool) -> Value {
        let mut body = Map::new();
        let properties = || schema["properties"].as_object().into_iter().flatten();
        let carries_record = matches!(role, Role::Of(Verb::Create | Verb::Update));
        let inner = self.carried(schema).and_then(|(name, _)| name).filter(|_| carries_record);
        // A create knows no id, and a call that has it in its path needs it nowhere else.
        let wants_id = !addressed && role != Role::Of(Verb::Create);
        let id = properties().map(|(name, _)| name).find(|name| wants_id && is_id(name, self.noun));
        if let Some(id) = id {
            body.insert(id.clone(), Value::from("{id}"));
        }
        for (name, value) in properties().filter(|(name, _)| Some(*name) != id) {
            let filled = match &inner {
                Some(inner) if inner == name => Some("{record}".to_owned()),
                // What has one value only, such as the `type` beside the attributes of a record.
                Some(_) => None,
                None if carries_record => (id.is_some() && self.has(name)).then(|| format!("{{record.{name}?}}")),
                None => self.filled(role, name, value),
            };
            let only = value.get("const").or_else(|| value["enum"].get(0).filter(|_| value["enum"].get(1).is_none()));
            let only = only.filter(|_| inner.is_some() || id.is_some()).cloned();
            if let Some(value) = filled.map(Value::from).or(only) {
                body.insert(name.clone(), value);
            }
        }
        if body.is_empty() { Value::Null } else { Value::Object(body) }
    }

    /// The hole for a property of a call that is about one thing: a member, the password, whether one is in.
    fn filled(&self, role: Role, name: &str, value: &Value) -> Option<String> {
        match role {
            Role::Add | Role::Remove => is_id(name, Noun::User).then(|| "{item}".to_owned()),
            Role::Of(Verb::Password) => {
                let is_new = name.to_lowercase().contains("password") || matches!(name, "value" | "secret");
                is_new.then(|| "{scim.password}".to_owned())
            }
            Role::Status if self.has(name) => Some(format!("{{record.{name}}}")),
            Role::Status => (type_of(value) == "boolean").then(|| "{scim.active}".to_owned()),
            Role::Of(_) | Role::Members => None,
        }
    }

    fn has(&self, name: &str) -> bool {
        self.record.iter().any(|field| field.name() == name)
    }

    /// A call that reads many, and the fields of one.
    fn listing(&self, operation: &Operation<'d>, from: usize, noun: Noun) -> Option<(Listing, Vec<Field>)> {
        let answer = self.document.success(operation.value);
        let content = self.document.content(answer);
        let found = envelope::list(&content, noun);
        // Members that nobody can place are none; a list is one, wherever its records are.
        if found.is_none() && noun != self.noun {
            return None;
        }
        let (items, element) = found.unwrap_or((String::new(), &Value::Null));
        let headers: Vec<String> =
            answer["headers"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        let path = Self::path(operation, from);
        let mut listing = Listing {
            call: Call { request: format!("{} {path}", operation.method), ..Call::default() },
            items,
            ..Listing::default()
        };
        let mut parameters = self.parameters(operation, "query");
        // A key is no search: it belongs to every call.
        parameters.retain(|parameter| !is_secret(&parameter.name));
        paging::read(&mut listing, &parameters, &content, &headers);
        Some((listing, shape::fields(element)))
    }
}

/// The parameter in a segment: `{id}.json` has `id`.
pub(super) fn hole(segment: &str) -> Option<&str> {
    segment.split_once('{')?.1.split_once('}').map(|(name, _)| name)
}
