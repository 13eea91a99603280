//! Every metric of the process, in one table.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The upper bounds of the duration buckets, in seconds.
const SECONDS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0];

/// A label value that costs no allocation to copy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label(Arc<str>);

impl Label {
    /// A label value; the set of all values must be bounded by the configuration.
    pub fn new(value: &str) -> Self {
        Self(value.into())
    }
    /// The value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EncodeLabelValue for Label {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        EncodeLabelValue::encode(&self.as_str(), encoder)
    }
}

/// The labels of a request's duration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RouteLabels {
    /// The tenant's name; `-` when the path belongs to none.
    pub tenant: Label,
    /// The HTTP method; `other` when it is none that SCIM knows.
    pub method: &'static str,
    /// The path below the tenant's, without ids: `/Users/{id}`; `-` when there is no such path.
    pub template: Label,
}

/// The labels of a finished request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// The tenant's name; `-` when the path belongs to none.
    pub tenant: Label,
    /// The HTTP method; `other` when it is none that SCIM knows.
    pub method: &'static str,
    /// The path below the tenant's, without ids: `/Users/{id}`; `-` when there is no such path.
    pub template: Label,
    /// The status answered; 499 when the client hung up first.
    pub status: u16,
}

/// The labels of a tenant's counters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct TenantLabels {
    /// The tenant's name.
    pub tenant: Label,
}

/// The labels of a refused access.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RefusalLabels {
    /// The tenant's name.
    pub tenant: Label,
    /// Why: `missing`, `malformed`, `unknown`, `network`, `read_only`, or what is wrong with a JWT: `jwt_expired` and so on.
    pub reason: &'static str,
}

/// The labels of a reading of settings and mappings.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReloadLabels {
    /// `taken` or `refused`.
    pub outcome: &'static str,
}

/// The metrics; shared by everything that counts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Finished SCIM requests.
    pub requests: Family<RequestLabels, Counter>,
    /// How long SCIM requests took, in seconds.
    pub duration: Family<RouteLabels, Histogram, fn() -> Histogram>,
    /// Calls made to upstreams; every try counts.
    pub upstream_calls: Family<TenantLabels, Counter>,
    /// Requests whose sender may not call, or not for this.
    pub access_refused: Family<RefusalLabels, Counter>,
    /// Connections whose TLS handshake failed or took too long.
    pub tls_handshakes_failed: Counter,
    /// Operations at work.
    pub in_flight: Gauge<i64, AtomicI64>,
    /// Open connections.
    pub connections: Gauge<i64, AtomicI64>,
    /// Log lines that a blocked stderr cost.
    pub log_lines_dropped: Counter,
    /// Requests whose operation panicked.
    pub panics: Counter,
    /// Settings and mappings read anew.
    pub reloads: Family<ReloadLabels, Counter>,
}

impl Metrics {
    /// All metrics, at zero.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            duration: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            upstream_calls: Family::default(),
            access_refused: Family::default(),
            tls_handshakes_failed: Counter::default(),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            log_lines_dropped: Counter::default(),
            panics: Counter::default(),
            reloads: Family::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("scim_requests", "Finished SCIM requests", metrics.requests.clone());
        registry.register("scim_request_duration_seconds", "How long SCIM requests took", metrics.duration.clone());
        registry.register("upstream_calls", "Calls made to upstreams, every try", metrics.upstream_calls.clone());
        let refused = "Requests whose sender may not call, or not for this";
        registry.register("access_refused", refused, metrics.access_refused.clone());
        let failed = "Connections whose TLS handshake failed or took too long";
        registry.register("tls_handshakes_failed", failed, metrics.tls_handshakes_failed.clone());
        registry.register("operations_in_flight", "Operations at work", metrics.in_flight.clone());
        registry.register("connections_open", "Open connections", metrics.connections.clone());
        registry.register(
            "log_lines_dropped",
            "Log lines that a blocked stderr cost",
            metrics.log_lines_dropped.clone(),
        );
        registry.register("panics", "Requests whose operation panicked", metrics.panics.clone());
        registry.register("reloads", "Settings and mappings read anew", metrics.reloads.clone());
        metrics
    }

    /// All metrics in the `OpenMetrics` text format.
    pub fn render(&self) -> String {
        let mut text = String::with_capacity(4096);
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rendered_metrics_carry_their_promised_names_and_labels() {
        let metrics = Metrics::new();
        let (tenant, template) = (Label::new("acme"), Label::new("/Users/{id}"));
        let labels = RequestLabels { tenant: tenant.clone(), method: "GET", template: template.clone(), status: 200 };
        metrics.requests.get_or_create(&labels).inc();
        metrics.duration.get_or_create(&RouteLabels { tenant: tenant.clone(), method: "GET", template }).observe(0.002);
        metrics.upstream_calls.get_or_create(&TenantLabels { tenant: tenant.clone() }).inc_by(3);
        metrics.access_refused.get_or_create(&RefusalLabels { tenant, reason: "unknown" }).inc();
        metrics.in_flight.inc();
        metrics.panics.inc();
        let text = metrics.render();
        for line in [
            r#"scim_requests_total{tenant="acme",method="GET",template="/Users/{id}",status="200"} 1"#,
            r#"scim_request_duration_seconds_bucket{le="0.0025",tenant="acme",method="GET",template="/Users/{id}"} 1"#,
            r#"upstream_calls_total{tenant="acme"} 3"#,
            r#"access_refused_total{tenant="acme",reason="unknown"} 1"#,
            "operations_in_flight 1",
            "connections_open 0",
            "log_lines_dropped_total 0",
            "panics_total 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }
}
