//! Membership that is changed at the user: `PUT /users/{userId}/groups/{groupId}`.

use crate::init::api::{Call, Resource};
use crate::init::openapi::operations::{Operation, bare};
use crate::init::openapi::requests::hole;
use crate::init::words::{Noun, split};

/// Gives a group the calls that add and remove members, where only the users have them.
pub(super) fn complete(operations: &[Operation<'_>], group: &mut Resource) {
    if group.add.is_some() || group.remove.is_some() {
        return;
    }
    for operation in operations {
        let Some(path) = filled(operation.path) else { continue };
        let call = Call { request: format!("{} {path}", operation.method), ..Call::default() };
        match operation.method.as_str() {
            "PUT" | "POST" => group.add = group.add.take().or(Some(call)),
            "DELETE" => group.remove = group.remove.take().or(Some(call)),
            _ => {}
        }
    }
}

/// The path with the bridge's holes; `None` where it is no user with a group behind it.
fn filled(path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let (before, [users, user, groups, group]) = segments.split_last_chunk::<4>()?;
    let is = |noun: Noun, segment: &str| hole(segment).is_none() && noun.rank(&split(bare(segment)).concat()).is_some();
    if !is(Noun::User, users) || !is(Noun::Group, groups) {
        return None;
    }
    let with = |segment: &str, filled: &str| Some(segment.replace(&format!("{{{}}}", hole(segment)?), filled));
    let before = before.iter().map(|segment| match hole(segment) {
        Some(name) => segment.replace(&format!("{{{name}}}"), &format!("{{tenant.{}}}", name.replace('-', "_"))),
        None => (*segment).to_owned(),
    });
    let parts: Vec<String> = before
        .chain([(*users).to_owned(), with(user, "{item}")?, (*groups).to_owned(), with(group, "{id}")?])
        .collect();
    Some(format!("/{}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_behind_a_user_is_a_membership() {
        let cases = [
            ("/users/{userId}/groups/{groupId}", Some("/users/{item}/groups/{id}")),
            (
                "/realms/{realm}/users/{user-id}/groups/{id}.json",
                Some("/realms/{tenant.realm}/users/{item}/groups/{id}.json"),
            ),
            ("/users/{id}/keys/{key}", None),
            ("/users/{id}/groups", None),
            ("/groups/{id}/users/{user}", None),
        ];
        for (path, want) in cases {
            assert_eq!(filled(path).as_deref(), want, "{path}");
        }
    }
}
