//! Every request of every transcript of the tree, to a bridge that only plans.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method};
use scim_bridge::bridge::Bridge;
use scim_bridge::http::direct;
use scim_bridge::mapping::Call;
use scim_bridge::mapping::call::Purpose;
use scim_bridge::mapping::scope::Scope;
use scim_bridge::transcript::play::{LOCATION, REQUEST_ID, sent, surroundings};
use scim_bridge::transcript::{self, Suite};
use scim_bridge::upstream::transport::{Request, Response, Transport, TransportError};
use scim_bridge::upstream::{Rehearsal, Upstream};
use serde_json::Value;

use crate::transcripts::mappings;

/// An API that answers what the calls of a transcript are answered there, in any order, and everything else with 404.
#[derive(Debug)]
struct Api {
    base: String,
    calls: Vec<transcript::Call>,
    /// What every call that leaves the bridge is there for.
    left: Mutex<Vec<(Purpose, String)>>,
    /// The calls that came, which is counted apart from what the bridge says of them.
    came: Mutex<usize>,
}

impl Rehearsal for Api {
    fn attempt(&self, call: &Call, _: &Scope<'_>) -> Option<Response> {
        self.left.lock().unwrap().push((call.purpose, call.label.clone()));
        None
    }
}

impl Api {
    fn answer(&self, request: &Request) -> Response {
        *self.came.lock().unwrap() += 1;
        let target = request.url.as_str().strip_prefix(&self.base).unwrap_or_default();
        let body = request.body.as_ref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
        let same = |call: &&transcript::Call| {
            let wanted = call.body.as_ref().and_then(|body| body.json.clone());
            call.method == request.method && call.target == target && wanted == body
        };
        let canned = self.calls.iter().find(same).map(|call| &call.answer);
        match canned {
            Some(transcript::Answer::Response(canned)) => Response {
                status: canned.status,
                headers: canned.headers.clone(),
                body: canned.body.as_ref().map_or_else(Bytes::new, |body| Bytes::from(body.text.clone())),
            },
            Some(transcript::Answer::Failure(_)) | None => {
                Response { status: 404, headers: HeaderMap::new(), body: Bytes::new() }
            }
        }
    }
}

impl Transport for Api {
    fn send<'a>(
        &'a self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>> {
        Box::pin(async move { Ok(self.answer(&request)) })
    }
}

/// The statuses of the requests of a transcript, and the API that was asked.
async fn planned(suite: &Suite, file: &transcript::File, transcript: &transcript::Transcript) -> (Vec<u16>, Arc<Api>) {
    let mapping = suite.mapping.as_ref().unwrap();
    let variables = file.variables.iter().map(|(name, value, _)| (name.clone(), value.clone())).collect();
    let names = surroundings(mapping, &variables);
    let nowhere = Arc::new(scim_bridge::upstream::transport::HttpTransport::new().unwrap());
    let upstream = Upstream::new(&mapping.upstream, None, names, nowhere).unwrap();
    let calls = transcript.exchanges.iter().flat_map(|exchange| exchange.calls.clone()).collect();
    let base = upstream.url().as_str().trim_end_matches('/').to_owned();
    let api = Arc::new(Api { base, calls, left: Mutex::default(), came: Mutex::default() });
    let upstream = upstream.over(Arc::<Api>::clone(&api) as Arc<_>).rehearsed(Arc::<Api>::clone(&api) as Arc<_>);
    let bridge = Bridge::new(mapping, upstream, "test".to_owned(), LOCATION.to_owned()).planning(true);
    let mut statuses = Vec::new();
    for exchange in &transcript.exchanges {
        let request = &exchange.request;
        let is_change = request.method != Method::GET && !request.target.contains("/.search");
        let (target, body) = (request.target.as_str(), sent(mapping, request));
        let asked = direct::Request { method: &request.method, target, headers: &request.headers, body };
        let status = direct::answer(&bridge, asked, REQUEST_ID).await.status().as_u16();
        if is_change && target != "/Bulk" {
            assert!(status >= 400, "{}: {} {target} answered {status}", transcript.title, request.method);
            statuses.push(status);
        }
    }
    (statuses, api)
}

#[tokio::test(start_paused = true)]
async fn no_request_of_any_transcript_causes_a_call_that_changes_something() {
    let (mut changes, mut plans, mut reads, mut logins) = (0, 0, 0, 0);
    for folder in ["mappings", "tests/transcripts"].iter().flat_map(|folder| mappings(folder)) {
        let suite = Suite::of_folder(&folder);
        for (file, transcript) in suite.files.iter().flat_map(|file| file.transcripts.iter().map(move |it| (file, it)))
        {
            let (statuses, api) = planned(&suite, file, transcript).await;
            changes += statuses.len();
            plans += statuses.iter().filter(|status| **status == 503).count();
            let left = api.left.lock().unwrap();
            assert_eq!(*api.came.lock().unwrap(), left.len(), "{}: nothing leaves unseen", transcript.title);
            for (purpose, label) in left.iter() {
                assert!(purpose.only_reads(), "{}: {label} was sent", transcript.title);
                if *purpose == Purpose::Login { logins += 1 } else { reads += 1 }
            }
        }
    }
    // Most of them come as far as a plan.
    assert!(changes > 150 && plans * 10 > changes * 6, "{plans} plans of {changes} changes");
    assert!(reads > 100 && logins > 0, "{reads} reads, {logins} logins");
}
