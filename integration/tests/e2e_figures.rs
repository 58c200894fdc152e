//! What injection costs a pod on a node, beside the same pod without it.
//!
//! Pods of both kinds take turns, so that what else the machine does meets both. The figures are
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
use integration::e2e::{Options, Pod, Scene};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);
const ROUNDS: u32 = 8;
/// How often kubelet looks which containers have ended (its "relist"). Only then does it start the next
/// one, so a pod waits up to that long behind each of its init containers.
const RELIST: Duration = Duration::from_secs(1);
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
fn wanted(what: &str, seconds: f64, most: f64) {
    if seconds > most {
        let is_strict = std::env::var_os("STRICT").is_some_and(|value| !value.is_empty());
        let told = format!("{what}: {seconds:.2} s, wanted are {most} s");
        eprintln!("MISSED: {told}");
        assert!(!is_strict && seconds <= 2.0 * most, "{told}");
    }
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
}

/// Creates a pod; gives it, and the time from its creation to its program's word.
fn start<'s>(scene: &'s Scene, pod: &Value) -> (Pod<'s>, Duration) {
    let path = format!("api/v1/namespaces/{}/pods", scene.space.name());
    scene.site.cluster.create(&path, pod).unwrap();
    let created = now();
    let name = pod["metadata"]["name"].as_str().unwrap();
    let pod = scene
        .space
        .ready(&format!("app={name}"), 1)
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
        .containers()
        .iter()
        .any(|name| name == names::PREPARE_CONTAINER);
    (copies, mounts_image)
        == match delivery {
            "copy" => (true, false),
            "image-volume" => (false, true),
            _ => (false, false),
        }
}

/// The same pod without us and with us. Both have what a pod has unless it says otherwise: a token for
/// the API. kubelet looks each 0.3 s whether the volumes of a pod are there, and a pod that has none at
/// all does not wait for that.
fn pods(scene: &Scene, round: u32) -> [Value; 2] {
    let web = scene.container("web", Scene::PROGRAM).unwrap();
    let mut bare = scene.pod(&format!("bare-{round}"), &[], from_ref(&web));
    bare["metadata"]["annotations"] = json!({ "tokenpipe.dev/inject": "false" });
    let ours = scene.pod(&format!("web-{round}"), &[("restart", "rerun")], &[web]);
    [bare, ours].map(|mut pod| {
        pod["spec"]["automountServiceAccountToken"] = json!(true);
        pod
    })
}

fn measure(delivery: &str, most: f64) {
    let options = Options::with(json!({ "delivery": delivery }));
    let scene = Scene::set_with(delivery, &options, &json!({}), &json!({})).unwrap();
    let Some(scene) = scene else { return };
    // The first of each kind finds what the others have in memory.
    let (mut bare, mut ours, mut pinned) = (vec![], vec![], vec![]);
    for round in 0..=ROUNDS {
        // The pod before was ready when kubelet had looked. Each of ours shall come at another moment
        // between two looks, or all would wait equally long.
        let [without, with] = pods(&scene, round).map(|pod| {
            thread::sleep(RELIST * round / ROUNDS);
            start(&scene, &pod)
        });
        if round > 0 {
            bare.push(without.1);
            ours.push(with.1);
        }
        assert!(
            came_by(delivery, &with.0),
            "{delivery}: {}",
            with.0.object()
        );
        if let Some(node) = scene.site.node("the memory of a pod") {
            let of = |pod: &Pod<'_>| node.pinned_memory(pod.uid()).unwrap();
            pinned.push((of(&without.0), of(&with.0)));
        }
        // Behind the measuring: who reads a process's environment has pages of it brought in.
        scene.check_password([&with.0], "web").unwrap();
        for (pod, _) in [without, with] {
            scene.space.delete("pods", pod.name()).unwrap();
        }
    }
    let (bare, ours): (Samples<_>, Samples<_>) =
        (bare.into_iter().collect(), ours.into_iter().collect());
    let more = ours.best() - bare.best();
    eprintln!(
        "{delivery}: a bare pod's program starts after {:.2} s, an injected one's after {:.2} s: \
         {:.2} s more (medians of {ROUNDS}); the best {:.2} s and {:.2} s: {more:.2} s more. Up to a \
         second behind each init container is kubelet's, which looks once a second which have ended",
        bare.median(),
        ours.median(),
        ours.median() - bare.median(),
        bare.best(),
        ours.best(),
    );
    wanted(delivery, more, most);
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

#[test]
fn a_pod_starts_hardly_later() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for (delivery, most) in [("copy", 1.6), ("image-volume", 0.6), ("agent-image", 0.6)] {
        measure(delivery, most);
    }
}

#[test]
fn a_crash_is_over_in_five_seconds() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(scene) = Scene::set("crash").unwrap() else {
        return;
    };
    let mut times = Vec::new();
    for round in 0..3 {
        let [_, pod] = pods(&scene, round);
        let (mut pod, _) = start(&scene, &pod);
        let before = pod.container_id("web").to_owned();
        let crashed = now();
        if pod.kill("web").unwrap().is_none() {
            return;
        }
        pod.runs_again("web", &before, LIMIT).unwrap();
        let ready = pod.said_at("web", "ready", LIMIT).unwrap();
        times.push(ready.saturating_sub(crashed));
        scene.space.delete("pods", pod.name()).unwrap();
    }
    let times: Samples<_> = times.into_iter().collect();
    eprintln!(
        "from a crash to the program's next word: median {:.2} s, best {:.2} s",
        times.median(),
        times.best()
    );
    wanted("a crash", times.best(), 5.0);
}
