//! The webhook's own pods killed and its certificate replaced, during one rollout.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::time::{Duration, Instant};

use integration::e2e::{Fixture, Installation, Options, Secret};
use reqwest::Method;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(300);
/// Those of the rollout, of which one is replaced at a time.
const PODS: usize = 20;
/// How long a pod of the rollout must have been ready before the next one is replaced, so that the rollout
/// takes longer than everything that happens during it.
const CALM: u64 = 6;
/// Those that are created while nobody can inject them.
const MEANWHILE: usize = 5;
/// What the API server waits for a webhook, and some for itself on a busy machine.
const ANSWER: Duration = Duration::from_secs(15);

/// What became of pods that were only asked for.
#[derive(Default, Debug)]
struct Asked {
    injected: usize,
    refused: usize,
    others: usize,
    slowest: Duration,
    /// When the last pod was injected, and the longest time without one.
    injected_at: Option<Instant>,
    longest_gap: Duration,
    /// How many authorities the `caBundle` had, in the order of its states.
    bundles: Vec<usize>,
    bundle: String,
}

/// Creates a pod that asks for injection and one that does not, as a dry run, and looks at the
/// certificate.
fn ask_webhook(fixture: &Fixture, asked: &mut Asked) {
    let web = fixture.build_container("web", Fixture::PROGRAM).unwrap();
    let create = |pod: &Value, asked: &mut Asked| {
        let started = Instant::now();
        let answer = fixture.namespace.dry_run(pod);
        asked.slowest = asked.slowest.max(started.elapsed());
        answer
    };
    match create(&fixture.build_pod("asks", &[], &[web]), asked) {
        Ok(pod) => {
            assert!(
                pod["spec"]["initContainers"].is_array(),
                "admitted bare: {pod}"
            );
            let now = Instant::now();
            let before = asked.injected_at.replace(now);
            let gap = before.map_or(Duration::ZERO, |before| now - before);
            asked.longest_gap = asked.longest_gap.max(gap);
            asked.injected += 1;
        }
        Err(error) => {
            let error = error.to_string();
            assert!(error.contains("not injected"), "{error}");
            asked.refused += 1;
        }
    }
    let other = fixture
        .cluster
        .build_shell_container("other", Fixture::PROGRAM)
        .unwrap();
    let other = json!({ "metadata": { "name": "other" }, "spec": { "containers": [other] } });
    create(&other, asked).unwrap();
    asked.others += 1;
    let bundle = fixture.installation.read_authorities().unwrap();
    if bundle != asked.bundle {
        asked
            .bundles
            .push(bundle.matches("BEGIN CERTIFICATE").count());
        asked.bundle = bundle;
    }
}

/// Kills so many of the webhook's pods as a node's end would.
fn kill_replicas(fixture: &Fixture, count: usize) {
    let system = fixture.installation.system();
    for pod in system
        .list_pods(Installation::PODS)
        .unwrap()
        .iter()
        .take(count)
    {
        system.delete_object("pods", pod.name()).unwrap();
    }
}

/// The Deployment in one of its states.
fn build_rollout(fixture: &Fixture, state: &str) -> Value {
    let web = fixture.build_small_container("web").unwrap();
    let mut deployment = fixture.build_deployment("web", PODS, &[], &[web]);
    let spec = &mut deployment["spec"];
    spec["template"]["metadata"]["annotations"]["state"] = json!(state);
    spec["minReadySeconds"] = json!(CALM);
    spec["strategy"] = json!({ "rollingUpdate": { "maxSurge": 1, "maxUnavailable": 0 } });
    deployment
}

/// Whether pods of an older state are still to be replaced.
fn is_rolling_out(fixture: &Fixture) -> bool {
    let path = format!(
        "apis/apps/v1/namespaces/{}/deployments/web",
        fixture.namespace.name()
    );
    let deployment = fixture.cluster.api.request(&Method::GET, &path, None);
    let status = &deployment.unwrap()["status"];
    status["updatedReplicas"].as_u64() < status["replicas"].as_u64()
}

#[test]
fn no_pod_is_admitted_bare_and_no_other_is_held_up() {
    let rotating = json!({
        "authorityLifetime": "60s", "certificateLifetime": "20s", "settle": "3s", "interval": "1s",
    });
    let options = Options::with_values(json!({
        "replicas": 2, "certificate": { "selfSigned": rotating },
    }));
    let fixture = Fixture::install_with("webhook", &options, &json!({}), &json!({})).unwrap();
    let Some(fixture) = fixture else { return };
    let namespace = &fixture.namespace;
    let mut asked = Asked::default();
    let during = |time: u64, asked: &mut Asked| {
        let until = Instant::now() + Duration::from_secs(time);
        while Instant::now() < until {
            ask_webhook(&fixture, asked);
        }
    };
    namespace
        .apply_objects(&[build_rollout(&fixture, "old")])
        .unwrap();
    namespace
        .wait_for_pods_within("app=web", PODS, LIMIT)
        .unwrap();

    during(2, &mut asked);
    assert_eq!(asked.refused, 0, "{asked:?}");
    namespace
        .apply_objects(&[build_rollout(&fixture, "new")])
        .unwrap();
    kill_replicas(&fixture, 1);
    during(15, &mut asked);
    let (after_one, gap_of_one) = (asked.refused, asked.longest_gap);
    assert!(is_rolling_out(&fixture), "when all are killed: {asked:?}");
    kill_replicas(&fixture, 2);
    let web = fixture.build_small_container("web").unwrap();
    let meanwhile = fixture.build_deployment("meanwhile", MEANWHILE, &[], &[web]);
    namespace.apply_objects(&[meanwhile]).unwrap();
    let until = Instant::now() + LIMIT;
    while asked.refused == after_one {
        assert!(Instant::now() < until, "it was never down: {asked:?}");
        ask_webhook(&fixture, &mut asked);
    }
    let system = fixture.installation.system();
    system
        .wait_for_pods_within(Installation::PODS, 2, LIMIT)
        .unwrap();
    loop {
        let before = asked.refused;
        during(2, &mut asked);
        if asked.refused == before {
            break;
        }
        assert!(Instant::now() < until, "it does not come back: {asked:?}");
    }
    let after_all = asked.refused;
    // Those that were on their way to one that is killed fail, and those for which its Service still
    // leads there. But the other one serves.
    assert!(
        gap_of_one < asked.longest_gap,
        "{gap_of_one:?} without an injection when one was killed: {asked:?}"
    );

    // Until an authority has been replaced.
    let until = Instant::now() + LIMIT;
    asked.bundles.clear();
    while !matches!(asked.bundles[..], [.., 2, 1]) {
        assert!(Instant::now() < until, "no rotation: {asked:?}");
        during(1, &mut asked);
    }
    assert!(
        is_rolling_out(&fixture),
        "it ended before the rotation: {asked:?}"
    );
    assert_eq!(asked.refused, after_all, "during a rotation: {asked:?}");
    eprintln!(
        "{} injected, {after_one} refused when one was killed (none injected for {:.1} s) and {} when all \
         were ({:.1} s), {} others, the slowest answer {:.1} s, authorities in the caBundle: {:?}",
        asked.injected,
        gap_of_one.as_secs_f64(),
        after_all - after_one,
        asked.longest_gap.as_secs_f64(),
        asked.others,
        asked.slowest.as_secs_f64(),
        asked.bundles,
    );
    assert!(asked.slowest < ANSWER, "{asked:?}");

    // All that was to happen has happened.
    let mut hurried = build_rollout(&fixture, "new");
    hurried["spec"]["minReadySeconds"] = json!(0);
    namespace.apply_objects(&[hurried]).unwrap();
    namespace.wait_for_rollout("web", LIMIT).unwrap();
    for (app, count) in [("app=web", PODS), ("app=meanwhile", MEANWHILE)] {
        let pods = namespace.wait_for_pods_within(app, count, LIMIT).unwrap();
        fixture.check_password(&pods, "web").unwrap();
    }
    let before = asked.refused;
    during(2, &mut asked);
    assert_eq!(
        asked.refused, before,
        "refused although all is well again: {asked:?}"
    );
    let leaks = namespace.find_leaks(&[] as &[&Secret]).unwrap();
    assert_eq!(leaks, Vec::<String>::new());
}
