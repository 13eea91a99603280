//! What the bridge would do for a request, call by call, and why; no call that changes anything goes out.
//!
//! There is one planner: the real operation runs, and a `desk` sits between it and the upstream. It writes down each call
//! before it goes out, answers those that change something in the upstream's place (`stand_in`), and lets reads go where the
//! caller wishes: to the network, to a transcript, or to a record that is given. What comes out is a transcript with
//! comments: it can be kept and played.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body_util::BodyExt as _;
use serde_json::Value;

use crate::bridge::Bridge;
use crate::http::direct;
use crate::mapping::Mapping;
use crate::mapping::scope::Surroundings;
use crate::mapping::source::Source;
use crate::transcript::play::{self, REQUEST_ID};
use crate::transcript::player::Player;
use crate::transcript::{Request, Transcript, write};
use crate::upstream::Upstream;
use crate::upstream::transport::Transport;

mod desk;
mod provenance;
mod sample;
mod stand_in;

use desk::{Desk, Mode};

/// A mapping with its text.
#[derive(Clone, Copy, Debug)]
pub struct Explained<'m> {
    /// The mapping.
    pub mapping: &'m Mapping,
    /// Its file.
    pub source: &'m Source,
}

/// A request to explain.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method.
    pub method: Method,
    /// Path and query below the tenant's path.
    pub target: String,
    /// The body.
    pub body: Bytes,
}

/// An explanation.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The transcript with its comments.
    pub text: String,
    /// What the client would be answered.
    pub status: u16,
    /// The call, and why it had no answer, where the last one that went out had none.
    pub unanswered: Option<String>,
}

impl Explained<'_> {
    /// A request as it stands in a transcript.
    pub fn asked(&self, request: &Request) -> Asked {
        let body = play::sent(self.mapping, request);
        Asked { method: request.method.clone(), target: request.target.clone(), body }
    }

    /// Explains a request over a record as it is now; without one, over a record that has nothing but its id.
    ///
    /// # Errors
    /// One sentence: the mapping cannot be used like this.
    pub async fn with_record(&self, asked: &Asked, record: Option<Value>) -> Result<Explanation, String> {
        let (shown, settings) = self.named(&BTreeMap::new())?;
        let desk = Arc::new(Desk::new(*self, shown, Mode::Alone(Box::new(stand_in::StandIn::new(asked, record)))));
        let upstream = Upstream::new(&settings.upstream, None, self.names(&BTreeMap::new()), Arc::<Player>::default())?;
        let bridge = Self::bridge(&settings, upstream, &desk, (play::TENANT, play::LOCATION)).frozen();
        Ok(self.ask(&bridge, &desk, asked).await)
    }

    /// Explains a request over the real API. Only calls that read are sent.
    ///
    /// # Errors
    /// One sentence: the mapping cannot be used like this.
    pub async fn live(
        &self,
        asked: &Asked,
        (surroundings, url): (Surroundings, Option<&str>),
        transport: Arc<dyn Transport>,
    ) -> Result<Explanation, String> {
        let (shown, settings) = self.named(&surroundings.variables)?;
        let desk = Arc::new(Desk::new(*self, shown, Mode::Live(Box::new(stand_in::StandIn::new(asked, None)))));
        let tenant = surroundings.tenant.clone();
        let watched = Arc::new(desk::Watched::new(transport, Arc::clone(&desk)));
        let upstream = Upstream::new(&settings.upstream, url, surroundings, watched)?;
        let bridge = Self::bridge(&settings, upstream, &desk, (&tenant, play::LOCATION)).frozen();
        Ok(self.ask(&bridge, &desk, asked).await)
    }

    /// Explains the requests of a transcript, whose upstream answers all calls.
    ///
    /// # Errors
    /// One sentence: the mapping cannot be used like this, or the transcript is not followed.
    pub async fn transcript(
        &self,
        transcript: &Transcript,
        variables: &BTreeMap<String, String>,
    ) -> Result<Vec<Explanation>, String> {
        let (shown, settings) = self.named(variables)?;
        let desk = Arc::new(Desk::new(*self, shown, Mode::Played));
        let player = Arc::new(Player::default());
        let watched = Arc::new(desk::Watched::new(Arc::<Player>::clone(&player) as Arc<_>, Arc::clone(&desk)));
        let names = self.names(variables);
        let tenant = names.tenant.clone();
        let upstream = Upstream::new(&settings.upstream, None, names, watched)?;
        player.stands_at(upstream.url().clone());
        let bridge = Self::bridge(&settings, upstream, &desk, (&tenant, play::LOCATION)).frozen();
        let mut explanations = Vec::new();
        for exchange in &transcript.exchanges {
            player.expect(&exchange.calls);
            let asked = self.asked(&exchange.request);
            let explanation = tokio::select! {
                biased;
                _ = player.failed() => {
                    return Err(format!("the transcript `{}` is not followed: play it with `test`", transcript.title));
                }
                explanation = self.ask(&bridge, &desk, &asked) => explanation,
            };
            explanations.push(explanation);
        }
        Ok(explanations)
    }

    /// The mapping with one run of `each` at a time, so that the order of calls is that of the plan; and an upstream that
    /// names secrets instead of showing them.
    fn named(&self, variables: &BTreeMap<String, String>) -> Result<(Upstream, Mapping), String> {
        let mut settings = self.mapping.clone();
        settings.upstream.limits.concurrent = 1;
        let shown = Upstream::new(&settings.upstream, None, self.names(variables), Arc::<Player>::default())?;
        Ok((shown, settings))
    }

    fn names(&self, variables: &BTreeMap<String, String>) -> Surroundings {
        play::surroundings(self.mapping, variables)
    }

    fn bridge(settings: &Mapping, upstream: Upstream, desk: &Arc<Desk>, (tenant, location): (&str, &str)) -> Bridge {
        let upstream = upstream.rehearsed(Arc::<Desk>::clone(desk) as Arc<_>);
        Bridge::new(settings, upstream, tenant.to_owned(), location.to_owned())
            .witnessed(Arc::<Desk>::clone(desk) as Arc<_>)
    }

    async fn ask(&self, bridge: &Bridge, desk: &Desk, asked: &Asked) -> Explanation {
        let headers = HeaderMap::new();
        let request = direct::Request {
            method: &asked.method,
            target: &asked.target,
            headers: &headers,
            body: asked.body.clone(),
        };
        let (head, body) = Box::pin(direct::answer(bridge, request, REQUEST_ID)).await.into_parts();
        let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes);
        let status = head.status.as_u16();
        let mut text = write::request(asked.method.as_str(), &asked.target, &asked.body);
        for event in desk.events() {
            let _ = write!(text, "\n{event}");
        }
        let _ = write!(text, "\n{}", write::reply(status, &head.headers, &body));
        let mut explanation = Explanation { text, status, unanswered: desk.unanswered() };
        if asked.method == Method::GET && status < 300 {
            let lines = provenance::of_reply(self, &asked.target, &body);
            let _ = write!(explanation.text, "{lines}");
        }
        explanation
    }
}
