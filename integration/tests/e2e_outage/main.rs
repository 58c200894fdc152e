//! Vault away, sealed or unwilling while pods start.

#![expect(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens, and tells figures; clippy takes only #[test] functions for tests"
)]

mod backoff;

use std::collections::BTreeSet;
use std::time::Duration;

use contract::names;
use integration::demo::audit::Request;
use integration::e2e::{Fixture, Options, Pod};
use integration::wait::wait_for;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(600);
const PODS: usize = 30;
/// What an agent's line says of a login that failed.
const FAILED_LOGIN: &str = "error authenticating";
/// What an agent says of a Vault that is away: a node refuses what leads nowhere, but a kernel limits how
/// often it says so, and some networks say nothing.
const AWAY: [&str; 3] = ["connection refused", "timeout", "deadline exceeded"];

/// A fixture in which nobody gives up, so that all wait for the same moment.
fn install_patient(name: &str) -> Option<Fixture> {
    let options = Options::with_values(json!({ "defaults": { "loginDeadlineSeconds": 600 } }));
    Fixture::install_with(name, &options, &json!({}), &json!({})).unwrap()
}

/// A Deployment of so many pods.
fn roll_out(fixture: &Fixture, web: Value) {
    let deployment = fixture.build_deployment("web", PODS, &[], &[web]);
    fixture.namespace.apply_objects(&[deployment]).unwrap();
}

/// A Deployment of so many pods that have the node's address.
fn roll_out_with_one_address(fixture: &Fixture, web: Value) {
    let mut deployment = fixture.build_deployment("web", PODS, &[], &[web]);
    deployment["spec"]["template"]["spec"]["hostNetwork"] = json!(true);
    fixture.namespace.apply_objects(&[deployment]).unwrap();
}

/// Waits until the agents of all pods wait, and each has said why so often.
///
/// The first attempts of pods that started together are at the same time. The pauses that follow get
/// longer, each by another random part, up to five seconds.
fn wait_for_agents(fixture: &Fixture, times: usize, reasons: &[&str]) {
    let reasons_told = reasons.join(" or ");
    let what = format!("{PODS} agents that say {times} times {reasons_told}");
    wait_for(&what, LIMIT, || {
        let pods = fixture
            .namespace
            .list_pods("app=web")
            .map_err(|error| error.to_string())?;
        let waits = |pod: &&Pod<'_>| {
            let log = pod.read_log(names::AGENT_CONTAINER, false);
            let is_one = |line: &str| reasons.iter().any(|reason| line.contains(reason));
            let says = |line: &&str| line.contains(FAILED_LOGIN) && is_one(line);
            let said = log.map_or(0, |log| log.lines().filter(says).count());
            pod.is_running(names::AGENT_CONTAINER) && said >= times
        };
        let waiting = pods.iter().take_while(waits).count();
        if waiting == PODS {
            Ok(())
        } else {
            Err(format!(
                "of {}, {waiting} and perhaps more wait",
                pods.len()
            ))
        }
    })
    .unwrap();
}

/// The pauses between attempts get longer, up to five seconds, and each agent takes off another part, up to
/// a quarter: so agents that began together do not go on together.
fn pauses_differ(fixture: &Fixture) {
    let pods = fixture.namespace.list_pods("app=web").unwrap();
    let last_pause = |pod: &Pod<'_>| {
        let times = pod.times_of(names::AGENT_CONTAINER, FAILED_LOGIN).unwrap();
        let pause = times.windows(2).last().unwrap();
        pause[1].saturating_sub(pause[0]).as_secs_f64()
    };
    let pauses: Vec<_> = pods.iter().map(last_pause).collect();
    let longest = pauses.iter().copied().fold(f64::MIN, f64::max);
    let shortest = pauses.iter().copied().fold(f64::MAX, f64::min);
    eprintln!("the agents' last pauses: {shortest:.2} to {longest:.2} s");
    assert!(longest - shortest > 0.6, "{pauses:?}");
}

/// The most of some times that are within so long.
fn count_busiest(window: Duration, times: &[Duration]) -> usize {
    let within = |from: &Duration| {
        let until = *from + window;
        times
            .iter()
            .filter(|time| (*from..until).contains(*time))
            .count()
    };
    times.iter().map(within).max().unwrap_or_default()
}

/// Everybody waited for the same moment, and yet not everybody came at once.
fn no_storm(fixture: &Fixture) {
    let times = fixture
        .installation
        .vault()
        .read_request_times(Fixture::LOGIN)
        .unwrap();
    let (quarter, second) = (Duration::from_millis(250), Duration::from_secs(1));
    let (at_once, in_second) = (
        count_busiest(quarter, &times),
        count_busiest(second, &times),
    );
    eprintln!(
        "{} logins, {in_second} of them in the busiest second, {at_once} in a quarter of one",
        times.len()
    );
    // Whose connection had no answer yet comes through when the kernel asks again, within a second or two
    // and whatever the agent's pause is: 11 were seen in a quarter, and 25 in that second.
    assert!(
        at_once <= PODS * 2 / 3,
        "{at_once} logins in {quarter:?}: {times:?}"
    );
}

#[test]
fn a_rollout_waits_for_a_sealed_vault_and_goes_on_by_itself() {
    let Some(fixture) = install_patient("sealed") else {
        return;
    };
    let vault = fixture.installation.vault();
    vault.seal().unwrap();
    roll_out(&fixture, fixture.build_small_container("web").unwrap());
    wait_for_agents(&fixture, 6, &["Vault is sealed"]);
    pauses_differ(&fixture);
    vault.unseal().unwrap();
    let pods = fixture
        .namespace
        .wait_for_pods_within("app=web", PODS, LIMIT)
        .unwrap();
    fixture.check_password(&pods, "web").unwrap();
    // Those that gave up meanwhile were started again; each pod still logged in once.
    assert_eq!(fixture.count_logins().unwrap(), PODS);
    assert_eq!(
        vault
            .count_requests("read", Fixture::PASSWORD_PATH)
            .unwrap(),
        PODS
    );
    no_storm(&fixture);
}

#[test]
fn pods_wait_for_a_vault_that_cannot_be_reached() {
    let Some(fixture) = install_patient("unreachable") else {
        return;
    };
    let vault = fixture.installation.vault();
    vault.cut_off().unwrap();
    roll_out(&fixture, fixture.build_small_container("web").unwrap());
    wait_for_agents(&fixture, 6, &AWAY);
    vault.reconnect().unwrap();
    let pods = fixture
        .namespace
        .wait_for_pods_within("app=web", PODS, LIMIT)
        .unwrap();
    fixture.check_password(&pods, "web").unwrap();
    assert_eq!(fixture.count_logins().unwrap(), PODS);
    no_storm(&fixture);
}

/// Waits until the status of so many pods has said one of these when their agents had given up.
fn wait_for_status(fixture: &Fixture, count: usize, reasons: &[&str]) {
    let what = format!("{count} pods whose status says {}", reasons.join(" or "));
    let mut told = BTreeSet::new();
    wait_for(&what, LIMIT, || {
        let pods = fixture
            .namespace
            .list_pods("app=web")
            .map_err(|error| error.to_string())?;
        let says = |pod: &Pod<'_>| {
            pod.status_sentences(names::AGENT_CONTAINER)
                .any(|found| reasons.iter().any(|reason| found.contains(reason)))
        };
        let (now, rest): (Vec<_>, Vec<_>) = pods.iter().partition(|pod| says(pod));
        told.extend(now.iter().map(|pod| pod.name().to_owned()));
        if told.len() >= count {
            return Ok(());
        }
        let state = rest
            .first()
            .map_or_else(String::new, |pod| pod.describe_state());
        Err(format!("{} of {}, not {state}", told.len(), pods.len()))
    })
    .unwrap();
}

/// A fixture in which agents give up soon.
fn install_impatient(name: &str) -> Option<Fixture> {
    let options = Options::with_values(json!({ "defaults": { "loginDeadlineSeconds": 10 } }));
    Fixture::install_with(name, &options, &json!({}), &json!({})).unwrap()
}

/// All get through by themselves, and hardly any by more than one login.
fn check_recovery(fixture: &Fixture) {
    let pods = fixture
        .namespace
        .wait_for_pods_within("app=web", PODS, LIMIT)
        .unwrap();
    fixture.check_password(&pods, "web").unwrap();
    let login = Request {
        operation: "update".to_owned(),
        path: Fixture::LOGIN.to_owned(),
        refused: false,
    };
    let requests = fixture.installation.vault().read_requests().unwrap();
    // Where agents give up soon, a request of theirs has little time.
    let answered = requests.get(&login).copied().unwrap_or_default();
    assert!((PODS..=PODS + PODS / 4).contains(&answered), "{requests:?}");
}

#[test]
fn pods_that_give_up_say_in_their_status_that_vault_is_sealed() {
    let Some(fixture) = install_impatient("sealed-status") else {
        return;
    };
    let vault = fixture.installation.vault();
    vault.seal().unwrap();
    roll_out(&fixture, fixture.build_small_container("web").unwrap());
    wait_for_status(&fixture, PODS, &["Vault is sealed"]);
    vault.unseal().unwrap();
    check_recovery(&fixture);
}

#[test]
fn pods_that_give_up_say_in_their_status_that_vault_cannot_be_reached() {
    let Some(fixture) = install_impatient("unreachable-status") else {
        return;
    };
    let vault = fixture.installation.vault();
    vault.cut_off().unwrap();
    roll_out(&fixture, fixture.build_small_container("web").unwrap());
    wait_for_status(&fixture, PODS, &AWAY);
    vault.reconnect().unwrap();
    check_recovery(&fixture);
}

#[test]
fn pods_that_give_up_say_in_their_status_that_there_are_too_many() {
    let Some(fixture) = install_impatient("too-many-status") else {
        return;
    };
    let vault = fixture.installation.vault();
    // The first comes through.
    vault.limit_rate("auth/kubernetes", 1.0, "1h").unwrap();
    roll_out_with_one_address(&fixture, fixture.build_small_container("web").unwrap());
    wait_for_status(&fixture, PODS - 1, &["rate limit quota exceeded"]);
    vault.limit_rate("auth/kubernetes", 1000.0, "1s").unwrap();
    check_recovery(&fixture);
}

#[test]
fn a_rollout_gets_through_a_vault_that_says_too_many() {
    let Some(fixture) = install_patient("too-many") else {
        return;
    };
    let vault = fixture.installation.vault();
    vault.limit_rate("auth/kubernetes", 1.0, "1s").unwrap();
    vault.limit_rate("secret", 1.0, "1s").unwrap();
    // Vault counts each client's address. Where the pods have one in common they shall come together,
    // which they would not on a slow machine; where each has its own, it reads two paths at once.
    vault
        .write_secret("shop", "cache", &json!({ "password": "" }))
        .unwrap();
    let mut web = fixture.build_small_container("web").unwrap();
    let other = json!({ "name": "CACHE", "value": "vault:secret/data/shop/cache#password" });
    web["env"].as_array_mut().unwrap().push(other);
    vault.cut_off().unwrap();
    roll_out(&fixture, web);
    wait_for_agents(&fixture, 1, &AWAY);
    vault.reconnect().unwrap();
    let pods = fixture
        .namespace
        .wait_for_pods_within("app=web", PODS, LIMIT)
        .unwrap();
    fixture.check_password(&pods, "web").unwrap();
    let requests = vault.read_requests().unwrap();
    let count = |path: &str, refused: bool| -> usize {
        let is_meant = |request: &&Request| request.path == path && request.refused == refused;
        requests
            .iter()
            .filter(|(request, _)| is_meant(request))
            .map(|(_, count)| count)
            .sum()
    };
    let mut refused_in_all = 0;
    for path in [
        Fixture::LOGIN,
        Fixture::PASSWORD_PATH,
        "secret/data/shop/cache",
    ] {
        let (answered, refused) = (count(path, false), count(path, true));
        eprintln!("{path}: {answered} answered, {refused} refused");
        assert_eq!(answered, PODS, "{path}");
        // Each costs the pod a pause of a second and more; 108 to 162 were seen.
        assert!(refused <= 10 * PODS, "{path}: {refused} refused");
        refused_in_all += refused;
    }
    assert!(refused_in_all > 0, "nothing was too many: {requests:?}");
}

#[test]
fn a_role_that_is_gone_is_told_in_the_pods_status_and_asked_for_no_more_than_kubelet_retries() {
    let Some(fixture) = Fixture::install("no-role").unwrap() else {
        return;
    };
    let vault = fixture.installation.vault();
    vault.delete("auth/kubernetes/role/shop").unwrap();
    roll_out(&fixture, fixture.build_small_container("web").unwrap());
    let agent = names::AGENT_CONTAINER;
    let what = format!("a second refusal of each of {PODS} pods");
    let pods = wait_for(&what, LIMIT, || {
        let pods = fixture
            .namespace
            .list_pods("app=web")
            .map_err(|error| error.to_string())?;
        let refused = pods
            .iter()
            .filter(|pod| pod.restart_count(agent) >= 1)
            .count();
        if refused == PODS {
            Ok(pods)
        } else {
            Err(format!("{refused} of {}", pods.len()))
        }
    })
    .unwrap();
    for pod in &pods {
        let names_role = pod
            .status_sentences(agent)
            .any(|found| found.contains("shop"));
        assert!(names_role, "{}", pod.container_status(agent));
    }
    let attempts = fixture.count_logins().unwrap();
    // kubelet may have begun a start that the status does not count yet.
    let pods = fixture.namespace.list_pods("app=web").unwrap();
    let starts: u64 = pods.iter().map(|pod| pod.restart_count(agent) + 2).sum();
    assert!(
        u64::try_from(attempts).unwrap() <= starts,
        "{attempts} attempts in {starts} starts"
    );

    // It mends itself when the role is back.
    vault
        .allow_login("shop", fixture.namespace.name(), &json!({}))
        .unwrap();
    let pods = fixture
        .namespace
        .wait_for_pods_within("app=web", PODS, LIMIT)
        .unwrap();
    fixture.check_password(&pods, "web").unwrap();
}
