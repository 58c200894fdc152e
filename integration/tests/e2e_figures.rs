//! What injection costs a pod on a node, beside the same pod without it, and beside one whose own init
//! containers do nothing: that much is kubelet's, whoever's they are.
//!
//! Pods of all kinds take turns, so that what else the machine does meets all. The figures are
//! printed. Times that are missed by far fail the test, and with `STRICT=1`, as for `make bench`, all that
//! are missed: those of the best of each kind, which a busy machine spoils least, and yet it does.

#![expect(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens, and tells figures; clippy takes only #[test] functions for tests"
)]

use std::slice::from_ref;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use contract::names;
use integration::e2e::{Fixture, Options, Pod};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);
const ROUNDS: u32 = 8;
/// How often kubelet looks which containers have ended (its "relist"). Only then does it start the next
/// one, so a pod waits up to that long behind each of its init containers.
const RELIST: Duration = Duration::from_secs(1);
/// What ours may take longer than init containers that do nothing: the login, and two reads over TLS.
const OWN: f64 = 0.4;
/// A file of a few bytes takes a page of memory, its directory another. Where the kernel puts a program's
/// stack makes a page or two more or less, of the median too: 8 to 16 KiB were seen.
const PINNED: u64 = 24 * 1024;

/// Held by a test while it measures.
static ALONE: Mutex<()> = Mutex::new(());

/// Some of one thing, in order.
struct Samples<T>(Vec<T>);

impl<T: Copy> Samples<T> {
    fn middle(&self) -> T {
        self.0[self.0.len() / 2]
    }
}

impl Samples<Duration> {
    fn best(&self) -> f64 {
        self.0[0].as_secs_f64()
    }

    fn median(&self) -> f64 {
        self.middle().as_secs_f64()
    }
}

impl<T: Ord> FromIterator<T> for Samples<T> {
    fn from_iter<I: IntoIterator<Item = T>>(samples: I) -> Self {
        let mut samples: Vec<_> = samples.into_iter().collect();
        samples.sort();
        Self(samples)
    }
}

/// Says that a time is longer than wanted. Twice as long is no busy machine's doing.
fn check_target(what: &str, seconds: f64, most: f64) {
    if seconds > most {
        let is_strict = std::env::var_os("STRICT").is_some_and(|value| !value.is_empty());
        let told = format!("{what}: {seconds:.2} s, wanted are {most} s");
        eprintln!("MISSED: {told}");
        assert!(!is_strict && seconds <= 2.0 * most, "{told}");
    }
}

fn current_time() -> Duration {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
}

/// Creates a pod; gives it, and the time from its creation to its program's word.
fn start_pod<'s>(fixture: &'s Fixture, pod: &Value) -> (Pod<'s>, Duration) {
    let path = format!("api/v1/namespaces/{}/pods", fixture.namespace.name());
    fixture.cluster.api.create_object(&path, pod).unwrap();
    let created = current_time();
    let name = pod["metadata"]["name"].as_str().unwrap();
    let pod = fixture
        .namespace
        .wait_for_pods(&format!("app={name}"), 1)
        .unwrap()
        .remove(0);
    let ready = pod.said_at("web", "ready", LIMIT).unwrap();
    (pod, ready.saturating_sub(created))
}

/// Whether env-exec came by this way of delivery: the webhook falls back to `copy` where a cluster is too
/// old for another.
fn came_by(delivery: &str, pod: &Pod<'_>) -> bool {
    let volumes = pod.object()["spec"]["volumes"].as_array();
    let mounts_image =
        volumes.is_some_and(|volumes| volumes.iter().any(|v| v["image"].is_object()));
    let copies = pod
        .container_names()
        .iter()
        .any(|name| name == names::PREPARE_CONTAINER);
    (copies, mounts_image)
        == match delivery {
            "copy" => (true, false),
            "image-volume" => (false, true),
            _ => (false, false),
        }
}

/// The same pod without us, with so many init containers that do nothing, and with us. All have what a pod
/// has unless it says otherwise: a token for the API. kubelet looks each 0.3 s whether the volumes of a pod
/// are there, and a pod that has none at all does not wait for that.
fn build_pods(fixture: &Fixture, round: u32, init: usize) -> [Value; 3] {
    let web = fixture.build_container("web", Fixture::PROGRAM).unwrap();
    let mut bare = fixture.build_pod(&format!("bare-{round}"), &[], from_ref(&web));
    bare["metadata"]["annotations"] = json!({ "tokenpipe.dev/inject": "false" });
    let mut idle = bare.clone();
    let name = format!("idle-{round}");
    idle["metadata"]["name"] = json!(name);
    idle["metadata"]["labels"]["app"] = json!(name);
    let nothing = |number| {
        fixture
            .cluster
            .build_shell_container(&format!("idle-{number}"), "exit 0")
    };
    let nothing: Vec<_> = (0..init).map(|number| nothing(number).unwrap()).collect();
    idle["spec"]["initContainers"] = json!(nothing);
    let ours = fixture.build_pod(&format!("web-{round}"), &[("restart", "rerun")], &[web]);
    [bare, idle, ours].map(|mut pod| {
        pod["spec"]["automountServiceAccountToken"] = json!(true);
        pod
    })
}

/// The memory that stays with pods without us and with us, as medians.
fn tell_memory(delivery: &str, pinned: &[(u64, u64)]) {
    if pinned.is_empty() {
        return;
    }
    let median =
        |of: fn(&(u64, u64)) -> u64| pinned.iter().map(of).collect::<Samples<_>>().middle();
    let (without, with) = (median(|pair| pair.0), median(|pair| pair.1));
    eprintln!("{delivery}: {without} bytes of memory stay with a bare pod, {with} with ours");
    assert!(
        with <= without + PINNED,
        "{delivery}: {with} bytes, {without} without us"
    );
}

/// The times of the three kinds of pods.
fn tell_times(delivery: &str, init: usize, times: [Vec<Duration>; 3], most: f64) {
    let [bare, idle, ours] = times.map(|times| times.into_iter().collect::<Samples<_>>());
    let (best, median) = (ours.best() - bare.best(), ours.median() - bare.median());
    let (idle_best, idle_median) = (idle.best() - bare.best(), idle.median() - bare.median());
    eprintln!(
        "{delivery}: a bare pod's program starts after {:.2} s (median of {ROUNDS}; the best {:.2} s), an \
         injected one's {median:.2} s later ({best:.2} s); behind {init} init containers that do nothing \
         it is {idle_median:.2} s ({idle_best:.2} s)",
        bare.median(),
        bare.best(),
    );
    check_target(delivery, best, most);
    let own = format!("{delivery}, beside init containers that do nothing");
    check_target(&own, best - idle_best, OWN);
}

fn measure_delivery(delivery: &str, init: usize, most: f64) {
    let options = Options::with_values(json!({ "delivery": delivery }));
    let fixture = Fixture::install_with(delivery, &options, &json!({}), &json!({})).unwrap();
    let Some(fixture) = fixture else { return };
    // The first of each kind finds what the others have in memory.
    let (mut times, mut pinned) = ([vec![], vec![], vec![]], vec![]);
    for round in 0..=ROUNDS {
        // The pod before was ready when kubelet had looked. Each shall come at another moment
        // between two looks, or all would wait equally long.
        let started = build_pods(&fixture, round, init).map(|pod| {
            thread::sleep(RELIST * round / ROUNDS);
            start_pod(&fixture, &pod)
        });
        if round > 0 {
            for (times, (_, time)) in times.iter_mut().zip(&started) {
                times.push(*time);
            }
        }
        let [bare, idle, ours] = started.map(|(pod, _)| pod);
        assert!(came_by(delivery, &ours), "{delivery}: {}", ours.object());
        let injected = ours.object()["spec"]["initContainers"].as_array();
        assert_eq!(injected.map(Vec::len), Some(init), "{delivery}");
        if let Some(node) = fixture.cluster.node_or_skip("the memory of a pod") {
            let of = |pod: &Pod<'_>| node.pinned_memory(pod.uid()).unwrap();
            pinned.push((of(&bare), of(&ours)));
        }
        // Behind the measuring: who reads a process's environment has pages of it brought in.
        fixture.check_password([&ours], "web").unwrap();
        for pod in [bare, idle, ours] {
            fixture.namespace.delete_object("pods", pod.name()).unwrap();
        }
    }
    tell_times(delivery, init, times, most);
    tell_memory(delivery, &pinned);
}

#[test]
fn a_pod_starts_hardly_later() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for (delivery, init, most) in [
        ("copy", 2, 1.6),
        ("image-volume", 1, 0.6),
        ("agent-image", 1, 0.6),
    ] {
        measure_delivery(delivery, init, most);
    }
}

#[test]
fn a_crash_is_over_in_five_seconds() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(fixture) = Fixture::install("crash").unwrap() else {
        return;
    };
    let mut times = Vec::new();
    for round in 0..3 {
        let [.., pod] = build_pods(&fixture, round, 0);
        let (mut pod, _) = start_pod(&fixture, &pod);
        let before = pod.container_id("web").to_owned();
        let crashed = current_time();
        if pod.kill_program("web").unwrap().is_none() {
            return;
        }
        pod.wait_for_restart("web", &before, LIMIT).unwrap();
        let ready = pod.said_at("web", "ready", LIMIT).unwrap();
        times.push(ready.saturating_sub(crashed));
        fixture.namespace.delete_object("pods", pod.name()).unwrap();
    }
    let times: Samples<_> = times.into_iter().collect();
    eprintln!(
        "from a crash to the program's next word: median {:.2} s, best {:.2} s",
        times.median(),
        times.best()
    );
    check_target("a crash", times.best(), 5.0);
}
