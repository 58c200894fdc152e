//! What is told of a scenario that fails, and what stays of one that is to be kept.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::env;
use std::process::Command;
use std::time::Duration;

use integration::e2e::{Cluster, KEEP, Namespace};
use integration::process;
use integration::wait::{Probe, wait_for};
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(120);
/// The variable that has this program play a scenario that fails.
const FAILS: &str = "E2E_REPORTS_FAILS";
const LAST_WORDS: &str = "it ends badly";

/// A scenario whose pod ends, and which takes that for a failure.
fn fail_scenario(cluster: &'static Cluster) {
    let namespace = Namespace::create(cluster, "reports", &json!({})).unwrap();
    let script = format!("echo {LAST_WORDS}; exit 3");
    let container = cluster.build_shell_container("web", &script).unwrap();
    let spec = json!({ "restartPolicy": "Never", "containers": [container] });
    let metadata = json!({ "name": "web", "labels": { "app": "web" } });
    let pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec });
    namespace.apply_objects(&[pod]).unwrap();
    let ended = wait_for("the pod's end", LIMIT, || {
        match namespace.get("pods", "web") {
            Ok(pod) if pod["status"]["phase"] == "Failed" => Probe::Ready(()),
            Ok(pod) => Probe::NotYet(pod["status"].to_string()),
            Err(error) => Probe::NotYet(error.to_string()),
        }
    });
    panic!("{ended:?}");
}

#[test]
fn a_failure_tells_states_events_and_logs_and_keeps_on_demand() {
    let Some(cluster) = Cluster::connect_or_skip().unwrap() else {
        return;
    };
    if env::var_os(FAILS).is_some() {
        return fail_scenario(cluster);
    }
    for (keep, is_kept) in [("", false), ("1", true)] {
        let mut again = Command::new(env::current_exe().unwrap());
        let name = "a_failure_tells_states_events_and_logs_and_keeps_on_demand";
        again
            .args(["--exact", name])
            .env(FAILS, "1")
            .env(KEEP, keep);
        let output = process::run_command(&mut again, 2 * LIMIT).unwrap();
        let told = output.stderr();
        let (_, name) = told.split_once("--- namespace ").unwrap();
        let name = name.lines().next().unwrap();
        let get = ["get", "namespace", name, "--ignore-not-found"];
        let phase = [&get[..], &["--output=jsonpath={.status.phase}"]].concat();
        let phase = cluster.run_kubectl(&phase).unwrap();
        let delete = ["delete", "namespace", name, "--ignore-not-found"];
        cluster
            .run_kubectl(&[&delete[..], &["--wait=false"]].concat())
            .unwrap();

        assert!(!output.status.success(), "{output:?}");
        // The pod's state, an event, and the end of its log.
        for part in ["exitCode\":3", "Started", LAST_WORDS] {
            assert!(told.contains(part), "no {part:?} in {told}");
        }
        assert!(name.starts_with("e2e-reports-"), "{told}");
        let said = told.contains(&format!("kept: namespace {name}\n"));
        assert_eq!(said, is_kept, "{told}");
        assert_eq!(phase == "Active", is_kept, "{name} is {phase:?}");
    }
}
