//! A transcript over a bridge of its own: no network, no waits, nothing drawn by chance.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::Value;

use crate::bridge::Bridge;
use crate::http::direct;
use crate::mapping::Mapping;
use crate::mapping::scope::Surroundings;
use crate::scim::patch::PATCH_SCHEMA;
use crate::secret::Secret;
use crate::transcript::expect::{self, Pair};
use crate::transcript::player::{Fault, Player};
use crate::transcript::{Exchange, Request, Transcript};
use crate::upstream::Upstream;

/// What clients call the bridge of a transcript: a resource's location begins with it.
pub const LOCATION: &str = "https://scim.example/scim/v2";
/// The tenant's name, where the file does not say another.
pub const TENANT: &str = "test";
/// The correlation id of every request.
pub const REQUEST_ID: &str = "test";

/// A transcript that was not followed.
#[derive(Clone, Debug)]
pub struct Deviation {
    /// The lines of the file that were expected.
    pub lines: Range<usize>,
    /// What was not so.
    pub cause: Cause,
}

/// What was not as a transcript says.
#[derive(Clone, Debug)]
pub enum Cause {
    /// Another call came.
    OtherCall(Pair),
    /// A call came where the answer was expected.
    ExtraCall(String),
    /// The call did not come before this answer.
    MissingCall(String),
    /// The answer was another.
    Reply(Pair),
    /// The mapping cannot be used with these variables.
    Unusable(String),
}

/// Plays a transcript; `None` when all came as expected. The clock of the runtime is to be paused.
pub async fn play(
    mapping: &Mapping,
    variables: &BTreeMap<String, String>,
    transcript: &Transcript,
) -> Option<Deviation> {
    let player = Arc::new(Player::default());
    let bridge = match bridge(mapping, variables, &player) {
        Ok(bridge) => bridge,
        Err(error) => {
            let lines = transcript.line..transcript.line + 1;
            return Some(Deviation { lines, cause: Cause::Unusable(error) });
        }
    };
    for exchange in &transcript.exchanges {
        player.expect(&exchange.calls);
        if let Err(deviation) = converse(&bridge, &player, (exchange, sent(mapping, &exchange.request))).await {
            return Some(deviation);
        }
    }
    None
}

/// The bridge over the player. Runs of `each` calls go one at a time, so that their order is the transcript's.
fn bridge(mapping: &Mapping, variables: &BTreeMap<String, String>, player: &Arc<Player>) -> Result<Bridge, String> {
    let mut mapping = mapping.clone();
    mapping.upstream.limits.concurrent = 1;
    let surroundings = surroundings(&mapping, variables);
    let tenant = surroundings.tenant.clone();
    let upstream = Upstream::new(&mapping.upstream, None, surroundings, Arc::<Player>::clone(player) as Arc<_>)?;
    player.stands_at(upstream.url().clone());
    Ok(Bridge::new(&mapping, upstream, tenant, LOCATION.to_owned()).frozen())
}

/// Every secret and variable that a mapping names, as it stands in transcripts.
pub fn surroundings(mapping: &Mapping, variables: &BTreeMap<String, String>) -> Surroundings {
    let secrets = mapping.secrets.iter().map(|(name, _)| (name.clone(), Secret::new(format!("secret:{name}"))));
    let unsaid = mapping.variables.iter().map(|(name, _)| (name.clone(), format!("tenant:{name}")));
    let mut variables: BTreeMap<String, String> = unsaid.chain(variables.clone()).collect();
    let tenant = variables.remove("name").unwrap_or_else(|| TENANT.to_owned());
    Surroundings { tenant, secrets: secrets.collect(), variables }
}

/// One request, held against what it must cause.
async fn converse(bridge: &Bridge, player: &Player, (exchange, body): (&Exchange, Bytes)) -> Result<(), Deviation> {
    let request = &exchange.request;
    let asked = direct::Request { method: &request.method, target: &request.target, headers: &request.headers, body };
    let reply = tokio::select! {
        biased;
        fault = player.failed() => return Err(match fault {
            Fault::Other { lines, pair } => Deviation { lines, cause: Cause::OtherCall(pair) },
            Fault::Extra(call) => Deviation { lines: exchange.reply.lines.clone(), cause: Cause::ExtraCall(call) },
        }),
        reply = direct::answer(bridge, asked, REQUEST_ID) => reply,
    };
    let (head, body) = reply.into_parts();
    let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes);
    let status = head.status.as_u16();
    if let Some(lines) = player.missing() {
        let answered = expect::answered(status, &head.headers, &body);
        return Err(Deviation { lines, cause: Cause::MissingCall(answered) });
    }
    match expect::reply(&exchange.reply, status, &head.headers, &body) {
        None => Ok(()),
        Some(pair) => Err(Deviation { lines: exchange.reply.lines.clone(), cause: Cause::Reply(pair) }),
    }
}

/// The body of a request. `schemas`, which only repeats what the first line says, may be left out.
pub fn sent(mapping: &Mapping, request: &Request) -> Bytes {
    let Some(body) = &request.body else { return Bytes::new() };
    let schema = || {
        if request.method == http::Method::PATCH {
            return Some(PATCH_SCHEMA);
        }
        let endpoint = request.target.split(['?', '/']).nth(1)?;
        let mut schemas = mapping.types.iter().map(|kind| &kind.view.schema);
        let schema = schemas.find(|schema| schema.endpoint.strip_prefix('/') == Some(endpoint));
        schema.map(|schema| schema.core.id.as_ref())
    };
    match (&body.json, schema()) {
        (Some(Value::Object(members)), Some(schema)) if !body.is_verbatim && !members.contains_key("schemas") => {
            let schemas = [("schemas".to_owned(), Value::from(vec![schema]))];
            Value::Object(schemas.into_iter().chain(members.clone()).collect()).to_string().into()
        }
        (..) => body.text.clone().into(),
    }
}
