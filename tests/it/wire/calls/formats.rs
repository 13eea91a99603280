//! Bodies and answers that are no JSON, byte for byte.

use serde_json::{Value, json};

use crate::support::case::{Case, HEAD, play, user};
use crate::support::upstream::expect;

const XML: &str = r#"
[User.attributes]
id = "id"
userName = "login"
[User]
get = { call = "GET /users/{id}", format = "xml", item = "$.user" }
create = { call = "POST /users", format = "xml", body = { user = "{record}" }, item = "$.user" }
"#;

fn read(name: &'static str, media_type: &'static str, body: &str, status: u16) -> Case {
    let step = || expect("GET /users/7").header("accept", "application/xml").raw(200, media_type, body);
    // What cannot be read is asked for once more.
    let upstream = if status == 200 { vec![step()] } else { vec![step(), step()] };
    let wanted = if status == 200 { json!({ "userName": "ada" }) } else { json!({ "status": status.to_string() }) };
    Case { name, upstream, request: "GET /Users/7", body: Value::Null, status, wanted }
}

#[tokio::test]
async fn xml_goes_out_and_comes_back() {
    let ada = "<user><id>7</id><login>ada</login></user>";
    let sent = r#"<?xml version="1.0" encoding="UTF-8"?><user><login>ada</login></user>"#;
    let created = expect("POST /users").header("content-type", "application/xml").text(sent).raw(201, "text/xml", ada);
    let bomb = "<!DOCTYPE u [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]><user><id>7</id><login>&b;</login></user>";
    let cases = vec![
        Case {
            name: "a create",
            upstream: vec![created],
            request: "POST /Users",
            body: user(json!({ "userName": "ada" })),
            status: 201,
            wanted: json!({ "id": "7" }),
        },
        read("a read", "application/vnd.acme+xml; charset=iso-8859-1", ada, 200),
        read("JSON, where it says so", "application/json", r#"{"user":{"id":"7","login":"ada"}}"#, 200),
        read("half a document", "text/xml", "<user><id>7</id>", 502),
        read("entities of its own", "text/xml", bomb, 502),
        read("a page for people", "application/xhtml+xml", "<html><body/></html>", 502),
    ];
    play(&format!("{HEAD}{XML}"), cases).await;
}

#[tokio::test]
async fn xml_that_nobody_asked_for_is_no_answer() {
    let rules = XML.replace("format = \"xml\", ", "");
    let answer = || expect("GET /users/7").raw(200, "text/xml", "<user><id>7</id><login>ada</login></user>");
    let case = Case {
        name: "a read",
        upstream: vec![answer(), answer()],
        request: "GET /Users/7",
        body: Value::Null,
        status: 502,
        wanted: json!({ "status": "502" }),
    };
    play(&format!("{HEAD}{rules}"), vec![case]).await;
}

#[tokio::test]
async fn parts_go_out_with_their_boundary() {
    let rules = r#"
[User.attributes]
id = "id"
userName = "login"
[User]
get = "GET /users/{id}"
create = { call = "POST /users", format = "multipart" }
"#;
    let boundary = "part-5c9264df23ad30139d4f21f98e4b4260";
    let sent =
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"login\"\r\n\r\nada\r\n--{boundary}--\r\n");
    let created = expect("POST /users")
        .header("content-type", &format!("multipart/form-data; boundary={boundary}"))
        .text(&sent)
        .answer(201, &json!({ "id": "7", "login": "ada" }));
    let case = Case {
        name: "a create",
        upstream: vec![created],
        request: "POST /Users",
        body: user(json!({ "userName": "ada" })),
        status: 201,
        wanted: json!({ "id": "7" }),
    };
    play(&format!("{HEAD}{rules}"), vec![case]).await;
}
