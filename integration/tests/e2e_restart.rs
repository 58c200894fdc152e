//! Programs that crash and come back in the same pod: `restart: rerun` on a real kubelet.

use std::time::{Duration, Instant};

use contract::names;
use integration::cluster::ClusterError;
use integration::e2e::{E2eError, Fixture, Options, Pod};
use integration::node::Daemon;
use integration::wait::{Probe, wait_for};
use reqwest::Method;
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(120);
/// The line that env-exec writes at the start after a rerun, with how long ago it was in between.
const TOLD: &str = "the init containers were asked to run again ";
const WHY: &str = ": this container was restarted";
/// Says that it is there, and ends as it is told to.
const PROGRAM: &str = "
trap 'exit 0' TERM
trap 'exit 0' USR1
trap 'exit 1' HUP
trap 'exec dd if=/dev/zero of=/dev/null bs=256M count=1' USR2
echo ready
while :; do sleep 1000 & wait; done
";

/// Waits until the password is in the environment of a start of the container that is not this one.
fn wait_for_recovery(
    pod: &mut Pod<'_>,
    container: &str,
    before: &str,
    fixture: &Fixture,
) -> Result<(), E2eError> {
    pod.wait_for_restart(container, before, LIMIT)?;
    fixture.check_password([&*pod], container)?;
    Ok(())
}

/// Ends a program as nothing inside could; where the node is elsewhere it ends itself.
fn crash_program(pod: &Pod<'_>, container: &str) -> Result<(), E2eError> {
    match pod.kill_program(container)? {
        Some(()) => Ok(()),
        None => pod.signal_program(container, "HUP"),
    }
}

/// What `kubectl describe` says in the lines about a container, for one key.
fn find_described<'t>(told: &'t str, container: &str, key: &str) -> Option<&'t str> {
    let mut lines = told.lines().map(str::trim);
    lines.find(|line| line.strip_suffix(':') == Some(container))?;
    lines.find_map(|line| line.strip_prefix(key)).map(str::trim)
}

/// Waits until Vault has no token but its root's: all others have expired or were revoked.
fn no_token_is_left(fixture: &Fixture) -> Result<(), E2eError> {
    let vault = fixture.installation.vault();
    wait_for("the end of the pods' tokens", LIMIT, || {
        match vault.read("auth/token/accessors?list=true") {
            Ok(list) => match list["data"]["keys"].as_array().map_or(0, Vec::len) {
                1 => Probe::Ready(()),
                count => Probe::NotYet(format!("there are {count}")),
            },
            Err(error) => Probe::NotYet(error.to_string()),
        }
    })?;
    Ok(())
}

#[test]
fn a_program_that_is_killed_comes_back_in_its_pod() {
    let role = json!({ "token_ttl": "10s", "token_max_ttl": "10s" });
    let fixture = Fixture::install_with("killed", &Options::default(), &role, &json!({})).unwrap();
    let Some(fixture) = fixture else { return };
    let web = fixture.build_container("web", PROGRAM).unwrap();
    // The token is left to expire.
    let annotations = [("restart", "rerun"), ("revoke", "never")];
    fixture
        .namespace
        .apply_objects(&[fixture.build_pod("web", &annotations, &[web])])
        .unwrap();
    let mut pod = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    let (uid, ip) = (pod.uid().to_owned(), pod.ip().to_owned());
    let logins = |pod: &Pod<'_>| {
        let told = pod.run_describe().unwrap();
        let count = find_described(&told, names::AGENT_CONTAINER, "Restart Count:");
        count.unwrap_or_else(|| panic!("{told}")).to_owned()
    };
    assert_eq!(logins(&pod), "0");

    // kubelet waits before it starts a container again that has ended before, longer each time.
    for round in 1..=3 {
        no_token_is_left(&fixture).unwrap();
        let before = pod.container_id("web").to_owned();
        let killed = Instant::now();
        crash_program(&pod, "web").unwrap();
        wait_for_recovery(&mut pod, "web", &before, &fixture).unwrap();
        eprintln!(
            "round {round}: running again after {:.1} s",
            killed.elapsed().as_secs_f64()
        );
        assert_eq!((pod.uid(), pod.ip()), (&*uid, &*ip), "it is the same pod");
        // The start tells why the one before was none.
        let log = pod.wait_for_log("web", TOLD, LIMIT).unwrap();
        let last = log.lines().rfind(|line| *line != "ready").unwrap();
        assert!(last.contains(TOLD) && last.contains(WHY), "{log}");
        assert_eq!(fixture.count_logins().unwrap(), 1 + round);
    }
    eprintln!("{}", pod.run_describe().unwrap());
    assert_eq!(logins(&pod), "3");
    assert_eq!(
        fixture.namespace.find_leaks(&[&fixture.password]).unwrap(),
        Vec::<String>::new()
    );
}

#[test]
fn a_program_that_runs_out_of_memory_comes_back_in_its_pod() {
    let Some(fixture) = Fixture::install("memory").unwrap() else {
        return;
    };
    let mut web = fixture.build_container("web", PROGRAM).unwrap();
    web["resources"] = json!({ "limits": { "memory": "64Mi" } });
    fixture
        .namespace
        .apply_objects(&[fixture.build_pod("web", &[("restart", "rerun")], &[web])])
        .unwrap();
    let mut pod = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    let uid = pod.uid().to_owned();
    let before = pod.container_id("web").to_owned();
    let version = pod.object()["metadata"]["resourceVersion"].clone();
    pod.signal_program("web", "USR2").unwrap();
    wait_for_recovery(&mut pod, "web", &before, &fixture).unwrap();
    assert_eq!(pod.uid(), uid);
    assert_eq!(fixture.count_logins().unwrap(), 2);
    // The rerun has overwritten it since.
    let history = format!(
        "/api/v1/namespaces/{}/pods?watch=1&timeoutSeconds=1&resourceVersion={}",
        fixture.namespace.name(),
        version.as_str().unwrap()
    );
    let history = fixture
        .namespace
        .run_kubectl(&["get", "--raw", &history])
        .unwrap();
    assert!(history.contains("OOMKilled"), "{history}");
}

#[test]
fn a_program_that_ends_well_is_started_again() {
    let Some(fixture) = Fixture::install("ends-well").unwrap() else {
        return;
    };
    let web = fixture.build_container("web", PROGRAM).unwrap();
    fixture
        .namespace
        .apply_objects(&[fixture.build_pod("web", &[("restart", "rerun")], &[web])])
        .unwrap();
    let mut pod = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    let before = pod.container_id("web").to_owned();
    pod.signal_program("web", "USR1").unwrap();
    wait_for_recovery(&mut pod, "web", &before, &fixture).unwrap();
    assert_eq!(fixture.count_logins().unwrap(), 2);
}

#[test]
fn a_program_that_is_not_alive_is_started_again() {
    let Some(fixture) = Fixture::install("not-alive").unwrap() else {
        return;
    };
    let script = format!("touch /work/alive; {PROGRAM}");
    let mut web = fixture.build_container("web", &script).unwrap();
    web["livenessProbe"] = json!({
        "exec": { "command": ["cat", "/work/alive"] }, "periodSeconds": 1, "failureThreshold": 1,
        "initialDelaySeconds": 3,
    });
    web["volumeMounts"] = json!([{ "name": "work", "mountPath": "/work" }]);
    let mut object = fixture.build_pod("web", &[("restart", "rerun")], &[web]);
    object["spec"]["volumes"] = json!([{ "name": "work", "emptyDir": {} }]);
    fixture.namespace.apply_objects(&[object]).unwrap();
    let mut pod = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    let before = pod.container_id("web").to_owned();
    let remove = [
        "exec",
        "web",
        "--container",
        "web",
        "--",
        "rm",
        "/work/alive",
    ];
    fixture.namespace.run_kubectl(&remove).unwrap();
    wait_for_recovery(&mut pod, "web", &before, &fixture).unwrap();
    assert!(
        fixture
            .namespace
            .list_events("web")
            .unwrap()
            .contains("Liveness probe failed")
    );
    assert_eq!(fixture.count_logins().unwrap(), 2);
}

/// When kubelet last said that its node is there.
fn read_lease_renewal(fixture: &Fixture) -> Result<String, ClusterError> {
    let path = "apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    let leases = fixture.cluster.api.request(&Method::GET, path, None)?;
    Ok(leases["items"][0]["spec"]["renewTime"].to_string())
}

#[test]
fn kubelet_and_containerd_may_crash() {
    let Some(fixture) = Fixture::install("node-crash").unwrap() else {
        return;
    };
    let Some(node) = fixture.cluster.node_or_skip("a crash of kubelet") else {
        return;
    };
    let web = fixture.build_container("web", PROGRAM).unwrap();
    fixture
        .namespace
        .apply_objects(&[fixture.build_pod("web", &[("restart", "rerun")], &[web])])
        .unwrap();
    let mut pod = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    for (round, daemon) in [Daemon::Kubelet, Daemon::Containerd]
        .into_iter()
        .enumerate()
    {
        let before = pod.container_id("web").to_owned();
        let old = read_lease_renewal(&fixture).unwrap();
        node.restart_daemon(daemon).unwrap();
        // The status is the one from before until the new one works.
        wait_for(&format!("the node with another {daemon:?}"), LIMIT, || {
            let now = read_lease_renewal(&fixture).unwrap();
            if now == old {
                return Probe::NotYet(format!("its lease was renewed at {now}"));
            }
            match pod.read_log("web", false) {
                Ok(_) => Probe::Ready(()),
                Err(error) => Probe::NotYet(error.to_string()),
            }
        })
        .unwrap();
        // Whether the program ran through shows in what it is: the same start.
        pod.wait_for("a program that ran through", LIMIT, Pod::is_ready)
            .unwrap();
        assert_eq!(pod.container_id("web"), before, "{daemon:?}");
        crash_program(&pod, "web").unwrap();
        wait_for_recovery(&mut pod, "web", &before, &fixture).unwrap();
        assert_eq!(fixture.count_logins().unwrap(), 2 + round);
    }
}

/// What is documented of `rerun`: everything in the pod starts again, whoever crashed.
#[test]
fn one_of_three_containers_takes_the_others_with_it() {
    let Some(fixture) = Fixture::install("three").unwrap() else {
        return;
    };
    let containers =
        ["web", "api", "log"].map(|name| fixture.build_container(name, PROGRAM).unwrap());
    let warnings = fixture.namespace.apply_objects(&[fixture.build_pod(
        "web",
        &[("restart", "rerun")],
        &containers,
    )]);
    let warnings = warnings.unwrap();
    assert!(
        warnings.contains("kills all of its containers (web, api, log)"),
        "{warnings}"
    );
    let mut pod = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    let before = ["web", "api", "log"].map(|name| pod.container_id(name).to_owned());
    // A pod is ready before its programs are.
    for name in ["web", "api", "log"] {
        pod.read_environment(name).unwrap();
    }
    crash_program(&pod, "api").unwrap();
    for (name, before) in ["web", "api", "log"].into_iter().zip(&before) {
        wait_for_recovery(&mut pod, name, before, &fixture).unwrap();
    }
    assert_eq!(
        fixture.count_logins().unwrap(),
        2,
        "one login for all three"
    );
    let agent = pod.restart_count(names::AGENT_CONTAINER);
    assert_eq!(agent, 1, "{}", pod.describe_state());
}
