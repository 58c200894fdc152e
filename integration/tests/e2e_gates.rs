//! A node whose kubelet cannot rerun, and an API server that does not keep the rule, while a webhook runs.
//! The node is changed for this, so no other program's tests run beside, and of these one at a time.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::slice::from_ref;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use integration::e2e::{Cluster, Fixture, Options, Pod};
use integration::node::{NAME, Node};
use integration::wait::{Probe, wait_for};
use reqwest::Method;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(120);
const GATE: &str = "RestartAllContainersOnContainerExits";
const PROGRAM: &str = "trap 'exit 0' TERM; trap 'exit 1' USR1; echo ready; \
    while :; do sleep 1000 & wait; done";

/// Held by a test while it has the node changed.
static ALONE: Mutex<()> = Mutex::new(());

/// Whose gate it is.
#[derive(Clone, Copy)]
enum Of {
    Kubelet,
    ApiServer,
}

/// A closed gate. It is opened when this goes, however the test ends.
struct Closed {
    cluster: &'static Cluster,
    node: &'static Node,
    of: Of,
}

impl Closed {
    fn close(cluster: &'static Cluster, node: &'static Node, of: Of) -> Self {
        let closed = Self { cluster, node, of };
        closed.set_gate(false).unwrap();
        closed
    }

    fn set_gate(&self, is_open: bool) -> Result<(), String> {
        let changed = match self.of {
            Of::Kubelet => self.node.set_kubelet_gate(GATE, is_open),
            Of::ApiServer => self.node.set_api_server_gate(GATE, is_open),
        };
        changed.map_err(|error| error.to_string())?;
        // kubectl, because its answer is no JSON.
        let ready = || {
            let asked = self.cluster.run_kubectl(&["get", "--raw", "/readyz"]);
            asked.map_err(|error| error.to_string())
        };
        let ready = wait_for("the API server", LIMIT, ready);
        ready.map(drop).map_err(|error| error.to_string())
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        if let Err(error) = self.set_gate(true) {
            integration::progress::print_line(&format!("the gate stays closed: {error}"));
        }
    }
}

/// A webhook that looks often at what its cluster can.
fn install_fixture(scenario: &str) -> Fixture {
    let options = Options::with_values(json!({ "cluster": { "interval": "2s" } }));
    let fixture = Fixture::install_with(scenario, &options, &json!({}), &json!({}));
    fixture.unwrap().unwrap()
}

/// Waits until a pod that does not say how it restarts gets our rule, or gets none.
fn wait_for_decision(fixture: &Fixture, reruns: bool) {
    let pod = fixture.build_pod(
        "asked-for",
        &[],
        &[fixture.build_container("web", PROGRAM).unwrap()],
    );
    let what = format!("a webhook that knows that pods rerun: {reruns}");
    wait_for(&what, LIMIT, || match fixture.namespace.dry_run(&pod) {
        Ok(pod) if !pod["spec"]["initContainers"].is_array() => {
            Probe::Failed(format!("admitted bare: {pod}"))
        }
        Ok(pod) => {
            let has_rule = pod["spec"]["containers"][0]["restartPolicyRules"].is_array();
            if has_rule == reruns {
                Probe::Ready(())
            } else {
                Probe::NotYet(pod["metadata"]["annotations"].to_string())
            }
        }
        Err(error) => Probe::NotYet(error.to_string()),
    })
    .unwrap();
}

/// Its status says that its token is kept.
fn assert_retains(pod: &Pod<'_>) {
    let key = format!("{}status", contract::names::ANNOTATION_PREFIX);
    let status = &pod.object()["metadata"]["annotations"][key];
    let status: Value = serde_json::from_str(status.as_str().unwrap()).unwrap();
    assert_eq!(status["restart"], "retain", "{status}");
}

/// Waits until the node declares the feature, or does not.
fn wait_for_declaration(cluster: &Cluster, expected: bool) {
    wait_for(
        &format!("a node that declares it: {expected}"),
        LIMIT,
        || {
            let node = cluster
                .api
                .request(&Method::GET, &format!("api/v1/nodes/{NAME}"), None);
            let node = node.map_err(|error| error.to_string())?;
            let features = node["status"]["declaredFeatures"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let ready = node["status"]["conditions"].to_string();
            (features.contains(&json!(GATE)) == expected)
                .then_some(())
                .ok_or(ready)
        },
    )
    .unwrap();
}

#[test]
fn without_the_gate_of_kubelet_the_token_is_kept_and_a_rerun_waits_for_a_node() {
    let Some(cluster) = Cluster::connect_or_skip().unwrap() else {
        return;
    };
    let Some(node) = cluster.node_or_skip("a kubelet with another gate") else {
        return;
    };
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let closed = Closed::close(cluster, node, Of::Kubelet);
    wait_for_declaration(cluster, false);
    let fixture = install_fixture("gates");
    let web = fixture.build_container("web", PROGRAM).unwrap();
    fixture
        .namespace
        .apply_objects(&[fixture.build_pod("web", &[], from_ref(&web))])
        .unwrap();
    let mut pod = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    assert_retains(&pod);
    pod.read_environment("web").unwrap();
    let before = pod.container_id("web").to_owned();
    pod.signal_program("web", "USR1").unwrap();
    pod.wait_for_restart("web", &before, LIMIT).unwrap();
    assert_eq!(fixture.count_logins().unwrap(), 1);

    // Asked for by name, it is for nodes that can.
    let rerun = fixture.build_pod("rerun", &[("restart", "rerun")], &[web]);
    let warnings = fixture.namespace.apply_objects(&[rerun]).unwrap();
    assert!(warnings.contains(GATE), "{warnings}");
    let mut rerun = fixture.namespace.list_pods("app=rerun").unwrap().remove(0);
    rerun
        .wait_for("a scheduler that finds no node", LIMIT, |pod: &Pod<'_>| {
            pod.object()["status"]["conditions"]
                .to_string()
                .contains("required features")
        })
        .unwrap();
    drop(closed);
    wait_for_declaration(cluster, true);
    rerun
        .wait_for("a node for it", LIMIT, Pod::is_ready)
        .unwrap();
    // From now on it is the default again.
    wait_for_decision(&fixture, true);
}

#[test]
fn an_api_server_that_forgets_the_rule_and_learns_it_again_is_followed() {
    let Some(cluster) = Cluster::connect_or_skip().unwrap() else {
        return;
    };
    let Some(node) = cluster.node_or_skip("an API server with another gate") else {
        return;
    };
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let fixture = install_fixture("api-gates");
    let web = fixture.build_container("web", PROGRAM).unwrap();
    wait_for_decision(&fixture, true);
    fixture
        .namespace
        .apply_objects(&[fixture.build_pod("before", &[], from_ref(&web))])
        .unwrap();
    fixture.namespace.wait_for_pods("app=before", 1).unwrap();

    let closed = Closed::close(cluster, node, Of::ApiServer);
    wait_for_decision(&fixture, false);
    fixture
        .namespace
        .apply_objects(&[fixture.build_pod("meanwhile", &[], from_ref(&web))])
        .unwrap();
    let meanwhile = fixture.namespace.wait_for_pods("app=meanwhile", 1).unwrap();
    assert_retains(&meanwhile[0]);
    fixture.check_password(&meanwhile, "web").unwrap();
    let asked = fixture.build_pod("asked", &[("restart", "rerun")], from_ref(&web));
    let refused = fixture
        .namespace
        .apply_objects(&[asked])
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("RestartAllContainersOnContainerExits; set it to retain or fail"),
        "{refused}"
    );

    drop(closed);
    wait_for_decision(&fixture, true);
    // Each recovers as it was admitted, the one by another login and the other by its first token.
    for (label, logins) in [("app=before", 3), ("app=meanwhile", 3)] {
        let mut pod = fixture.namespace.wait_for_pods(label, 1).unwrap().remove(0);
        let before = pod.container_id("web").to_owned();
        pod.signal_program("web", "USR1").unwrap();
        pod.wait_for_restart("web", &before, LIMIT).unwrap();
        fixture.check_password([&pod], "web").unwrap();
        assert_eq!(fixture.count_logins().unwrap(), logins, "{label}");
    }
}
