use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::directory::Directory;
use super::fault::Fault;
use super::route::{Answer, Request, answer};
use super::{Api, KEY, Seed, seed};

const NOW: &str = "2026-01-01 00:00:00";

fn request(line: &str, body: &str) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let parts = http::Request::builder().method(method).uri(target).header("X-Staff-Key", KEY);
    let (parts, ()) = parts.body(()).unwrap().into_parts();
    Request { now: NOW.to_owned(), ..Request::new(&parts, Bytes::from(body.to_owned())) }
}

fn ask(directory: &mut Directory, line: &str, body: &str) -> Result<Value, Fault> {
    match answer(directory, &request(line, body))? {
        Answer::Value(_, value) => Ok(value),
        Answer::Done => Ok(Value::Null),
    }
}

fn with_ada() -> Directory {
    let mut directory = Directory::default();
    ask(&mut directory, "POST /api/people", "login=Ada&family_name=Byrne&password=first").unwrap();
    directory
}

#[test]
fn a_new_person_has_what_the_form_gave_and_null_elsewhere() {
    let mut directory = Directory::default();
    let made = answer(&mut directory, &request("POST /api/people", "login=ada&family_name=O%27Hara+%C3%96")).unwrap();
    let person = json!({
        "no": 1, "login": "ada", "given_name": null, "family_name": "O'Hara Ö", "shown_name": null, "job": null,
        "mail": null, "mail2": null, "phone_office": null, "phone_mobile": null, "lang": null, "time_zone": null,
        "dept": null, "cost_centre": null, "staff_no": null, "boss": null, "hr_ref": null, "state": "A",
        "created": NOW, "changed": NOW, "revision": 1, "teams": []
    });
    assert_eq!(made, Answer::Value(StatusCode::CREATED, json!({ "person": person })));
}

#[test]
fn what_is_wrong_is_refused_and_changes_nothing() {
    let cases = [
        ("a person without a login", "POST /api/people", "job=Cook", Fault::Missing("login")),
        ("a login taken in another case", "POST /api/people", "login=ADA", Fault::Taken("login", "ADA".to_owned())),
        ("an unknown field", "POST /api/people", "login=x&shoe=42", Fault::Unknown("shoe".to_owned())),
        ("the state by a form", "POST /api/people/1", "state=D", Fault::Unknown("state".to_owned())),
        ("a boss that is no number", "POST /api/people/1", "boss=me", Fault::Unfit("boss", "a person's number")),
        ("a boss who does not exist", "POST /api/people/1", "boss=9", Fault::Unfit("boss", "a person's number")),
        ("clearing the login", "POST /api/people/1", "login=", Fault::Missing("login")),
        ("a person who does not exist", "GET /api/people/2", "", Fault::NoPerson),
        ("a number written otherwise", "GET /api/people/01", "", Fault::NoPerson),
        ("a team without a name", "POST /api/teams", "", Fault::Missing("name")),
        ("a member of no team", "PUT /api/teams/1/people/1", "", Fault::NoTeam),
        ("a method that does not exist", "PATCH /api/people/1", "", Fault::Method),
        ("a path that does not exist", "GET /api/persons", "", Fault::NoPage),
        ("a password that is no JSON", "PUT /api/people/1/password", "x=1", Fault::Unreadable),
    ];
    let mut directory = with_ada();
    let before = ask(&mut directory, "GET /api/people", "").unwrap();
    for (name, line, body, fault) in cases {
        assert_eq!(ask(&mut directory, line, body), Err(fault), "{name}");
        assert_eq!(ask(&mut directory, "GET /api/people", "").unwrap(), before, "{name}");
    }
}

#[test]
fn nothing_is_answered_without_the_key() {
    for key in [None, Some(String::new()), Some("other".to_owned())] {
        let request = Request { key, ..request("GET /api/people", "") };
        assert_eq!(answer(&mut with_ada(), &request), Err(Fault::Key));
    }
}

#[test]
fn a_change_touches_the_fields_sent_and_counts_the_revision() {
    let mut directory = with_ada();
    let changed = ask(&mut directory, "POST /api/people/1", "job=Cook&family_name=").unwrap();
    let person = &changed["person"];
    assert_eq!(
        (&person["login"], &person["job"], &person["family_name"]),
        (&json!("Ada"), &json!("Cook"), &Value::Null)
    );
    assert_eq!(person["revision"], 2);
}

#[test]
fn a_person_comes_in_by_the_last_password_and_only_while_active() {
    let mut directory = with_ada();
    let steps = [
        ("the password of the create form", "POST /api/door", "login=ada&password=first", Ok(Value::Null)),
        ("a wrong one", "POST /api/door", "login=ada&password=second", Err(Fault::Door)),
        ("a new one", "PUT /api/people/1/password", r#"{"new_password":"second"}"#, Ok(Value::Null)),
        ("the new one opens", "POST /api/door", "login=ADA&password=second", Ok(Value::Null)),
        ("the old one does not", "POST /api/door", "login=ada&password=first", Err(Fault::Door)),
        ("disabling", "POST /api/people/1/disable", "", Ok(Value::Null)),
        ("a disabled person stays out", "POST /api/door", "login=ada&password=second", Err(Fault::Door)),
        ("enabling", "POST /api/people/1/enable", "", Ok(Value::Null)),
        ("and is let in again", "POST /api/door", "login=ada&password=second", Ok(Value::Null)),
    ];
    for (name, line, body, want) in steps {
        assert_eq!(ask(&mut directory, line, body), want, "{name}");
    }
}

#[test]
fn members_come_and_go_and_show_in_the_person() {
    let mut directory = with_ada();
    let team = ask(&mut directory, "POST /api/teams", "name=Cooks").unwrap();
    assert_eq!(team["team"]["no"], 2, "people and teams are numbered in one row");
    for _ in 0..2 {
        assert_eq!(ask(&mut directory, "PUT /api/teams/2/people/1", ""), Ok(Value::Null), "again is fine");
    }
    assert_eq!(ask(&mut directory, "PUT /api/teams/2/people/9", ""), Err(Fault::NoPerson));
    let people = ask(&mut directory, "GET /api/teams/2/people", "").unwrap();
    let row = json!({ "no": 1, "login": "Ada", "shown_name": null });
    assert_eq!(people, json!({ "rows": [row], "page": 0, "size": 20, "count": 1 }));
    let person = ask(&mut directory, "GET /api/people/1", "").unwrap();
    assert_eq!(person["person"]["teams"], json!([{ "no": 2, "name": "Cooks" }]));
    assert_eq!(ask(&mut directory, "DELETE /api/teams/2/people/1", ""), Ok(Value::Null));
    assert_eq!(ask(&mut directory, "DELETE /api/teams/2/people/1", ""), Err(Fault::NoMember));
}

#[test]
fn deleting_a_person_leaves_no_trace_of_the_number() {
    let mut directory = with_ada();
    for (line, body) in [
        ("POST /api/people", "login=bo&boss=1"),
        ("POST /api/teams", "name=Cooks"),
        ("PUT /api/teams/3/people/1", ""),
        ("DELETE /api/people/1", ""),
    ] {
        ask(&mut directory, line, body).unwrap();
    }
    assert_eq!(ask(&mut directory, "GET /api/people/2", "").unwrap()["person"]["boss"], Value::Null);
    assert_eq!(ask(&mut directory, "GET /api/teams/3/people", "").unwrap()["count"], 0);
    assert_eq!(ask(&mut directory, "DELETE /api/people/1", ""), Err(Fault::NoPerson));
}

#[test]
fn a_listing_gives_the_page_asked_for_and_the_count_of_all_found() {
    let cases = [
        ("the first page", "page=0&size=3", vec![1, 2, 3], 200),
        ("a later page", "page=2&size=3", vec![7, 8, 9], 200),
        ("the last page", "page=1&size=100", (101..=200).collect(), 200),
        ("a size above the bound", "page=1&size=500", (101..=200).collect(), 200),
        ("past the end", "page=7&size=100", vec![], 200),
        ("a login in any case", "login=ADA.byrne@hartwell.EXAMPLE", vec![1], 1),
        ("a mail", "mail=clara2@home.example", vec![3], 1),
        ("a reference", "hr_ref=hr-480037", vec![2], 1),
        ("a reference in another case", "hr_ref=HR-480037", vec![], 0),
        ("an empty parameter says nothing", "login=&size=1", vec![1], 200),
    ];
    let mut directory = seed::company();
    for (name, query, numbers, count) in cases {
        let page = ask(&mut directory, &format!("GET /api/people?{query}"), "").unwrap();
        let got: Vec<u64> = page["rows"].as_array().unwrap().iter().map(|row| row["no"].as_u64().unwrap()).collect();
        assert_eq!((got, page["count"].as_u64()), (numbers, Some(count)), "{name}");
    }
}

#[test]
fn the_company_has_200_people_in_12_teams_and_no_login_twice() {
    let directory = seed::company();
    let logins: BTreeSet<&str> = directory.people.values().map(|person| person.login.as_str()).collect();
    assert_eq!((directory.people.len(), logins.len(), directory.teams.len()), (200, 200, 12));
    for team in directory.teams.values() {
        assert!(!team.people.is_empty(), "{} has people", team.name);
        assert!(team.people.iter().all(|no| directory.people.contains_key(no)), "{} has real people", team.name);
        assert!(!directory.people.contains_key(&team.no), "{} shares its number with nobody", team.name);
    }
    assert!(
        directory.people.values().all(|person| person.boss.is_none_or(|boss| directory.people.contains_key(&boss)))
    );
}

#[test]
fn a_request_over_the_wire_reads_key_path_and_query() {
    let request = request("GET /api/people?login=a%20b+c", "");
    assert_eq!((request.method, request.path.as_str()), (Method::GET, "/api/people"));
    assert_eq!(request.query, [("login".to_owned(), "a b c".to_owned())]);
    assert_eq!(request.key.as_deref(), Some(KEY));
}

/// The whole answer to a request over a connection of its own.
async fn over_the_wire(address: SocketAddr, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let text = format!(
        "{head} HTTP/1.1\r\nHost: x\r\nX-Staff-Key: {KEY}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn it_serves_over_a_socket_until_it_is_told_to_stop() {
    let api = Api::bind((Ipv4Addr::LOCALHOST, 0).into(), Seed::Empty).await.unwrap();
    let address = api.local_addr();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(api.run(async {
        let _ = stopped.await;
    }));

    let made = over_the_wire(address, "POST /api/people", "login=ada").await;
    assert!(made.starts_with("HTTP/1.1 201 "), "{made}");
    assert!(made.contains("\r\ncontent-type: application/json; charset=utf-8\r\n"), "{made}");
    assert!(made.contains(r#"{"person":{"no":1,"login":"ada","#), "{made}");
    let disabled = over_the_wire(address, "POST /api/people/1/disable", "").await;
    assert!(disabled.starts_with("HTTP/1.1 204 ") && disabled.ends_with("\r\n\r\n"), "{disabled}");
    let refused = over_the_wire(address, "GET /api/people/2", "").await;
    assert!(refused.starts_with("HTTP/1.1 404 ") && refused.contains(r#"{"fault":{"code":"NO_PERSON""#), "{refused}");

    stop.send(()).unwrap();
    serving.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
