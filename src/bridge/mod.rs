//! One SCIM operation: reads, a plan, calls in order.
//!
//! [`Bridge::run`] is one exhaustive match; each operation has a file of its own. What they share: [`work`](self) holds what one
//! operation may spend and has captured, `fetch` reads one record, `pages` walks lists, `collect` turns records into resources,
//! `plan` turns a change into calls, `run` makes them and takes them back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::mapping::Mapping;
use crate::mapping::call::UpstreamSettings;
use crate::scim;
use crate::scim::discovery::BulkLimits;
use crate::scim::patch::Patch;
use crate::store::{Memory, Store};
use crate::telemetry::Trace;
use crate::upstream::{Budget, Lane, Upstream};

mod adopt;
mod blind;
pub mod brake;
mod census;
mod circle;
mod collect;
mod create;
mod cursor;
mod delete;
mod delta;
mod discover;
mod draw;
mod each;
pub mod error;
mod everywhere;
mod fetch;
mod fresh;
mod get;
mod intent;
mod inverse;
mod keep;
mod kind;
mod list;
mod lock;
mod narrow;
pub mod operation;
pub mod ops;
mod order;
mod pages;
mod plan;
mod quick;
mod recent;
mod remembered;
mod respond;
mod run;
mod runs;
mod search;
mod settle;
mod state;
mod terms;
mod undelivered;
mod update;
mod version;
mod walk;
mod window;
mod witness;
mod work;

pub use brake::{Brake, BrakeSettings};
pub use error::Error;
pub use operation::{Discovery, ListQuery, Operation, Reply};
pub use witness::{Planned, Witness};

use kind::Kind;
use state::State;
use update::{Ask, Asked};
use work::Work;

/// One tenant's bridge: a compiled mapping over an upstream.
#[derive(Debug)]
pub struct Bridge {
    upstream: Upstream,
    settings: UpstreamSettings,
    kinds: Vec<Kind>,
    state: State,
    tenant: String,
    location: String,
    draws: draw::Draws,
    witness: Option<Arc<dyn Witness>>,
    bulk: BulkLimits,
    store: Arc<dyn Store>,
    brake: BrakeSettings,
}

impl Bridge {
    /// A bridge for one tenant. `location` is the public URL with the tenant's path, without a final slash. What it keeps, it
    /// keeps in memory, until [`keeping`](Self::keeping) says otherwise.
    pub fn new(mapping: &Mapping, upstream: Upstream, tenant: String, location: String) -> Self {
        let kinds = mapping.types.iter().cloned().enumerate();
        let kinds = kinds.map(|(index, mapping)| Kind::new(index, mapping, &location));
        let tags = mapping.upstream.etag;
        let circles = circle::circles(&mapping.types);
        let kinds = kinds.zip(circles).map(|(kind, circle)| Kind { circle, ..kind });
        let kinds = kinds
            .map(|kind| {
                let drawn = kind.asks.drawn || mapping.upstream.draws();
                let versions = version::Versions::of(&kind.mapping, tags);
                Kind { asks: kind::Asks { drawn, ..kind.asks }, versions, ..kind }
            })
            .collect();
        let draws = draw::Draws::default();
        let store = Arc::<Memory>::default();
        let settings = mapping.upstream.clone();
        Self {
            upstream,
            settings,
            kinds,
            state: State::default(),
            tenant,
            location,
            draws,
            witness: None,
            bulk: BulkLimits::default(),
            store,
            brake: BrakeSettings::default(),
        }
    }

    /// The same bridge, with this store for what it keeps.
    #[must_use]
    pub fn keeping(self, store: Arc<dyn Store>) -> Self {
        Self { store, ..self }
    }

    /// The same bridge, which says that bulk requests have these limits.
    #[must_use]
    pub fn announcing(self, bulk: BulkLimits) -> Self {
        Self { bulk, ..self }
    }

    /// The same bridge, with this brake.
    #[must_use]
    pub fn braked(self, brake: BrakeSettings) -> Self {
        Self { brake, ..self }
    }

    /// The same bridge, which plans changes and makes none, where `plans` says so.
    #[must_use]
    pub fn planning(self, plans: bool) -> Self {
        Self { upstream: self.upstream.planning(plans), ..self }
    }

    /// The same bridge in the place of an earlier one of its tenant: what lives in memory goes on, where the upstream is still
    /// at the same URL. Places and cursors of lists belong to a mapping, and go on with it alone.
    #[must_use]
    pub fn taking_over(mut self, earlier: &Self, is_same_mapping: bool) -> Self {
        if self.upstream.url() != earlier.upstream.url() {
            return self;
        }
        self.upstream = self.upstream.taking_over(&earlier.upstream);
        self.store = Arc::clone(&earlier.store);
        self.state = self.state.taking_over(&earlier.state, is_same_mapping);
        self
    }

    /// The same bridge, whose plans somebody sees.
    #[must_use]
    pub fn witnessed(self, witness: Arc<dyn Witness>) -> Self {
        Self { witness: Some(witness), ..self }
    }

    /// The same bridge, drawing nothing by chance: what its calls send can be known beforehand.
    #[must_use]
    pub fn frozen(self) -> Self {
        Self { draws: draw::Draws::frozen(), ..self }
    }

    /// The tenant's name.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The upstream.
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// The endpoints of the resource types (`/Users`), in the order of the `kind` of an operation.
    pub fn endpoints(&self) -> Vec<String> {
        self.kinds.iter().map(|kind| kind.mapping.view.schema.endpoint.clone()).collect()
    }

    /// How long one operation may take.
    pub fn deadline(&self) -> Duration {
        self.settings.limits.deadline
    }

    /// The URL of the resource of a type with this id, whether there is one or not.
    pub fn location(&self, kind: usize, id: &str) -> String {
        self.kinds.get(kind).map(|kind| kind.location_of(id)).unwrap_or_default()
    }

    /// Runs one operation to its end. Not cancelled by the caller's hang-up when spawned; bounded by the mapping's deadline.
    ///
    /// # Errors
    /// See [`Error`]; `to_scim` says what the client sees.
    pub async fn run(&self, operation: Operation, trace: Arc<Trace>) -> Result<Reply, Error> {
        self.run_by(operation, trace, None).await
    }

    /// The same, done at a time at the latest, if that is before its own deadline.
    ///
    /// # Errors
    /// As of [`run`](Self::run).
    pub async fn run_by(&self, operation: Operation, trace: Arc<Trace>, by: Option<Instant>) -> Result<Reply, Error> {
        self.draws.begin();
        // Dropped at the end, when the change has been made.
        let _change = operation.is_change().then(|| self.state.places.changing());
        match operation {
            Operation::List { kind, query } => {
                let work = self.work(kind, trace, &[])?;
                Box::pin(list::list(&work, &query)).await
            }
            Operation::Get { kind, id, projection, precondition } => {
                let work = self.work(kind, trace, &[])?;
                Box::pin(get::get(&work, &id, &projection, precondition.as_deref())).await
            }
            Operation::Create { kind, body, projection } => {
                let mut work = self.work(kind, trace, &[b"POST", &body])?.by(by);
                let outcome = Box::pin(create::create(&mut work, &body, &projection)).await;
                work.ended(("create", None), work.told("create", outcome))
            }
            Operation::Replace { kind, id, body, projection, precondition } => {
                let mut work = self.work(kind, trace, &[b"PUT", id.as_bytes(), &body])?.by(by);
                let asked = Asked::Replace(scim::resource::parse(&body)?);
                let precondition = precondition.as_deref();
                let ask = Ask { asked: &asked, projection: &projection, precondition };
                let outcome = Box::pin(update::update(&mut work, &id, ask)).await;
                work.ended(("replace", Some(&id)), work.told("replace", outcome))
            }
            Operation::Patch { kind, id, body, projection, precondition } => {
                let mut work = self.work(kind, trace, &[b"PATCH", id.as_bytes(), &body])?.by(by);
                let asked = match quick::asked(&work, &body) {
                    Some(asked) => Asked::Usual(asked, &body),
                    None => Asked::Patch(Patch::parse(&body)?),
                };
                let precondition = precondition.as_deref();
                let ask = Ask { asked: &asked, projection: &projection, precondition };
                let outcome = Box::pin(update::update(&mut work, &id, ask)).await;
                work.ended(("patch", Some(&id)), work.told("patch", outcome))
            }
            Operation::Delete { kind, id, precondition } => {
                let mut work = self.work(kind, trace, &[b"DELETE", id.as_bytes()])?.by(by);
                let outcome = Box::pin(delete::delete(&mut work, &id, precondition.as_deref())).await;
                work.ended(("delete", Some(&id)), work.told("delete", outcome))
            }
            Operation::Search { query } => Box::pin(everywhere::search(self, &trace, &query)).await,
            Operation::Discover(what) => discover::discover(self, &what),
        }
    }

    /// The operation's context. `identity` is what makes a repeat of the operation the same operation.
    fn work(&self, kind: usize, trace: Arc<Trace>, identity: &[&[u8]]) -> Result<Work<'_>, Error> {
        let missing = || Error::NotFound { kind: "resource type".to_owned(), id: kind.to_string() };
        let kind = self.kinds.get(kind).ok_or_else(missing)?;
        let drawn = kind.asks.drawn.then(|| self.draws.draw());
        let operation_id = kind.asks.operation_id.then(|| self.draws.identify(&self.tenant, kind.name(), identity));
        let got = BTreeMap::new();
        // Every change says what makes it the same operation.
        let lane = if identity.is_empty() { Lane::Reads } else { Lane::Writes };
        let intent = self.upstream.plans().then(Arc::default);
        let deadline = Instant::now() + self.settings.limits.deadline;
        let budget = Budget { deadline, trace, bounded: true, lane, intent };
        let held = (!kind.mapping.inverse.is_empty()).then(Arc::default);
        Ok(Work {
            bridge: self,
            kind,
            budget,
            drawn,
            operation_id,
            got,
            sees_hidden: false,
            in_list: false,
            held,
            new_key: None,
        })
    }
}

impl Work<'_> {
    /// The same work, to be done at this time at the latest.
    fn by(mut self, by: Option<Instant>) -> Self {
        if let Some(by) = by {
            self.budget.deadline = self.budget.deadline.min(by);
        }
        self
    }

    /// Logs, by name, what of a request had no effect.
    fn ignored<'n>(&self, attributes: impl IntoIterator<Item = &'n str>) {
        for attribute in attributes {
            tracing::debug!(scim.attribute = attribute, request.id = self.budget.trace.id, "attribute ignored");
        }
    }
}
