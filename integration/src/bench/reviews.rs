//! The webhook under load: on one core, with TLS, and its clients on another core.

use std::str::FromStr;
use std::time::{Duration, Instant};

use contract::paths;
use serde_json::{Value, json};

use super::effort::Effort;
use super::quantity::{Claim, Quantity, Unit, Wanted, format_thousands, to_float, to_milliseconds};
use super::wrk::{self, Load};
use super::{Bench, BenchError, Figure, machine};
use crate::demo::webhook::{Webhook, build_review};
use crate::http;

/// Before anything counts.
const WARM_UP: Duration = Duration::from_secs(2);
const MEASURED: Duration = Duration::from_secs(10);

/// What the webhook answers to a load's pod.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// A patch that wraps every container.
    Patch,
    /// That it may stay as it is.
    Untouched,
}

impl Expected {
    /// The label of its counter.
    fn result_label(self) -> &'static str {
        match self {
            Self::Patch => "injected",
            Self::Untouched => "untouched",
        }
    }
}

/// A load's pod, and what is wanted.
pub(super) struct Wish {
    pub(super) pod: fn() -> Value,
    pub(super) expected: Expected,
    pub(super) at_least: f64,
    /// Of the slowest in a hundred, in milliseconds.
    pub(super) p99: Option<f64>,
}

/// A webhook with a pod to ask it about.
struct LoadedWebhook {
    webhook: Webhook,
    client_core: usize,
    pod: Value,
    body: String,
    expected: Expected,
}

/// Reviews in a second, and how long the slowest take.
pub(super) fn measure_rate(bench: &mut Bench, wish: &Wish) -> Result<Figure, BenchError> {
    let loaded = LoadedWebhook::new((wish.pod)(), wish.expected)?;
    let operations = loaded.check_patch()?;
    loaded.load_server(bench.choose_time(WARM_UP))?;
    let before = Effort::of_process(loaded.webhook.id())?;
    let decided = loaded.read_decision_time()?;
    let children = Effort::of_children()?;
    let started = Instant::now();
    let load = loaded.load_server(bench.choose_time(MEASURED))?;
    let elapsed = started.elapsed();
    let server = Effort::of_process(loaded.webhook.id())? - before;
    let client = Effort::of_children()? - children;
    let decided = loaded.read_decision_time()?.saturating_sub(decided);
    loaded.check_patch()?;

    let mut claims = vec![Claim {
        what: match wish.expected {
            Expected::Patch => "reviews answered with a patch",
            Expected::Untouched => "reviews answered without a patch",
        },
        measured: Quantity {
            amount: load.rate,
            unit: Unit::PerSecond,
        },
        wanted: Wanted::AtLeast(wish.at_least),
    }];
    claims.extend(wish.p99.map(|limit| Claim {
        what: "99 of a hundred within",
        measured: Quantity::from_duration(load.p99),
        wanted: Wanted::Below(limit),
    }));
    let notes = vec![
        format!(
            "{} bytes a review, {operations} operations a patch; {} reviews in {:.1} s, p50 {}, p99 {}",
            loaded.body.len(),
            format_thousands(&load.requests.to_string()),
            elapsed.as_secs_f64(),
            Quantity::from_duration(load.median),
            Quantity::from_duration(load.p99),
        ),
        format!(
            "the server's core {}, wrk's {}",
            describe_shares(server, elapsed),
            describe_shares(client, elapsed)
        ),
        describe_processor_time(server, decided, load.requests),
    ];
    Ok(Figure { claims, notes })
}

/// Memory of the server when it has answered so many reviews.
pub(super) fn measure_memory(
    bench: &mut Bench,
    pod: fn() -> Value,
    megabytes: f64,
) -> Result<Figure, BenchError> {
    let wanted = if bench.quick { 10_000 } else { 1_000_000 };
    let loaded = LoadedWebhook::new(pod(), Expected::Patch)?;
    loaded.check_patch()?;
    let at_start = loaded.read_memory("VmRSS:")?;
    let mut answered = loaded.count_answered()?;
    let mut rate = loaded.load_server(WARM_UP)?.rate;
    while answered < wanted {
        // wrk takes a time and no number; a little less than a second too long is near enough.
        let left = to_float(wanted - answered) / rate.max(1.0);
        rate = loaded
            .load_server(Duration::from_secs_f64(left.clamp(1.0, 30.0)))?
            .rate;
        answered = loaded.count_answered()?;
    }
    let quantity = |bytes| Quantity::from_bytes(bytes, Unit::Megabytes);
    let claims = vec![Claim {
        what: "resident memory afterwards",
        measured: quantity(loaded.read_memory("VmRSS:")?),
        wanted: Wanted::Below(megabytes),
    }];
    let notes = vec![format!(
        "after {} reviews that were answered with a patch, by its own count; {} before them, {} at its peak",
        format_thousands(&answered.to_string()),
        quantity(at_start),
        quantity(loaded.read_memory("VmHWM:")?),
    )];
    Ok(Figure { claims, notes })
}

impl LoadedWebhook {
    fn new(pod: Value, expected: Expected) -> Result<Self, BenchError> {
        let [server_core, client_core] = machine::two_cores()?;
        let webhook = machine::on_core(server_core, || Ok(Webhook::start(&build_config())?))?;
        let body = build_review(&pod).to_string();
        Ok(Self {
            webhook,
            client_core,
            pod,
            body,
            expected,
        })
    }

    /// Sees that the pod is changed as it should be; gives the number of operations.
    fn check_patch(&self) -> Result<usize, BenchError> {
        let admitted = self.webhook.admit_pod(&self.pod)?;
        if self.expected == Expected::Untouched {
            return match admitted.operations {
                0 => Ok(0),
                operations => Err(BenchError::NotMutated(format!(
                    "it has no sign of tokenpipe, and {operations} operations change it"
                ))),
            };
        }
        let containers = admitted.pod["spec"]["containers"].as_array();
        let is_wrapped = |container: &Value| container["command"][0] == paths::ENV_EXEC;
        if !containers.is_some_and(|all| all.iter().all(is_wrapped)) {
            return Err(BenchError::NotMutated("a container is not wrapped".into()));
        }
        let again = self.webhook.admit_pod(&admitted.pod)?.operations;
        if again > 0 {
            let what = format!("a second review wants {again} more operations");
            return Err(BenchError::NotMutated(what));
        }
        Ok(admitted.operations)
    }

    /// Loads it, and sees that every request was answered as expected, by its own count as well.
    fn load_server(&self, time: Duration) -> Result<Load, BenchError> {
        let before = self.count_answered()?;
        let url = self.webhook.loopback_url();
        let load = machine::on_core(self.client_core, || {
            wrk::post_repeatedly(&url, &self.body, time)
        })?;
        if !load.complaints.is_empty() {
            return Err(BenchError::NotAnswered(load.complaints.join("; ")));
        }
        let answered = self.count_answered()? - before;
        if answered < load.requests {
            return Err(BenchError::NotAnswered(format!(
                "wrk got {} answers, and only {answered} were `{}`",
                load.requests,
                self.expected.result_label(),
            )));
        }
        Ok(load)
    }

    /// How many reviews it has answered as expected.
    fn count_answered(&self) -> Result<u64, BenchError> {
        let result = self.expected.result_label();
        self.read_metric(&format!(
            r#"tokenpipe_reviews_total{{result="{result}",reason=""}}"#
        ))
    }

    /// How long it has been reading, deciding and answering.
    fn read_decision_time(&self) -> Result<Duration, BenchError> {
        self.read_metric("tokenpipe_review_decision_seconds_sum")
            .map(Duration::from_secs_f64)
    }

    fn read_metric<T: FromStr>(&self, name: &str) -> Result<T, BenchError> {
        let url = format!("{}/metrics", self.webhook.metrics());
        let text = http::build_client("").and_then(|client| client.get(&url).send()?.text());
        let text = text.map_err(|error| BenchError::NotAnswered(http::describe_error(&error)))?;
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        let value = value.and_then(|value| value.trim().parse().ok());
        value.ok_or_else(|| BenchError::Field {
            file: url,
            field: name.into(),
        })
    }

    fn read_memory(&self, field: &str) -> Result<u64, BenchError> {
        let file = format!("/proc/{}/status", self.webhook.id());
        Ok(machine::read_number(&file, field)? * 1024)
    }
}

/// An operator's file with one connection; nothing is asked of that Vault.
fn build_config() -> Value {
    json!({
        "kubernetesVersion": "1.37",
        "connections": { "default": {
            "address": "https://vault.vault.svc:8200",
            "auth": { "method": "kubernetes", "audience": "vault" },
        } },
        "images": { "envExec": "tokenpipe/env-exec:0.1.0", "agent": "hashicorp/vault:1.21.1" },
    })
}

/// Where the processor time of a review goes. One core serves them one after the other, so that the
/// time in which it decides is processor time.
fn describe_processor_time(server: Effort, decided: Duration, reviews: u64) -> String {
    let micros = |time: Duration| to_milliseconds(time) * 1000.0 / to_float(reviews.max(1));
    format!(
        "a review costs the server {:.0} µs of processor time: {:.0} µs in the kernel, {:.0} µs \
         from its body to its answer and its line in the log, {:.0} µs for TLS and HTTP",
        micros(server.total()),
        micros(server.system),
        micros(decided),
        micros(server.user.saturating_sub(decided)),
    )
}

/// Processor time as shares of a time.
fn describe_shares(effort: Effort, elapsed: Duration) -> String {
    let share = |part: Duration| part.as_secs_f64() * 100.0 / elapsed.as_secs_f64();
    format!(
        "{:.0} % user and {:.0} % system",
        share(effort.user),
        share(effort.system)
    )
}
