//! Nothing is left behind: what a check has made is removed when it ends, however it ends.

use serde_json::Value;

use crate::verify::client::{Client, Request, escape};
use crate::verify::exchange::Outcome;
use crate::verify::play::Play;

/// A request that may have made something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    endpoint: String,
    /// The attribute that names it, and its value.
    name: Option<(&'static str, String)>,
    id: Option<String>,
    /// Certainly nothing was made.
    refused: bool,
    /// Certainly something was made.
    made: bool,
}

/// Something that could not be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The path below the base URL, or where to look for it.
    pub what: String,
    /// Why it is still there.
    pub why: String,
}

impl Trace {
    /// The trace of a request, noted before it is sent; `None` where it makes nothing.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        let endpoint = request.target.split('?').next().unwrap_or_default();
        if request.method != "POST" || !matches!(endpoint, "/Users" | "/Groups") {
            return None;
        }
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap_or_default()).unwrap_or_default();
        let attribute = if endpoint == "/Users" { "userName" } else { "displayName" };
        let named = |value: &Value| {
            let members = value.as_object()?;
            let (_, name) = members.iter().find(|(own, _)| own.eq_ignore_ascii_case(attribute))?;
            Some((attribute, name.as_str()?.to_owned()))
        };
        Some(Self { endpoint: endpoint.to_owned(), name: named(&body), id: None, refused: false, made: false })
    }

    /// Something that was made otherwise than by a POST.
    pub(crate) fn owed(endpoint: &str, id: &str) -> Self {
        Self { endpoint: endpoint.to_owned(), name: None, id: Some(id.to_owned()), refused: false, made: true }
    }

    /// Notes what came of it.
    pub(crate) fn answered(&mut self, status: u16, id: Option<String>) {
        self.refused = (400..500).contains(&status);
        self.made = (200..300).contains(&status);
        self.id = id.filter(|_| (200..300).contains(&status));
    }
}

impl Play {
    /// Removes what the check has made, groups first. What cannot be removed is noted.
    pub(crate) async fn clean(&mut self) {
        let mut traces = std::mem::take(&mut self.traces);
        traces.sort_by_key(|trace| trace.endpoint == "/Users");
        for trace in traces.into_iter().filter(|trace| !trace.refused) {
            let ids = match trace.id.clone() {
                Some(id) => vec![id],
                None => self.find(&trace).await,
            };
            for id in ids {
                let path = format!("{}/{}", trace.endpoint, escape(&id));
                if let Err(why) = remove(&self.client, &path).await {
                    self.left.push(Left { what: path, why });
                }
            }
        }
    }

    /// The ids of what a request has made that was never answered for.
    async fn find(&mut self, trace: &Trace) -> Vec<String> {
        let Some((attribute, name)) = &trace.name else {
            if trace.made {
                self.leave(format!("{} without a name", trace.endpoint), "it was made, and nobody said its id");
            }
            return Vec::new();
        };
        let filter = format!("{attribute} eq {}", Value::from(name.as_str()));
        let target = format!("{}?filter={}", trace.endpoint, escape(&filter));
        let received = self.client.send(&Request::new("GET", target)).await.1;
        let Some(received) = received.filter(|received| received.status == 200) else {
            self.leave(format!("{} where {filter}", trace.endpoint), "whether it was made could not be found out");
            return Vec::new();
        };
        let list: Value = serde_json::from_str(&received.body).unwrap_or_default();
        let resources = list.get("Resources").and_then(Value::as_array).cloned().unwrap_or_default();
        // A server that ignores filters answers with everybody.
        let is_it = |resource: &&Value| {
            resource.get(attribute).and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        let found: Vec<String> = resources
            .iter()
            .filter(is_it)
            .filter_map(|resource| Some(resource.get("id")?.as_str()?.to_owned()))
            .collect();
        let is_one_page =
            list.get("totalResults").and_then(Value::as_u64).is_some_and(|all| all > resources.len() as u64);
        if found.is_empty() && (trace.made || is_one_page) {
            self.leave(
                format!("{} where {filter}", trace.endpoint),
                "it may have been made, and is not found by its name",
            );
        }
        found
    }

    fn leave(&mut self, what: String, why: &str) {
        self.left.push(Left { what, why: why.to_owned() });
    }
}

/// Deletes a resource; that it is gone already is as good.
async fn remove(client: &Client, path: &str) -> Result<(), String> {
    let (exchange, received) = client.send(&Request::new("DELETE", path)).await;
    match (received, exchange.outcome) {
        (Some(received), _) if (200..300).contains(&received.status) || matches!(received.status, 404 | 410) => Ok(()),
        (Some(received), _) => Err(format!("DELETE answered {}", received.status)),
        (None, Outcome::Lost(why)) => Err(why),
        (None, Outcome::Answered { .. }) => Err("DELETE was not answered".to_owned()),
    }
}
