use super::*;
use crate::mapping::compile::load;

/// A mapping that is fine: rules of User, what else belongs to User, and calls.
fn mapping(rules: &str, calls: &str) -> String {
    format!(
        "scim_bridge = 1\n[upstream]\nurl = 'https://a.example/{{tenant.org}}'\nheaders = {{ K = '{{secret.key}}', L = '{{secret.key}}{{secret.other}}' }}\n\
         [User.attributes]\nid = 'id'\nuserName = 'login'\n{rules}\n[User]\n{calls}\n"
    )
}

const LIST: &str = "list = { call = 'GET /users?page={page}', items = '$[*]' }\n";
const WRITES: &str = "create = 'POST /users'\nupdate = 'PATCH /users/{id}'\n";

/// What is found in a text, as code and message.
fn findings(text: &str) -> Vec<(Code, String)> {
    let mut found = Diagnostics::new("m.toml");
    load(&Source::new("m.toml", text), &mut found);
    found.found.into_iter().map(|finding| (finding.code, finding.message)).collect()
}

#[test]
fn a_mapping_without_fault_has_no_finding() {
    let cases = [
        ("reads and writes", mapping("title = 't'", &format!("{LIST}{WRITES}"))),
        ("reads only: writes are 501", mapping("title = 't'", LIST)),
        ("get alone", mapping("", "get = 'GET /users/{id}'")),
        ("no update: changes are 501", mapping("title = 't'", &format!("{LIST}create = 'POST /users'"))),
        (
            "a create that leaves to update",
            mapping(
                "title = 't'",
                &format!(
                    "{LIST}update = 'PATCH /users/{{id}}'\ncreate = {{ call = 'POST /users', without = ['title'] }}"
                ),
            ),
        ),
        ("a read-only attribute", mapping("title = { at = 't', mutability = 'readOnly' }", &format!("{LIST}{WRITES}"))),
        (
            "an immutable attribute that only create carries",
            mapping(
                "title = { at = 't', mutability = 'immutable' }",
                &format!(
                    "{LIST}create = 'POST /users'\nupdate = {{ call = 'PATCH /users/{{id}}', without = ['title'] }}"
                ),
            ),
        ),
        ("a list with a total", mapping("", "list = { call = 'GET /users', items = '$.u[*]', total = '$.n' }")),
        ("a list with a next page", mapping("", "list = { call = 'GET /users', items = '$.u[*]', next = 'link' }")),
        (
            "a search needs no paging",
            mapping(
                "",
                "list = [{ call = 'GET /users?login={filter.userName}', items = '$[*]' }, { call = 'GET /users?page={page}', items = '$[*]' }]",
            ),
        ),
        (
            "a filter that one rule feeds",
            mapping(
                "'emails[type eq \"work\"].value' = 'e'",
                "list = { call = 'GET /u?page={page}&e={filter.emails.value?}', items = '$[*]' }",
            ),
        ),
    ];
    for (name, text) in cases {
        assert_eq!(findings(&text), [], "{name}");
    }
}

#[test]
fn what_no_call_carries_is_found() {
    let partial =
        |update: &str| format!("{LIST}create = {{ call = 'POST /users', without = ['title'] }}\nupdate = {update}");
    let cases = [
        (
            "neither create nor update",
            partial("{ call = 'PATCH /users/{id}', without = ['title'] }"),
            "nothing sends `title` to the upstream",
        ),
        (
            "create alone",
            format!("{LIST}create = 'POST /users'\nupdate = {{ call = 'PATCH /users/{{id}}', without = ['title'] }}"),
            "nothing sends a change of `title` to the upstream",
        ),
        (
            "a body without it",
            partial("{ call = 'PATCH /users/{id}', body = { n = '{scim.userName}' } }"),
            "nothing sends `title` to the upstream",
        ),
    ];
    for (name, calls, message) in cases {
        assert_eq!(findings(&mapping("title = 't'", &calls)), [(Code::E06, message.to_owned())], "{name}");
    }
}

#[test]
fn a_filter_that_several_rules_feed_is_found() {
    let list = |attribute: &str| {
        format!("list = {{ call = 'GET /u?page={{page}}&e={{filter.{attribute}?}}', items = '$[*]' }}")
    };
    let two = "'emails[type eq \"work\"].value' = 'e'\n'emails[type eq \"home\"].value' = 'h'\n'emails[type eq \"home\"].display' = 'd'";
    let cases = [
        ("a value of two", two, "emails.value", vec![Code::E10]),
        ("the list itself", two, "emails", vec![Code::E10]),
        ("a sub-attribute of one", two, "emails.display", vec![]),
        ("another attribute", two, "userName", vec![]),
    ];
    for (name, rules, attribute, want) in cases {
        let found = findings(&mapping(rules, &list(attribute)));
        assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), want, "{name}: {found:?}");
    }
}

#[test]
fn an_id_that_changes_is_found_whoever_writes_it() {
    let text = mapping("", &format!("{LIST}{WRITES}")).replace("id = 'id'", "id = 'login'");
    assert_eq!(findings(&text).into_iter().map(|(code, _)| code).collect::<Vec<_>>(), [Code::E07]);
    assert_eq!(
        findings(
            &text
                .replace("'login'\n", "{ at = 'login', mutability = 'immutable' }\n")
                .replace("id = { at = 'login', mutability = 'immutable' }", "id = 'login'")
        ),
        []
    );
}

/// What `against_settings` finds in a mapping that uses `secret.key`, `secret.other` and `tenant.org`.
fn against(secrets: Option<&[&str]>) -> Vec<(Code, String, Option<String>)> {
    let text = mapping("", LIST);
    let mut found = Diagnostics::new("m.toml");
    let mapping = load(&Source::new("m.toml", text), &mut found).unwrap();
    let secrets = secrets.map(|names| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>());
    let variables = BTreeSet::from(["name".to_owned()]);
    let offer = secrets.as_ref().map(|secrets| Offer {
        tenant: "acme",
        settings: "config.toml",
        secrets,
        variables: &variables,
        store: false,
    });
    against_settings(&mapping, offer.as_ref(), &mut found);
    found.found.into_iter().map(|finding| (finding.code, finding.message, finding.label)).collect()
}

#[test]
fn what_the_settings_do_not_offer_is_found() {
    let variable = (Code::E25, "tenant `acme` has no variable `org`".to_owned(), None);
    let undefined = |name: &str, near: Option<&str>| {
        (Code::E11, format!("secret `{name}` is not defined"), near.map(|near| format!("did you mean `{near}`?")))
    };
    let cases = [
        ("both secrets", vec!["key", "other"], vec![variable.clone()]),
        ("one of two", vec!["key"], vec![variable.clone(), undefined("other", None)]),
        ("a slip", vec!["kye", "other"], vec![variable, undefined("key", Some("kye"))]),
    ];
    for (name, secrets, want) in cases {
        assert_eq!(against(Some(&secrets)), want, "{name}");
    }
}

#[test]
fn without_settings_one_note_lists_the_secrets() {
    let message = "this mapping needs secrets from the settings: `key`, `other`".to_owned();
    assert_eq!(against(None), [(Code::N34, message, None)]);
}
