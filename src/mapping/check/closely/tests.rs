use super::*;
use crate::mapping::compile::load;

/// What is found in a mapping with these rules beside `id` and `userName`, as code and text.
fn findings(rules: &str, calls: &str) -> Vec<(Code, String)> {
    let text = format!(
        "scim_bridge = 1\nupstream.url = 'https://a.example'\n[User.attributes]\nid = 'id'\nuserName = 'login'\n{rules}\n[User]\n{calls}\n"
    );
    let source = Source::new("m.toml", &text);
    let mut found = Diagnostics::new("m.toml");
    let mapping = load(&source, &mut found).unwrap_or_else(|| panic!("{rules}: {:?}", found.found));
    found.found.clear();
    closely(&source, &mapping, &mut found);
    found.found.into_iter().map(|finding| (finding.code, format!("{} {:?}", finding.message, finding.notes))).collect()
}

const CALLS: &str = "get = 'GET /users/{id}'\ncreate = { call = 'POST /users', capture = { id = '$.id' } }\nupdate = 'PATCH /users/{id}'";

#[test]
fn rules_that_hold_have_no_finding() {
    for rules in [
        "title = 'job'",
        "title = { at = 'job', unset = '' }",
        "title = { at = 'job', case = 'upper' }",
        "title = { at = 'job', scim_text = 'Dr. {}' }",
        "title = { at = 'job', text = 'CORP\\{}' }",
        "locale = { at = 'l', replace = { '-' = '_' } }",
        "name = { at = 'n', text = '{givenName} {familyName*}' }",
        "name = { at = 'n', text = '{givenName} {familyName}', lossy = 'warn' }",
        "name = { at = 'n', text = '{givenName} {familyName}', lossy = 'reject' }",
        "roles = { at = 'r', split = ',' }",
        "roles = { at = 'r', split = ',', map = { a = 'x', b = 'y' } }",
        "roles = { at = 'r', bits = { read = 1, write = 2 } }",
        "roles = { at = 'r', single = 'replace' }",
        "emails = { at = 'e', each = { value = 'v', type = { at = 't', map = { work = 1, home = 2 } }, primary = 'p' } }",
        "'emails[type eq \"work\"].value' = \"$.mails[?@.kind == 'w'].addr\"",
        "timezone = { read_at = 'a.tz', write_at = 'tz' }",
        "'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value' = { at = 'boss', type = 'int' }",
    ] {
        assert_eq!(findings(&format!("{rules}\nactive = 'on'"), CALLS), [], "{rules}");
    }
    for active in [
        "{ at = \"$.groups[?@.id == '9']\", present = false }",
        "{ at = 'on', type = 'int' }",
        "{ at = 'off', map = { true = false, false = true } }",
    ] {
        assert_eq!(findings(&format!("active = {active}"), CALLS), [], "{active}");
    }
}

#[test]
fn a_value_that_a_rule_names_and_cannot_write_is_told() {
    for (rules, told) in [
        ("title = { at = 'job', case = 'lower', map = { Cook = 1 } }", "`title` cannot be set to \"Cook\""),
        ("roles = { at = 'r', split = ',', map = { a = 'x,y', b = 'z' } }", "`roles` cannot be set to \"a\""),
        ("roles = { at = 'r', split = ',', map = { a = 1, b = 2 } }", "`roles` cannot be set to \"a\""),
        (
            "nickName = { at = 'n', unset = 'none', map = { none = 'none', some = 's' } }",
            "`nickName` cannot be set to \"none\"",
        ),
    ] {
        let found = findings(&format!("{rules}\nactive = 'on'"), CALLS);
        assert!(matches!(found.as_slice(), [(Code::E03, text)] if text.starts_with(told)), "{rules}: {found:?}");
    }
}

#[test]
fn a_value_that_does_not_read_back_is_shown() {
    for rules in [
        "addresses = { at = 'a', each = { formatted = 'f', locality = { at = 'l', time = '%I:%M %d.%m.%Y' } } }",
        "nickName = { at = 'n', time = '%Y-%m-%d %I:%M:%S' }",
    ] {
        let found = findings(&format!("{rules}\nactive = 'on'"), CALLS);
        assert!(matches!(found.as_slice(), [(Code::W04, text)] if text.contains(" -> ")), "{rules}: {found:?}");
    }
}

#[test]
fn what_cannot_be_found_again_or_taken_back_is_told() {
    const FOUND: &str =
        "list = { call = 'GET /users?n={filter.userName?}&page={page}', items = '$[*]' }\nupdate = 'PATCH /users/{id}'";
    const STUBS: &str =
        "get = 'GET /users/{id}'\nlist = { call = 'GET /users?page={page}', items = '$[*]', complete = false }";
    for (name, calls, codes) in [
        (
            "an id in the answer or nowhere",
            "get = 'GET /users/{id}'\ncreate = 'POST /users'".to_owned(),
            vec![Code::W93],
        ),
        (
            "a captured id",
            "get = 'GET /users/{id}'\ncreate = { call = 'POST /users', capture = { id = '$' } }".to_owned(),
            vec![],
        ),
        (
            "a record in the answer",
            "get = 'GET /users/{id}'\ncreate = { call = 'POST /users', item = '$.u' }".to_owned(),
            vec![],
        ),
        ("a search", format!("{FOUND}\ncreate = 'POST /users'"), vec![]),
        (
            "a search by another attribute",
            "list = { call = 'GET /users?i={filter.id}', items = '$[*]' }\ncreate = 'POST /users'".to_owned(),
            vec![Code::W75, Code::W93],
        ),
        (
            "a revival",
            format!("{FOUND}\ncreate = 'POST /users'\ndelete = 'DELETE /users/{{id}}'\nexisting = 'revive'"),
            vec![Code::W92],
        ),
        (
            "a revival of what is set",
            format!("{FOUND}\ncreate = 'POST /users'\ndelete = {{ set = {{ active = false }} }}\nexisting = 'revive'"),
            vec![],
        ),
        (
            "a revival of what is hidden",
            format!(
                "{FOUND}\ncreate = 'POST /users'\ndelete = 'DELETE /users/{{id}}'\nexisting = 'revive'\nhide = '$.record.gone == true'"
            ),
            vec![],
        ),
        ("one call an item", STUBS.to_owned(), vec![Code::W91]),
    ] {
        let found = findings("active = 'on'", &calls);
        assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), codes, "{name}: {found:?}");
    }
}

#[test]
fn what_is_often_meant_is_told_by_the_strict_check() {
    let text = "scim_bridge = 1\nupstream.url = 'https://a.example'\n[User]\nget = 'GET /u/{id}'\nupdate = 'PATCH /u/{id}'\n\
                delete = 'DELETE /u/{id}'\n[User.attributes]\nid = 'id'\nuserName = 'login'\nactive = 'on'\n";
    let source = Source::new("m.toml", text);
    let found = |look: fn(&Source, &Mapping, &mut Diagnostics)| {
        let mut found = Diagnostics::new("m.toml");
        look(&source, &load(&source, &mut Diagnostics::new("m.toml")).unwrap(), &mut found);
        found.found.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(found(closely), []);
    assert_eq!(found(strictly), [Code::W92]);
}

#[test]
fn what_is_left_undone_is_told() {
    const LIST: &str = "list = { call = 'GET /users?page={page}', items = '$[*]' }\ncreate = 'POST /users'";
    for (rules, calls, code) in [
        ("", CALLS, Some(Code::W74)),
        ("", "get = 'GET /users/{id}'", None),
        ("active = { show = 'true', lossy = 'reject' }", CALLS, None),
        ("active = 'on'\ntitle = { write_at = 'job' }", CALLS, Some(Code::W94)),
        ("active = 'on'\ntitle = { write_at = 'job', mutability = 'writeOnly' }", CALLS, None),
        ("active = { at = 's', map = { true = 1, false = 0 } }", CALLS, Some(Code::W76)),
        ("active = { at = 's', map = { true = 1, false = 0 }, read_default = false }", CALLS, None),
        ("", LIST, Some(Code::W75)),
        ("", "list = { call = 'GET /users?page={page}', items = '$[*]' }", None),
        (
            "groups = { at = 'g', mutability = 'readOnly' }",
            "get = [{ call = 'GET /u/{id}' }, { call = 'GET /u/{id}/g', into = 'h' }]",
            Some(Code::W73),
        ),
        (
            "groups = { at = 'g', mutability = 'readOnly' }",
            "get = [{ call = 'GET /u/{id}' }, { call = 'GET /u/{id}/g', into = 'g' }]",
            None,
        ),
    ] {
        let found = findings(rules, calls);
        assert_eq!(found.first().map(|(code, _)| *code), code, "{rules} {calls}: {found:?}");
        assert!(found.len() <= 1, "{found:?}");
    }
}
