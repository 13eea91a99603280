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

const CALLS: &str = "get = 'GET /users/{id}'\ncreate = 'POST /users'\nupdate = 'PATCH /users/{id}'";

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
fn what_is_left_undone_is_told() {
    const LIST: &str = "list = { call = 'GET /users?page={page}', items = '$[*]' }\ncreate = 'POST /users'";
    for (rules, calls, code) in [
        ("", CALLS, Some(Code::W74)),
        ("", "get = 'GET /users/{id}'", None),
        ("active = { show = 'true', lossy = 'reject' }", CALLS, None),
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
