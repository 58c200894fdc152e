//! The webhook under load: on one core, with TLS, and its clients on another core.

use std::str::FromStr;
use std::time::{Duration, Instant};

use contract::paths;
use serde_json::{Value, json};

use super::effort::Effort;
use super::quantity::{Claim, Quantity, Unit, Wanted, float, milliseconds, thousands};
use super::wrk::{self, Load};
use super::{Bench, BenchError, Figure, machine};
use crate::demo::webhook::{Webhook, review};
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
    fn result(self) -> &'static str {
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
struct Scene {
    webhook: Webhook,
    client_core: usize,
    pod: Value,
    body: String,
    expected: Expected,
}

/// Reviews in a second, and how long the slowest take.
pub(super) fn rate(bench: &mut Bench, wish: &Wish) -> Result<Figure, BenchError> {
    let scene = Scene::new((wish.pod)(), wish.expected)?;
    let operations = scene.check()?;
    scene.load(bench.time(WARM_UP))?;
    let before = Effort::of_process(scene.webhook.id())?;
    let decided = scene.deciding()?;
    let children = Effort::of_children()?;
    let started = Instant::now();
    let load = scene.load(bench.time(MEASURED))?;
    let elapsed = started.elapsed();
    let server = Effort::of_process(scene.webhook.id())? - before;
    let client = Effort::of_children()? - children;
    let decided = scene.deciding()?.saturating_sub(decided);
    scene.check()?;

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
        measured: Quantity::time(load.p99),
        wanted: Wanted::Below(limit),
    }));
    let notes = vec![
        format!(
            "{} bytes a review, {operations} operations a patch; {} reviews in {:.1} s, p50 {}, p99 {}",
            scene.body.len(),
            thousands(&load.requests.to_string()),
            elapsed.as_secs_f64(),
            Quantity::time(load.median),
            Quantity::time(load.p99),
        ),
        format!(
            "the server's core {}, wrk's {}",
            shares(server, elapsed),
            shares(client, elapsed)
        ),
        spent(server, decided, load.requests),
    ];
    Ok(Figure { claims, notes })
}

/// Memory of the server when it has answered so many reviews.
pub(super) fn memory(
    bench: &mut Bench,
    pod: fn() -> Value,
    megabytes: f64,
) -> Result<Figure, BenchError> {
    let wanted = if bench.quick { 10_000 } else { 1_000_000 };
    let scene = Scene::new(pod(), Expected::Patch)?;
    scene.check()?;
    let at_start = scene.memory("VmRSS:")?;
    let mut answered = scene.answered()?;
    let mut rate = scene.load(WARM_UP)?.rate;
    while answered < wanted {
        // wrk takes a time and no number; a little less than a second too long is near enough.
        let left = float(wanted - answered) / rate.max(1.0);
        rate = scene
            .load(Duration::from_secs_f64(left.clamp(1.0, 30.0)))?
            .rate;
        answered = scene.answered()?;
    }
    let quantity = |bytes| Quantity::bytes(bytes, Unit::Megabytes);
    let claims = vec![Claim {
        what: "resident memory afterwards",
        measured: quantity(scene.memory("VmRSS:")?),
        wanted: Wanted::Below(megabytes),
    }];
    let notes = vec![format!(
        "after {} reviews that were answered with a patch, by its own count; {} before them, {} at its peak",
        thousands(&answered.to_string()),
        quantity(at_start),
        quantity(scene.memory("VmHWM:")?),
    )];
    Ok(Figure { claims, notes })
}

impl Scene {
    fn new(pod: Value, expected: Expected) -> Result<Self, BenchError> {
        let [server_core, client_core] = machine::two_cores()?;
        let webhook = machine::on_core(server_core, || Ok(Webhook::start(&config())?))?;
        let body = review(&pod).to_string();
        Ok(Self {
            webhook,
            client_core,
            pod,
            body,
            expected,
        })
    }

    /// Sees that the pod is changed as it should be; gives the number of operations.
    fn check(&self) -> Result<usize, BenchError> {
        let admitted = self.webhook.admit(&self.pod)?;
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
        let again = self.webhook.admit(&admitted.pod)?.operations;
        if again > 0 {
            let what = format!("a second review wants {again} more operations");
            return Err(BenchError::NotMutated(what));
        }
        Ok(admitted.operations)
    }

    /// Loads it, and sees that every request was answered as expected, by its own count as well.
    fn load(&self, time: Duration) -> Result<Load, BenchError> {
        let before = self.answered()?;
        let url = self.webhook.loopback_url();
        let load = machine::on_core(self.client_core, || wrk::post(&url, &self.body, time))?;
        if !load.complaints.is_empty() {
            return Err(BenchError::NotAnswered(load.complaints.join("; ")));
        }
        let answered = self.answered()? - before;
        if answered < load.requests {
            return Err(BenchError::NotAnswered(format!(
                "wrk got {} answers, and only {answered} were `{}`",
                load.requests,
                self.expected.result(),
            )));
        }
        Ok(load)
    }

    /// How many reviews it has answered as expected.
    fn answered(&self) -> Result<u64, BenchError> {
        let result = self.expected.result();
        self.metric(&format!(
            r#"tokenpipe_reviews_total{{result="{result}",reason=""}}"#
        ))
    }

    /// How long it has been reading, deciding and answering.
    fn deciding(&self) -> Result<Duration, BenchError> {
        self.metric("tokenpipe_review_decision_seconds_sum")
            .map(Duration::from_secs_f64)
    }

    fn metric<T: FromStr>(&self, name: &str) -> Result<T, BenchError> {
        let url = format!("{}/metrics", self.webhook.metrics());
        let text = http::client("").and_then(|client| client.get(&url).send()?.text());
        let text = text.map_err(|error| BenchError::NotAnswered(http::sentence(&error)))?;
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        let value = value.and_then(|value| value.trim().parse().ok());
        value.ok_or_else(|| BenchError::Field {
            file: url,
            field: name.into(),
        })
    }

    fn memory(&self, field: &str) -> Result<u64, BenchError> {
        let file = format!("/proc/{}/status", self.webhook.id());
        Ok(machine::field(&file, field)? * 1024)
    }
}

/// An operator's file with one connection; nothing is asked of that Vault.
fn config() -> Value {
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
fn spent(server: Effort, decided: Duration, reviews: u64) -> String {
    let micros = |time: Duration| milliseconds(time) * 1000.0 / float(reviews.max(1));
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
fn shares(effort: Effort, elapsed: Duration) -> String {
    let share = |part: Duration| part.as_secs_f64() * 100.0 / elapsed.as_secs_f64();
    format!(
        "{:.0} % user and {:.0} % system",
        share(effort.user),
        share(effort.system)
    )
}
