use super::*;
use crate::mapping::diagnostic::Code;

const HEAD: &str =
    "scim_bridge = 1\n[upstream]\nurl = 'https://a.example'\nheaders = { K = '{secret.b}{tenant.name}' }\n";
const RULES: &str = "[User.attributes]\nid = 'id'\nuserName = 'login'\nnickName = 'no'\nactive = 'on'\n";
const CALLS: &str = "[User]\nlist = { call = 'GET /u?page={page}&k={secret.a}', items = '$[*]' }\ncreate = 'POST /u'\nupdate = 'PATCH /u/{id}'\n";

/// A mapping of User with `more` below `[User]`.
fn loaded(more: &str) -> (Option<Mapping>, Vec<(Code, String)>) {
    let text = format!("{HEAD}{RULES}{CALLS}{more}\n");
    let mut found = Diagnostics::new("m.toml");
    let mapping = load(&Source::new("m.toml", &text), &mut found);
    (mapping, found.found.into_iter().map(|finding| (finding.code, text[finding.span].to_owned())).collect())
}

/// The one resource type of a mapping without errors.
fn user(more: &str) -> TypeMapping {
    let (mapping, found) = loaded(more);
    assert!(found.iter().all(|(code, _)| *code == Code::W33), "{found:?}");
    mapping.unwrap().types.remove(0)
}

#[test]
fn the_key_is_the_scim_name_or_what_is_said() {
    let name = |user: &TypeMapping| user.view.rules[user.key.unwrap()].name.clone();
    assert_eq!(name(&user("")), "userName");
    assert_eq!(name(&user("key = 'nickname'")), "nickName");
}

#[test]
fn delete_is_nothing_calls_or_a_change() {
    assert!(matches!(user("").delete, Delete::None));
    assert!(matches!(user("delete = 'DELETE /u/{id}'").delete, Delete::Calls(calls) if calls.len() == 1));
    let user = user("delete = { set = { active = false } }");
    let Delete::Set(set) = &user.delete else { panic!("{:?}", user.delete) };
    assert_eq!((user.view.rules[set[0].0].name.as_str(), &set[0].1), ("active", &serde_json::Value::Bool(false)));
}

#[test]
fn a_hidden_record_is_never_streamed() {
    assert!(user("hide = '$.record.gone == true'").plan.is_none());
    let shown = user("");
    assert_eq!(shown.plan.is_some(), ReadPlan::compile(&shown.view).is_some());
}

#[test]
fn secrets_are_listed_once_with_their_first_place() {
    let (mapping, _) = loaded("constants = { c = '{secret.b}' }");
    let secrets = mapping.unwrap().secrets;
    assert_eq!(secrets.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(&HEAD[secrets[0].1.clone()], "{secret.b}");
}

#[test]
fn the_keys_of_a_type_are_checked() {
    let cases = [
        ("a key without a rule", "key = 'nickNaem'", Code::E28, "'nickNaem'"),
        ("a set without a rule", "delete = { set = { title = 'x' } }", Code::E28, "title"),
        ("a set of the id", "delete = { set = { id = 'x' } }", Code::E19, "id"),
        ("hide by the old record", "hide = '$.old.x == 1'", Code::E17, "'$.old.x == 1'"),
        ("hide by no condition", "hide = '$.record.x = 1'", Code::E12, "="),
        ("constants of a later scope", "constants = { a = { b = '{old.x}' } }", Code::E17, "{old.x}"),
        ("constants of themselves", "constants = { a = '{record.x}' }", Code::E17, "{record.x}"),
        ("constants of what is kept", "constants = { a = ['{kept.x?}'] }", Code::E17, "{kept.x?}"),
    ];
    for (name, more, code, place) in cases {
        let (mapping, found) = loaded(more);
        let found: Vec<_> = found.into_iter().filter(|(code, _)| *code != Code::W33).collect();
        assert_eq!(found, [(code, place.to_owned())], "{name}");
        assert!(mapping.is_none(), "{name}");
    }
}

#[test]
fn a_set_needs_update_calls() {
    let text = format!("{HEAD}{RULES}[User]\nget = 'GET /u/{{id}}'\ndelete = {{ set = {{ active = false }} }}\n");
    let mut found = Diagnostics::new("m.toml");
    assert!(load(&Source::new("m.toml", text), &mut found).is_none());
    assert_eq!(found.found.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::E20]);
}
