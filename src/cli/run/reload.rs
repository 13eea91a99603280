//! Settings and mappings read anew while requests are served.
//!
//! New tenants are opened beside the old ones, checked as at the start, and put in their place at once: a request sees the one
//! or the other. What cannot be used changes nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::time::MissedTickBehavior;

use crate::cli::run::fixed::Fixed;
use crate::cli::run::identity;
use crate::cli::run::load::{Loaded, look};
use crate::cli::run::site::{Open, Site};
use crate::cli::signals::Hangups;
use crate::http::{Engine, Reloads, Tenant, Tenants};
use crate::mapping::source::Source;
use crate::secret::Fingerprint;
use crate::telemetry::Metrics;
use crate::telemetry::metrics::ReloadLabels;
use crate::upstream::Upstream;
use crate::upstream::transport::HttpTransport;

/// The time between two looks. What differs twice in the same way is read: it is not being written any more.
const BETWEEN: Duration = Duration::from_secs(1);

/// Reads anew when it is asked to, or when something has changed.
pub(super) struct Reloader<E: Engine, F> {
    pub(super) config: PathBuf,
    pub(super) environment: Vec<(String, String)>,
    pub(super) tenants: Arc<ArcSwap<Tenants<E>>>,
    pub(super) open: F,
    pub(super) transport: Arc<HttpTransport>,
    pub(super) fixed: Fixed,
    /// The texts of the mappings that are served, by tenant.
    pub(super) texts: BTreeMap<String, Source>,
    /// Whether a reload may change who is who.
    pub(super) allows_identity_change: bool,
    pub(super) reloads: Arc<Reloads>,
    pub(super) metrics: Arc<Metrics>,
    /// What was seen when all of this was read.
    pub(super) seen: Fingerprint,
}

/// What happens next.
enum Event {
    Asked,
    Look,
}

impl<E: Engine, F: Open<E>> Reloader<E, F> {
    /// Goes on until it is dropped.
    pub(super) async fn watch(self, mut hangups: Hangups) {
        let mut reloader = self;
        let mut looks = tokio::time::interval(BETWEEN);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut other: Option<Fingerprint> = None;
        loop {
            let event = tokio::select! {
                () = hangups.next() => Event::Asked,
                _ = looks.tick() => Event::Look,
            };
            // Files are read where nobody waits for the thread.
            let turn = tokio::task::spawn_blocking(move || {
                let now = look(&reloader.config, &reloader.environment);
                let is_settled = other.as_ref().is_some_and(|other| other.is(&now));
                let is_new = !now.is(&reloader.seen);
                let is_due = match event {
                    Event::Asked => true,
                    Event::Look => is_new && is_settled,
                };
                if is_due {
                    reloader.seen = now;
                    reloader.reload();
                    (reloader, None)
                } else {
                    (reloader, is_new.then_some(now))
                }
            });
            let Ok(after) = turn.await else {
                tracing::error!("settings and mappings are not watched any more");
                return;
            };
            (reloader, other) = after;
        }
    }

    fn reload(&mut self) {
        let outcome = match self.tried() {
            Ok(()) => "taken",
            Err(reason) => {
                tracing::warn!(reason, "settings and mappings refused, those before stay");
                self.reloads.refused(reason);
                "refused"
            }
        };
        self.metrics.reloads.get_or_create(&ReloadLabels { outcome }).inc();
    }

    /// # Errors
    /// One line: the first diagnostic, or what would change that must not.
    fn tried(&mut self) -> Result<(), String> {
        let loaded = Loaded::read(&self.config, &self.environment).map_err(|refused| refused.first())?;
        let waiting = self.fixed.changed(&loaded.settings);
        let before = self.tenants.load_full();
        let (mut tenants, mut texts) = (Vec::new(), BTreeMap::new());
        for settings in loaded.settings.tenants {
            let Some((mapping, source)) = loaded.mappings.get(&settings.mapping) else { continue };
            let name = settings.name.clone();
            let earlier = before.named(&name).map(Arc::as_ref);
            let (transport, server) = (Arc::clone(&self.transport), self.fixed.server());
            let tenant = (self.open)(settings, &Site { mapping, source, server, transport, earlier })?;
            let other = self.texts.get(&name).and_then(|text| identity::changed(text, (mapping, source)));
            let other = other.or_else(|| has_moved(earlier, &tenant).then(|| "the base URL of its API".to_owned()));
            if let Some(what) = other.filter(|_| !self.allows_identity_change) {
                return Err(format!(
                    "tenant `{name}`: {what} differs, and that changes who is who: restart, or start with \
                     `run --allow-identity-change`"
                ));
            }
            texts.insert(name, source.clone());
            tenants.push(tenant);
        }
        self.tenants.store(Arc::new(Tenants::new(tenants)));
        self.tenants.load().tell_modes();
        self.texts = texts;
        for key in &waiting {
            tracing::warn!(setting = key, "a changed setting takes effect at the next start");
        }
        tracing::info!(tenants = self.texts.len(), "settings and mappings reloaded");
        self.reloads.taken(waiting);
        Ok(())
    }
}

/// Whether the same tenant would call another API.
fn has_moved<E: Engine>(earlier: Option<&Tenant<E>>, tenant: &Tenant<E>) -> bool {
    let url = |tenant: &Tenant<E>| tenant.engine.upstream().map(Upstream::url).cloned();
    earlier.is_some_and(|earlier| url(earlier) != url(tenant))
}
