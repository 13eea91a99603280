//! DELETE by several calls: parts that are gone already, and the version of the record between the calls.

use serde_json::{Value, json};

use crate::support::bridge::serve;
use crate::support::case::{Case, HEAD, play};
use crate::support::upstream::{Step, Upstream, expect};

const RULES: &str = r#"
[User.attributes]
id = "id"
userName = "login"
[User]
get = "GET /users/{id}"
[[User.delete]]
call = "DELETE /mailboxes/{id}"
undo = "POST /mailboxes/{id}/restore"
[[User.delete]]
call = "DELETE /users/{id}"
"#;

fn mapping() -> String {
    format!("{HEAD}{RULES}")
}

fn case(name: &'static str, upstream: Vec<Step>, status: u16) -> Case {
    Case { name, upstream, request: "DELETE /Users/7", body: Value::Null, status, wanted: Value::Null }
}

fn mailbox(status: u16) -> Step {
    expect("DELETE /mailboxes/7").answer(status, &Value::Null)
}

fn user(status: u16) -> Step {
    expect("DELETE /users/7").answer(status, &Value::Null)
}

#[tokio::test]
async fn a_part_that_is_gone_does_not_end_a_delete_and_nothing_but_gone_parts_is_404() {
    let restored = || expect("POST /mailboxes/7/restore");
    let cases = vec![
        case("the first part is gone", vec![mailbox(404), user(204)], 204),
        case("the last part is gone", vec![mailbox(204), user(404)], 204),
        case("all parts are gone", vec![mailbox(404), user(404)], 404),
        case("what was deleted is taken back", vec![mailbox(204), user(409), restored()], 409),
        case("what was gone is not", vec![mailbox(404), user(409)], 409),
    ];
    play(&mapping(), cases).await;
}

#[tokio::test]
async fn each_call_of_a_delete_goes_with_the_version_that_the_one_before_it_left() {
    let read =
        || expect("GET /users/7").answer(200, &json!({ "id": "7", "login": "ada" })).answer_header("etag", "\"1\"");
    let table = [
        ("its answer tells it", mailbox(204).answer_header("etag", "\"2\""), vec!["\"1\"", "\"2\""]),
        ("its answer does not tell it", mailbox(204), vec!["\"1\""]),
        ("what was gone changed nothing", mailbox(404), vec!["\"1\"", "\"1\""]),
    ];
    let text = mapping().replace("[upstream]", "[upstream]\netag = true");
    for (name, first, wanted) in table {
        let upstream = Upstream::serve([read(), first, user(204)]).await;
        let bridge = serve(&text, &upstream.url(), &[]).await;
        let answer = bridge.scim.send("DELETE /Users/7", None).await;
        assert_eq!(answer.status, 204, "{name}: {}", answer.body);
        assert_eq!(upstream.header_values("if-match"), wanted, "{name}");
    }
}
