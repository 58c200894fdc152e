//! Metrics. Labels have few, fixed values; none comes from a pod.

use std::time::Duration;

use contract::Restart;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::config::KubernetesVersion;
use crate::plan::Facts;

/// Upper bounds in seconds: a review takes tens of microseconds, a burst on a starved core far more.
const BUCKETS: [f64; 10] = [1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 1e-1, 1.0, 5.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Review {
    result: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Injection {
    restart: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reload {
    result: &'static str,
}

/// All metrics.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    reviews: Family<Review, Counter>,
    injections: Family<Injection, Counter>,
    duration: Histogram,
    decision: Histogram,
    config_reloads: Family<Reload, Counter>,
    certificate_reloads: Family<Reload, Counter>,
    certificate_not_after: Gauge,
    kubernetes_minor: Gauge,
    oldest_kubelet_minor: Gauge,
    can_rerun: Gauge,
    closed_connections: Counter,
}

impl Metrics {
    /// Registers all metrics.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("tokenpipe");
        macro_rules! register {
            ($name:literal, $metric:expr, $help:literal) => {{
                let metric = $metric;
                registry.register($name, $help, metric.clone());
                metric
            }};
        }
        let metrics = Self {
            reviews: register!(
                "reviews",
                Family::default(),
                "Reviews by result (injected, untouched, refused, invalid) and reason of refusal"
            ),
            injections: register!(
                "injections",
                Family::default(),
                "Injections by action of a restart without a token (rerun, retain: the token stays, fail)"
            ),
            duration: register!(
                "review_duration_seconds",
                Histogram::new(BUCKETS),
                "Time from the head of a request to its answer"
            ),
            decision: register!(
                "review_decision_seconds",
                Histogram::new(BUCKETS),
                "Part of that time in which the review is read, decided and answered"
            ),
            config_reloads: register!(
                "config_reloads",
                Family::default(),
                "Changes of the configuration file by result (taken, refused: the old one stays)"
            ),
            certificate_reloads: register!(
                "certificate_reloads",
                Family::default(),
                "Changes of the certificate by result (taken, refused: the old one stays)"
            ),
            certificate_not_after: register!(
                "certificate_not_after_timestamp_seconds",
                Gauge::default(),
                "End of the certificate's validity, seconds since the epoch"
            ),
            kubernetes_minor: register!(
                "kubernetes_minor",
                Gauge::default(),
                "Minor version of Kubernetes that decisions are based on, 0 if it is not known"
            ),
            oldest_kubelet_minor: register!(
                "oldest_kubelet_minor",
                Gauge::default(),
                "Minor version of the oldest kubelet among nodes that pods can be put on, 0 if it is not known"
            ),
            can_rerun: register!(
                "can_rerun",
                Gauge::default(),
                "1 where a rerun of the init containers can be relied on everywhere, 0 where not"
            ),
            closed_connections: register!(
                "closed_connections",
                Counter::default(),
                "Connections that were closed for newer ones, because as many as may be were open"
            ),
            registry,
        };
        metrics.start_at_zero();
        metrics
    }

    /// A rate needs a first value, and a family without members is not printed at all.
    fn start_at_zero(&self) {
        for result in ["injected", "untouched", "refused", "invalid"] {
            drop(self.reviews.get_or_create(&Review { result, reason: "" }));
        }
        for restart in Restart::ALL.map(Restart::word) {
            drop(self.injections.get_or_create(&Injection { restart }));
        }
        for is_taken in [true, false] {
            let result = reload_result(is_taken);
            drop(self.config_reloads.get_or_create(&Reload { result }));
            drop(self.certificate_reloads.get_or_create(&Reload { result }));
        }
    }

    pub(super) fn review(&self, result: &'static str, reason: &'static str) {
        self.reviews.get_or_create(&Review { result, reason }).inc();
    }

    pub(super) fn injection(&self, restart: Restart) {
        let restart = restart.word();
        self.injections.get_or_create(&Injection { restart }).inc();
    }

    pub(super) fn duration(&self, duration: Duration) {
        self.duration.observe(duration.as_secs_f64());
    }

    pub(super) fn decision(&self, duration: Duration) {
        self.decision.observe(duration.as_secs_f64());
    }

    pub(super) fn config_reload(&self, is_taken: bool) {
        self.config_reloads
            .get_or_create(&Reload {
                result: reload_result(is_taken),
            })
            .inc();
    }

    pub(super) fn certificate_reload(&self, is_taken: bool) {
        self.certificate_reloads
            .get_or_create(&Reload {
                result: reload_result(is_taken),
            })
            .inc();
    }

    /// What counts connections that were closed for newer ones.
    pub(super) fn closed_connections(&self) -> Counter {
        self.closed_connections.clone()
    }

    pub(super) fn certificate_not_after(&self, seconds: i64) {
        self.certificate_not_after.set(seconds);
    }

    pub(super) fn cluster(&self, facts: Facts) {
        let minor = |version: Option<KubernetesVersion>| version.map_or(0, |version| version.minor);
        self.kubernetes_minor.set(minor(facts.kubernetes).into());
        self.oldest_kubelet_minor.set(minor(facts.nodes).into());
        self.can_rerun.set(i64::from(facts.can_rerun_everywhere()));
    }

    /// All metrics as OpenMetrics text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

fn reload_result(is_taken: bool) -> &'static str {
    if is_taken { "taken" } else { "refused" }
}
