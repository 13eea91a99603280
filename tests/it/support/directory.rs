//! A user API in memory that pages as it is told, and remembers what it was asked for.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use scim_bridge::bridge::Bridge;
use scim_bridge::http::direct;
use scim_bridge::mapping::compile;
use scim_bridge::mapping::diagnostic::{Diagnostics, Style as Rendered, render};
use scim_bridge::mapping::scope::Surroundings;
use scim_bridge::mapping::source::Source;
use scim_bridge::upstream::Upstream;
use scim_bridge::upstream::transport::{Request, Response, Transport, TransportError};
use serde_json::{Value, json};

/// How a list is paged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Number,
    Offset,
    Cursor,
    NextUrl,
    Link,
    Once,
}

/// What a directory is like.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) style: Style,
    pub(crate) users: usize,
    pub(crate) groups: usize,
    /// Users of a page, unless the call asks for another number.
    pub(crate) size: usize,
    /// Whether the call says how many users it wants.
    pub(crate) asks: bool,
    /// Whether the answer tells how many there are.
    pub(crate) tells: bool,
    /// Whether every fifth user is hidden.
    pub(crate) hides: bool,
}

/// The API.
#[derive(Debug)]
pub(crate) struct Directory {
    shape: Shape,
    asked: Mutex<Vec<String>>,
}

impl Directory {
    fn answer(&self, request: &Request) -> Response {
        let url = &request.url;
        let target = url.as_str().split_once("example").map_or("", |(_, target)| target).to_owned();
        self.asked.lock().unwrap().push(target);
        if request.method == Method::DELETE {
            return Response { status: 204, headers: HeaderMap::new(), body: Bytes::new() };
        }
        if url.path() == "/groups" {
            let groups: Vec<Value> =
                (1..=self.shape.groups).map(|id| json!({ "id": format!("g{id}"), "name": format!("G{id}") })).collect();
            return response(&json!({ "rows": groups, "total": self.shape.groups }), HeaderMap::new());
        }
        let parameter =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let number = |name: &str| parameter(name).and_then(|text| text.parse::<usize>().ok());
        let size = number("size").unwrap_or(self.shape.size);
        let first = match self.shape.style {
            Style::Number => (number("page").unwrap() - 1) * size,
            Style::Offset => number("offset").unwrap(),
            Style::Cursor => {
                parameter("after").map_or(0, |cursor| cursor.strip_prefix("at-").unwrap().parse().unwrap())
            }
            Style::NextUrl | Style::Link => number("from").unwrap_or(0),
            Style::Once => 0,
        };
        let size = if self.shape.style == Style::Once { self.shape.users } else { size };
        let end = (first + size).min(self.shape.users);
        let mut body = json!({ "rows": (first..end).map(user).collect::<Vec<_>>() });
        if self.shape.tells {
            body["total"] = json!(self.shape.users);
        }
        let mut headers = HeaderMap::new();
        if end < self.shape.users {
            let next = format!("https://api.example/users?from={end}");
            match self.shape.style {
                Style::Cursor => body["next"] = json!(format!("at-{end}")),
                Style::NextUrl => body["next"] = json!(next),
                Style::Link => {
                    headers.insert("link", format!("<{next}>; rel=\"next\"").parse().unwrap());
                }
                Style::Number | Style::Offset | Style::Once => {}
            }
        }
        response(&body, headers)
    }

    /// What was asked for since the last look, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

/// The user at a place: titles repeat, and every seventh has none.
fn user(index: usize) -> Value {
    let id = index + 1;
    let title = title(id);
    json!({ "id": id, "login": format!("user-{id}"), "title": title, "gone": id.is_multiple_of(5) })
}

/// The title of the user with this id.
pub(crate) fn title(id: usize) -> Option<String> {
    (!id.is_multiple_of(7)).then(|| format!("{}{}", if id.is_multiple_of(2) { "t" } else { "T" }, id * 31 % 11))
}

fn response(body: &Value, headers: HeaderMap) -> Response {
    Response { status: 200, headers, body: Bytes::from(body.to_string()) }
}

impl Transport for Directory {
    fn send<'a>(
        &'a self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>> {
        Box::pin(async move { Ok(self.answer(&request)) })
    }
}

/// The mapping over a directory.
fn mapping(shape: &Shape) -> String {
    let size = if shape.asks { "&size={count}" } else { "" };
    let (query, next) = match shape.style {
        Style::Number => (format!("?page={{page}}{size}"), ""),
        Style::Offset => (format!("?offset={{offset}}{size}"), ""),
        Style::Cursor => (format!("?after={{cursor?}}{size}"), ", next = \"$.next\""),
        Style::NextUrl => (String::new(), ", next = \"$.next\""),
        Style::Link => (String::new(), ", next = \"link\""),
        Style::Once => (String::new(), ", unpaged = true"),
    };
    let total = if shape.tells { ", total = \"$.total\"" } else { "" };
    let hide = if shape.hides { "hide = \"$.record.gone == true\"\n" } else { "" };
    format!(
        "scim_bridge = 1\n[upstream]\nurl = \"https://api.example\"\npage = {{ size = {} }}\n[upstream.limits]\nscan = 500\n\
         [User.attributes]\nid = {{ at = \"id\", type = \"int\" }}\nuserName = \"login\"\ntitle = \"title\"\n\
         [User]\n{hide}list = {{ call = \"GET /users{query}\", items = \"$.rows[*]\"{total}{next} }}\nget = \"GET /users/{{id}}\"\n\
         delete = \"DELETE /users/{{id}}\"\n[Group.attributes]\nid = \"id\"\ndisplayName = \"name\"\n\
         [Group]\nlist = {{ call = \"GET /groups\", items = \"$.rows[*]\", total = \"$.total\", unpaged = true }}\n\
         get = \"GET /groups/{{id}}\"\n",
        shape.size
    )
}

/// A directory with a bridge before it, in one process.
pub(crate) struct Bridged {
    pub(crate) directory: Arc<Directory>,
    bridge: Bridge,
}

impl Bridged {
    pub(crate) fn new(shape: Shape) -> Self {
        let text = mapping(&shape);
        let source = Source::new("mapping.toml", &text);
        let mut found = Diagnostics::new("mapping.toml");
        let mapping = compile::load(&source, &mut found);
        let mapping = mapping.unwrap_or_else(|| panic!("{}", render(&found.found, &[&source], Rendered::Plain)));
        let directory = Arc::new(Directory { shape, asked: Mutex::default() });
        let transport = Arc::clone(&directory) as Arc<dyn Transport>;
        let upstream = Upstream::new(&mapping.upstream, None, Surroundings::default(), transport).unwrap();
        let bridge = Bridge::new(&mapping, upstream, "test".to_owned(), "https://scim.example/scim/v2".to_owned());
        Self { directory, bridge }
    }

    /// The answer to `GET /Users?count=2`, and its status.
    pub(crate) async fn get(&self, target: &str) -> (u16, Value) {
        self.send(&Method::GET, target, Bytes::new()).await
    }

    /// The answer to a search over all types, and its status.
    pub(crate) async fn search(&self, mut members: Value) -> (u16, Value) {
        members["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
        self.send(&Method::POST, "/.search", Bytes::from(members.to_string())).await
    }

    /// Deletes a resource: `/Users/7`.
    pub(crate) async fn remove(&self, target: &str) {
        let (status, _) = self.send(&Method::DELETE, target, Bytes::new()).await;
        assert_eq!(status, 204);
    }

    async fn send(&self, method: &Method, target: &str, body: Bytes) -> (u16, Value) {
        let request = direct::Request { method, target, headers: &HeaderMap::new(), body };
        let response = direct::answer(&self.bridge, request, "test").await;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

/// The ids of an answer's resources.
pub(crate) fn ids(answer: &Value) -> Vec<String> {
    answer["Resources"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}
