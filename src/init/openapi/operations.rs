//! The operations of a document, and which of them are about users and groups.

use serde_json::Value;

use crate::init::openapi::document::Document;
use crate::init::words::{Noun, Verb, is_members, split};

/// One operation.
#[derive(Clone, Debug)]
pub(super) struct Operation<'d> {
    /// `GET`.
    pub(super) method: String,
    /// `/users/{id}`.
    pub(super) path: &'d str,
    /// Its parameters and those of its path.
    pub(super) parameters: Vec<&'d Value>,
    /// The operation itself.
    pub(super) value: &'d Value,
}

/// What an operation is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Something with one resource or all.
    Of(Verb),
    /// Sets whether a user is in.
    Status,
    /// Reads the members of a group.
    Members,
    /// Adds a member.
    Add,
    /// Takes a member out.
    Remove,
}

/// An operation that is about a noun.
#[derive(Clone, Debug)]
pub(super) struct About<'d> {
    /// The operation.
    pub(super) operation: Operation<'d>,
    /// What it does.
    pub(super) role: Role,
    /// The path before the noun; operations of one resource share it.
    pub(super) before: String,
    /// How surely the word means the noun.
    pub(super) rank: usize,
    /// The segments from the noun on.
    pub(super) from: usize,
}

/// The methods that are read.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// All operations of a document.
pub(super) fn all(document: Document<'_>) -> Vec<Operation<'_>> {
    let mut found = Vec::new();
    for (path, item) in document.member("paths").as_object().into_iter().flatten() {
        let item = document.resolve(item);
        for method in METHODS {
            let value = &item[method];
            if !value.is_object() {
                continue;
            }
            let parameters = [&value["parameters"], &item["parameters"]];
            let parameters = parameters.into_iter().filter_map(Value::as_array).flatten();
            found.push(Operation {
                method: method.to_uppercase(),
                path,
                parameters: parameters.map(|parameter| document.resolve(parameter)).collect(),
                value,
            });
        }
    }
    found
}

/// A segment without an ending such as `.json`.
pub(super) fn bare(segment: &str) -> &str {
    [".json", ".xml", ".php", ".do"].iter().find_map(|end| segment.strip_suffix(end)).unwrap_or(segment)
}

fn is_parameter(segment: &str) -> bool {
    segment.contains('{')
}

impl<'d> Operation<'d> {
    /// What the operation has to do with a noun.
    pub(super) fn about(&self, noun: Noun) -> Option<About<'d>> {
        let segments: Vec<&str> = self.path.split('/').filter(|segment| !segment.is_empty()).collect();
        segments.iter().enumerate().find_map(|(from, segment)| {
            if is_parameter(segment) {
                return None;
            }
            let (rank, role) = self.role(noun, &split(bare(segment)), &segments[from + 1..])?;
            let before = segments[..from].join("/");
            Some(About { operation: self.clone(), role, before, rank, from })
        })
    }

    /// The rank of a segment's words, and what the operation does, told by those words and what follows.
    fn role(&self, noun: Noun, words: &[String], rest: &[&str]) -> Option<(usize, Role)> {
        let whole = noun.rank(&words.concat());
        if let Some(rank) = whole {
            return Some((rank, self.role_below(noun, rest)?));
        }
        // One endpoint for each thing that can be done: `users.list`, `createUser`, `add-user-to-group`.
        let rank = words.iter().find_map(|word| noun.rank(word))?;
        let of_both = noun == Noun::User && words.iter().any(|word| Noun::Group.rank(word).is_some());
        if of_both {
            return None;
        }
        let verb = words.iter().find_map(|word| Verb::of(word));
        let of_member = noun == Noun::Group && words.iter().any(|word| is_members(word) && noun.rank(word).is_none());
        let role = if of_member { member(verb?)? } else { named(words, verb?) };
        // What is read of several is read of all.
        let is_plural = words.iter().any(|word| noun.rank(word).is_some() && word.ends_with('s'));
        let is_list =
            role == Role::Of(Verb::Get) && is_plural && rest.is_empty() && words.len() == 2 && words[0] == "get";
        rest.iter()
            .all(|segment| is_parameter(segment))
            .then_some((rank, if is_list { Role::Of(Verb::List) } else { role }))
    }

    /// What is done, told by the segments behind the noun.
    fn role_below(&self, noun: Noun, rest: &[&str]) -> Option<Role> {
        let method = self.method.as_str();
        let words: Vec<Vec<String>> = rest.iter().map(|segment| split(bare(segment))).collect();
        let is = |index: usize| is_parameter(rest[index]);
        match rest.len() {
            0 => match method {
                "GET" => Some(Role::Of(Verb::List)),
                "POST" => Some(Role::Of(Verb::Create)),
                _ => None,
            },
            1 if is(0) => Some(Role::Of(match method {
                "GET" => Verb::Get,
                "DELETE" => Verb::Delete,
                _ => Verb::Update,
            })),
            1 => self.action(noun, &words[0]),
            2 if is(0) && !is(1) => self.action(noun, &words[1]),
            2 if is(1) && !is(0) => self.action(noun, &words[0]).filter(|role| *role != Role::Of(Verb::List)),
            3 if is(0) && is(2) && noun == Noun::Group && words[1].iter().any(|word| is_members(word)) => {
                match method {
                    "PUT" | "POST" => Some(Role::Add),
                    "DELETE" => Some(Role::Remove),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// What a word behind the noun, or behind one resource, does.
    fn action(&self, noun: Noun, words: &[String]) -> Option<Role> {
        let verb = words.iter().find_map(|word| Verb::of(word));
        if noun == Noun::Group && words.iter().any(|word| is_members(word)) {
            return match (verb, self.method.as_str()) {
                (Some(verb), _) => member(verb),
                (None, "GET") => Some(Role::Members),
                (None, "POST") => Some(Role::Add),
                (None, _) => None,
            };
        }
        if words.iter().any(|word| matches!(word.as_str(), "status" | "state" | "active" | "enabled")) {
            return (self.method != "GET" && self.method != "DELETE").then_some(Role::Status);
        }
        // Of a word that is no verb nothing is known; one verb beside other words is about something else.
        verb.filter(|_| words.len() == 1 || words.iter().any(|word| word == "password")).map(|verb| named(words, verb))
    }
}

/// The role of a verb about a member.
fn member(verb: Verb) -> Option<Role> {
    match verb {
        Verb::Create | Verb::Enable => Some(Role::Add),
        Verb::Delete | Verb::Disable => Some(Role::Remove),
        Verb::List | Verb::Get => Some(Role::Members),
        Verb::Update | Verb::Password => None,
    }
}

/// The role of a verb, with what its words say beside it: `setActiveStatus`, `changePassword`.
fn named(words: &[String], verb: Verb) -> Role {
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    if verb == Verb::Update && has(&["password"]) {
        Role::Of(Verb::Password)
    } else if verb == Verb::Update && has(&["active", "status", "state", "enabled"]) {
        Role::Status
    } else {
        Role::Of(verb)
    }
}

/// The operations about a noun that belong together: of the surest word, of the shortest way to it.
pub(super) fn of_noun<'d>(operations: &[Operation<'d>], noun: Noun) -> Vec<About<'d>> {
    let about: Vec<About<'d>> = operations.iter().filter_map(|operation| operation.about(noun)).collect();
    let weight = |one: &About<'_>| {
        let alike = about.iter().filter(|other| other.before == one.before && other.rank == one.rank).count();
        let parameters = one.before.matches('{').count();
        // A place with several operations is a resource; one below another resource is a view of it.
        (parameters * 20 + one.rank * 2 + one.from, usize::MAX - alike)
    };
    let can_be_read = |one: &&About<'_>| matches!(one.role, Role::Of(Verb::List | Verb::Get));
    let Some(best) = about.iter().filter(can_be_read).min_by_key(|one| weight(one)) else { return Vec::new() };
    let (before, rank) = (best.before.clone(), best.rank);
    about.into_iter().filter(|one| one.before == before && one.rank == rank).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_tell_what_is_done_to_whom() {
        let cases = [
            ("get", "/users", Noun::User, Some(Role::Of(Verb::List))),
            ("post", "/v1/users.json", Noun::User, Some(Role::Of(Verb::Create))),
            ("get", "/users/{id}.json", Noun::User, Some(Role::Of(Verb::Get))),
            ("patch", "/api/people/{personId}", Noun::User, Some(Role::Of(Verb::Update))),
            ("post", "/users/{id}/deactivate", Noun::User, Some(Role::Of(Verb::Disable))),
            ("put", "/users/{id}/password", Noun::User, Some(Role::Of(Verb::Password))),
            ("put", "/users/{id}/status", Noun::User, Some(Role::Status)),
            ("get", "/api/v1/users.list", Noun::User, Some(Role::Of(Verb::List))),
            ("post", "/api/v1/users.setActiveStatus", Noun::User, Some(Role::Status)),
            ("get", "/getUsers", Noun::User, Some(Role::Of(Verb::List))),
            ("get", "/getUser", Noun::User, Some(Role::Of(Verb::Get))),
            ("post", "/user/create", Noun::User, Some(Role::Of(Verb::Create))),
            ("get", "/users/me", Noun::User, None),
            ("get", "/users/search", Noun::User, None),
            ("get", "/orders", Noun::User, None),
            ("get", "/groups/{id}/members", Noun::Group, Some(Role::Members)),
            ("put", "/groups/{id}/members/{userId}", Noun::Group, Some(Role::Add)),
            ("delete", "/teams/{id}/users/{userId}", Noun::Group, Some(Role::Remove)),
            ("post", "/groups/{id}/addMember", Noun::Group, Some(Role::Add)),
            ("post", "/addUserToGroup", Noun::Group, Some(Role::Add)),
            ("get", "/groups/{id}/settings", Noun::Group, None),
        ];
        for (method, path, noun, want) in cases {
            let value = json!({});
            let operation = Operation { method: method.to_uppercase(), path, parameters: Vec::new(), value: &value };
            assert_eq!(operation.about(noun).map(|about| about.role), want, "{method} {path}");
        }
    }
}
