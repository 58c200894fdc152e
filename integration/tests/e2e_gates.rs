//! A node whose kubelet cannot rerun. It is changed for this, so this is the only test of its program,
//! which no other runs beside.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::slice::from_ref;
use std::time::Duration;

use integration::e2e::{Options, Pod, Scene, Site};
use integration::node::{NAME, Node};
use integration::wait::{Probe, wait_for};
use reqwest::Method;
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(120);
const GATE: &str = "RestartAllContainersOnContainerExits";
const PROGRAM: &str = "trap 'exit 0' TERM; trap 'exit 1' USR1; echo ready; \
    while :; do sleep 1000 & wait; done";

/// The gate as it was, however the test ends.
struct Closed<'n>(&'n Node);

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        self.0.set_kubelet_gate(GATE, true).unwrap();
    }
}

/// Waits until the node declares the feature, or does not.
fn declared(site: &Site, expected: bool) {
    wait_for(
        &format!("a node that declares it: {expected}"),
        LIMIT,
        || {
            let node = site
                .cluster
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
    let Some(site) = Site::open().unwrap() else {
        return;
    };
    let Some(node) = site.node("a kubelet with another gate") else {
        return;
    };
    node.set_kubelet_gate(GATE, false).unwrap();
    let closed = Closed(node);
    declared(site, false);
    // Nodes are asked at each interval.
    let options = Options::with(json!({ "cluster": { "interval": "2s" } }));
    let scene = Scene::set_with("gates", &options, &json!({}), &json!({}))
        .unwrap()
        .unwrap();
    let web = scene.container("web", PROGRAM).unwrap();
    let warnings = scene
        .space
        .apply(&[scene.pod("web", &[], from_ref(&web))])
        .unwrap();
    assert!(warnings.contains("restart: retain"), "{warnings}");
    let mut pod = scene.space.ready("app=web", 1).unwrap().remove(0);
    pod.environment("web").unwrap();
    let before = pod.container_id("web").to_owned();
    pod.tell("web", "USR1").unwrap();
    pod.runs_again("web", &before, LIMIT).unwrap();
    assert_eq!(scene.logins().unwrap(), 1);

    // Asked for by name, it is for nodes that can.
    let rerun = scene.pod("rerun", &[("restart", "rerun")], &[web]);
    let warnings = scene.space.apply(&[rerun]).unwrap();
    assert!(warnings.contains(GATE), "{warnings}");
    let mut rerun = scene.space.pods("app=rerun").unwrap().remove(0);
    rerun
        .wait_for("a scheduler that finds no node", LIMIT, |pod: &Pod<'_>| {
            pod.object()["status"]["conditions"]
                .to_string()
                .contains("required features")
        })
        .unwrap();
    drop(closed);
    declared(site, true);
    rerun
        .wait_for("a node for it", LIMIT, Pod::is_ready)
        .unwrap();
    // From now on it is the default again.
    wait_for("a webhook that knows", LIMIT, || {
        let name = format!("late-{}", scene.logins().unwrap());
        let late = scene.pod(&name, &[], &[scene.container("web", PROGRAM).unwrap()]);
        let path = format!("api/v1/namespaces/{}/pods?dryRun=All", scene.space.name());
        match site.cluster.create(&path, &late) {
            Ok(pod) if pod["spec"]["containers"][0]["restartPolicyRules"].is_array() => {
                Probe::Ready(())
            }
            Ok(pod) => Probe::NotYet(pod["metadata"]["annotations"].to_string()),
            Err(error) => Probe::NotYet(error.to_string()),
        }
    })
    .unwrap();
}
