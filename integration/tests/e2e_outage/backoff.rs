//! Pods that cannot start do not hammer Vault: what its audit log has of them in ten minutes.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use contract::names;
use integration::e2e::{Fixture, Options, Pod};
use integration::wait::wait_for;
use serde_json::json;

/// Long enough for kubelet's longest pause to begin.
const WATCHED: Duration = Duration::from_secs(600);
/// How often the agent's log is read meanwhile. kubelet keeps that of two starts, and none is so short
/// that it comes and goes in between.
const LOOK: Duration = Duration::from_secs(5);
/// How long it takes at most until there is one.
const START: Duration = Duration::from_secs(120);

/// One pod asks a sealed Vault each five seconds at most, after the first few times.
const MOST_OF_A_SEALED_VAULT: usize = 200;

/// The most starts that kubelet makes of a container that always fails: at once, at once again, and
/// after 10, 20, 40 seconds and so on, up to five minutes. One more may just have begun.
fn most_starts(time: Duration) -> usize {
    let (mut starts, mut at, mut pause) = (3, Duration::ZERO, Duration::from_secs(10));
    while at + pause <= time {
        at += pause;
        pause = (pause * 2).min(Duration::from_secs(300));
        starts += 1;
    }
    starts
}

/// Counts what the agent says of its attempts, for each of its starts.
fn count_attempts(fixture: &Fixture, attempts: &mut BTreeMap<String, usize>) {
    let pod = fixture.namespace.list_pods("app=waits").unwrap().remove(0);
    let id = pod.container_id(names::AGENT_CONTAINER).to_owned();
    let log = wait_for("the agent's log", START, || {
        pod.read_log(names::AGENT_CONTAINER, false)
    })
    .unwrap();
    let count = log.matches("error authenticating").count();
    let known = attempts.entry(id).or_default();
    *known = count.max(*known);
}

#[test]
fn the_most_starts_in_ten_minutes() {
    assert_eq!(most_starts(Duration::from_secs(600)), 8);
    assert_eq!(most_starts(Duration::from_secs(150)), 7);
}

#[test]
fn a_refused_path_a_role_that_is_gone_and_a_sealed_vault() {
    let Some(refused) = Fixture::install("refused").unwrap() else {
        return;
    };
    let sealed = Fixture::install("sealed-long").unwrap().unwrap();
    let vault = refused.installation.vault();
    let roles = [("restart", "rerun")];
    let mut path = refused.build_container("path", Fixture::PROGRAM).unwrap();
    path["env"] = json!([{ "name": "OTHERS", "value": "vault:secret/data/others/db#password" }]);
    vault
        .allow_login("gone", refused.namespace.name(), &json!({}))
        .unwrap();
    vault.delete("auth/kubernetes/role/gone").unwrap();
    let role = refused.build_container("role", Fixture::PROGRAM).unwrap();
    let mut role = refused.build_pod("role", &roles, &[role]);
    role["metadata"]["annotations"]["tokenpipe.dev/auth-role"] = json!("gone");
    sealed.installation.vault().seal().unwrap();
    let waits = sealed.build_container("waits", Fixture::PROGRAM).unwrap();
    sealed
        .namespace
        .apply_objects(&[sealed.build_pod("waits", &roles, &[waits])])
        .unwrap();
    refused
        .namespace
        .apply_objects(&[refused.build_pod("path", &roles, &[path]), role])
        .unwrap();
    let started = Instant::now();

    // Time is what is asked about here.
    let mut waiting = BTreeMap::new();
    while started.elapsed() < WATCHED {
        thread::sleep(LOOK);
        count_attempts(&sealed, &mut waiting);
    }
    let most = most_starts(started.elapsed());
    let requests = vault.read_requests().unwrap();
    let told: Vec<_> = requests
        .iter()
        .map(|(request, count)| format!("{count} {request}"))
        .collect();
    eprintln!(
        "in {WATCHED:?} at most {most} starts; Vault was asked: {}",
        told.join(", ")
    );
    let count = |path: &str, refused: bool| -> usize {
        let is_meant = requests
            .iter()
            .filter(|(request, _)| request.path == path && request.refused == refused);
        is_meant.map(|(_, count)| count).sum()
    };
    // A policy's refusal is no reason for a new token: the login is one.
    assert_eq!(count(Fixture::LOGIN, false), 1);
    let reads = count("secret/data/others/db", true);
    assert!((2..=most).contains(&reads), "{reads} reads, at most {most}");
    // A role that is gone: one attempt for each start of the agent.
    let attempts = count(Fixture::LOGIN, true);
    assert!(
        (2..=most).contains(&attempts),
        "{attempts} logins, at most {most}"
    );

    // A sealed Vault logs nothing: the agent tells how often it asked. Then one login is enough.
    let asked: usize = waiting.values().sum();
    let starts = waiting.len();
    eprintln!("a sealed Vault was asked {asked} times by one pod, in {starts} starts of its agent");
    assert!(
        (20..=MOST_OF_A_SEALED_VAULT).contains(&asked),
        "{asked} times"
    );
    let mut pod = sealed.namespace.list_pods("app=waits").unwrap().remove(0);
    sealed.installation.vault().unseal().unwrap();
    let limit = Duration::from_secs(300);
    pod.wait_for("a ready pod", limit, Pod::is_ready).unwrap();
    assert_eq!(sealed.count_logins().unwrap(), 1);
}

/// A rerun starts all containers of the pod without kubelet's pause, so that two of them could have each
/// other's init containers run for ever.
#[test]
fn two_containers_whose_tokens_are_used_up_too_soon() {
    let role = json!({ "token_num_uses": 1 });
    let fixture = Fixture::install_with("used-up", &Options::default(), &role, &json!({})).unwrap();
    let Some(fixture) = fixture else { return };
    let containers = ["web", "api"].map(|name| {
        let mut container = fixture.build_container(name, Fixture::PROGRAM).unwrap();
        let another = format!("{}?", Fixture::PASSWORD.replace("/db", "/more"));
        let another = json!({ "name": "ANOTHER", "value": another });
        container["env"].as_array_mut().unwrap().push(another);
        container
    });
    let pod = fixture.build_pod("web", &[("restart", "rerun")], &containers);
    fixture.namespace.apply_objects(&[pod]).unwrap();
    let started = Instant::now();

    // Time is what is asked about here.
    thread::sleep(WATCHED);
    let most = 1 + containers.len() * most_starts(started.elapsed());
    let logins = fixture.count_logins().unwrap();
    eprintln!("in {WATCHED:?} {logins} logins, at most {most}");
    assert!((4..=most).contains(&logins), "{logins}, at most {most}");
    let pod = fixture.namespace.list_pods("app=web").unwrap().remove(0);
    let told = |name| {
        pod.status_sentences(name)
            .any(|told| told.contains("token_num_uses=0"))
    };
    assert!(told("web") || told("api"), "{}", pod.describe_state());
}
