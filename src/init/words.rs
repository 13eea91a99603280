//! The words by which APIs call people, groups, and what is done to them.

/// What an endpoint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Noun {
    /// A person's account.
    User,
    /// A set of them.
    Group,
}

/// Words for a person's account, the surest first.
const USERS: [&str; 15] = [
    "user",
    "account",
    "person",
    "people",
    "employee",
    "staff",
    "member",
    "operator",
    "agent",
    "identity",
    "identities",
    "principal",
    "profile",
    "contact",
    "subscriber",
];

/// Words for a group of people, the surest first.
const GROUPS: [&str; 10] =
    ["group", "team", "usergroup", "role", "department", "unit", "squad", "circle", "organization", "organisation"];

/// Words for those who are in a group.
const MEMBERS: [&str; 4] = ["member", "user", "people", "person"];

impl Noun {
    /// How surely a word, in singular or plural, means the noun: 0 is the surest; `None` where it does not.
    pub(super) fn rank(self, word: &str) -> Option<usize> {
        let words: &[&str] = match self {
            Self::User => &USERS,
            Self::Group => &GROUPS,
        };
        words.iter().position(|known| is_form_of(word, known))
    }

    /// The name of the SCIM resource type.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }
}

/// Whether a word is another one or its plural.
fn is_form_of(word: &str, singular: &str) -> bool {
    let rest = word.strip_prefix(singular);
    matches!(rest, Some("" | "s" | "es")) || singular.strip_suffix('y').is_some_and(|stem| word == format!("{stem}ies"))
}

/// Whether a word means those who are in a group.
pub(super) fn is_members(word: &str) -> bool {
    MEMBERS.iter().any(|known| is_form_of(word, known))
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Verb {
    /// Reads many.
    List,
    /// Reads one.
    Get,
    /// Makes one.
    Create,
    /// Changes one.
    Update,
    /// Takes one away.
    Delete,
    /// Lets one in again.
    Enable,
    /// Shuts one out.
    Disable,
    /// Sets the password.
    Password,
}

impl Verb {
    /// The verb that a word is.
    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "list" | "all" | "index" | "browse" | "page" => Self::List,
            "get" | "info" | "show" | "read" | "fetch" | "view" | "details" | "detail" | "load" => Self::Get,
            "create" | "add" | "new" | "insert" | "register" => Self::Create,
            "update" | "edit" | "modify" | "set" | "change" | "save" | "patch" => Self::Update,
            "delete" | "remove" | "destroy" | "drop" | "erase" => Self::Delete,
            "enable" | "activate" | "reactivate" | "unsuspend" | "unlock" | "unblock" | "restore" | "resume"
            | "unarchive" => Self::Enable,
            "disable" | "deactivate" | "suspend" | "lock" | "block" | "archive" => Self::Disable,
            "password" | "passwd" => Self::Password,
            _ => return None,
        })
    }
}

/// The words of a name: `firstName`, `first_name`, `users.list` and `first-name` are two words each, in lower case.
pub(super) fn split(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = ' ';
    for sign in name.chars() {
        let begins = !last.is_alphanumeric() || (sign.is_uppercase() && !last.is_uppercase());
        if sign.is_alphanumeric() {
            if begins {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(sign.to_lowercase());
            }
        }
        last = sign;
    }
    words
}

/// A name without what tells spellings apart: `first_name`, `firstName` and `FirstName` are one.
pub(super) fn normal(name: &str) -> String {
    name.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_into_words_whatever_their_spelling() {
        let cases = [
            ("firstName", vec!["first", "name"]),
            ("first_name", vec!["first", "name"]),
            ("users.list", vec!["users", "list"]),
            ("addUserToGroup", vec!["add", "user", "to", "group"]),
            ("userID", vec!["user", "id"]),
            ("page[size]", vec!["page", "size"]),
            ("", vec![]),
        ];
        for (name, want) in cases {
            assert_eq!(split(name), want, "{name}");
        }
        assert_eq!(normal("Given-Name"), normal("givenName"));
    }

    #[test]
    fn nouns_are_known_in_singular_and_plural_and_the_surest_comes_first() {
        let cases = [
            (Noun::User, "user", Some(0)),
            (Noun::User, "users", Some(0)),
            (Noun::User, "people", Some(3)),
            (Noun::User, "identities", Some(9)),
            (Noun::User, "usergroup", None),
            (Noun::Group, "teams", Some(1)),
            (Noun::Group, "grouping", None),
        ];
        for (noun, word, want) in cases {
            assert_eq!(noun.rank(word), want, "{word}");
        }
        assert!(is_members("members") && is_members("users") && !is_members("tags"));
    }
}
