//! `make cluster` and `make cluster-down` as a person meets them: repeated, and killed in the middle.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use integration::node::Node;
use integration::process::{self, Output};
use integration::tools::{self, Tool};
use integration::wait::{Probe, wait_for};
use integration::{skip_test, temp};

const LIMIT: Duration = Duration::from_secs(300);
const CLUSTER: &str = env!("CARGO_BIN_EXE_cluster");

/// What the machine has that a node could leave: processes, mounts, namespaces, links, routes, control
/// groups, files.
fn find_traces() -> BTreeSet<String> {
    let mut traces = BTreeSet::new();
    let mut add = |kind: &str, what: String| traces.insert(format!("{kind} {what}"));
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let path = process.path();
        let environment = fs::read(path.join("environ")).unwrap_or_default();
        if String::from_utf8_lossy(&environment).contains("TOKENPIPE_NODE=") {
            let name = fs::read_to_string(path.join("comm")).unwrap_or_default();
            add("process", name.trim().to_owned());
        }
        for kind in ["net", "mnt", "pid"] {
            // Those of the node's pods, whose processes do not have the mark.
            let namespace = fs::read_link(path.join("ns").join(kind)).unwrap_or_default();
            let groups = fs::read_to_string(path.join("cgroup")).unwrap_or_default();
            if groups.contains("tokenpipe-node") {
                add("namespace", namespace.display().to_string());
            }
        }
    }
    for line in fs::read_to_string("/proc/mounts").unwrap().lines() {
        let words: Vec<_> = line.split(' ').collect();
        if words[1].contains("tokenpipe/cluster") || words[1].contains("/kubelet/") {
            add("mount", words[1].to_owned());
        }
    }
    for link in fs::read_dir("/sys/class/net").unwrap().flatten() {
        if link.file_name().to_string_lossy().starts_with("tokenpipe") {
            add("link", link.file_name().to_string_lossy().into_owned());
        }
    }
    for route in fs::read_to_string("/proc/net/route").unwrap().lines() {
        if route.starts_with("tokenpipe") {
            add("route", route.to_owned());
        }
    }
    for hierarchy in fs::read_dir("/sys/fs/cgroup").unwrap().flatten() {
        if hierarchy.path().join("tokenpipe-node").exists() {
            add("control group", hierarchy.path().display().to_string());
        }
    }
    if Path::new("/sys/fs/cgroup/tokenpipe-node").exists() {
        add("control group", "tokenpipe-node".to_owned());
    }
    if node_directory().exists() {
        add("files", node_directory().display().to_string());
    }
    traces
}

/// Where the harness keeps the node.
fn node_directory() -> std::path::PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty());
    let home = || Path::new(&std::env::var_os("HOME").unwrap()).join(".cache");
    cache
        .map_or_else(home, Into::into)
        .join("tokenpipe/cluster")
}

fn run_cluster(action: &str) -> Output {
    let output = process::run_command(Command::new(CLUSTER).arg(action), LIMIT).unwrap();
    assert!(output.status.success(), "cluster {action}: {output:?}");
    output
}

/// Starts one, and kills that process when this trace is there.
fn killed_at(trace: &str, log: &Path) {
    let log = fs::File::create(log).unwrap();
    let mut up: Child = Command::new(CLUSTER)
        .arg("up")
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let what = format!("a start that has come to: {trace}");
    wait_for(&what, LIMIT, || {
        let ended = up.try_wait().unwrap();
        match (find_traces().contains(trace), ended) {
            (true, _) => Probe::Ready(()),
            (false, Some(status)) => Probe::Failed(format!("it ended: {status}")),
            (false, None) => Probe::NotYet("not yet".to_owned()),
        }
    })
    .unwrap();
    up.kill().unwrap();
    up.wait().unwrap();
}

/// Takes the node down however the test ends.
struct Down;

impl Drop for Down {
    fn drop(&mut self) {
        let _ = Node::bring_down();
    }
}

/// These traces, if another look finds the same; otherwise what differs.
fn seen_again(traces_of_before: BTreeSet<String>) -> Result<BTreeSet<String>, String> {
    let now = find_traces();
    let differ: Vec<_> = now
        .symmetric_difference(&traces_of_before)
        .cloned()
        .collect();
    if differ.is_empty() {
        Ok(traces_of_before)
    } else {
        Err(differ.join(", "))
    }
}

#[test]
fn a_start_that_is_killed_breaks_no_later_one_and_its_end_leaves_no_trace() {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    if !status.lines().any(|line| line.starts_with("Uid:\t0\t")) {
        return skip_test("a node needs root");
    }
    if !tools::is_there(Tool::Kubelet).unwrap() || !tools::is_there(Tool::Containerd).unwrap() {
        return skip_test("the programs of a node are not there yet: `make cluster` builds them");
    }
    if Node::find_running().unwrap().is_some() {
        return skip_test(
            "a node runs already, and this is about starting and ending one: `make cluster-down` ends it",
        );
    }
    // Of a node that somebody has killed in the middle.
    run_cluster("down");
    let before = find_traces();
    assert_eq!(
        before,
        BTreeSet::new(),
        "there is something before the node is"
    );
    let _down = Down;
    let logs = temp::create_directory("cluster-log").unwrap();
    for trace in [
        "process catatonit",
        "process kube-apiserver",
        "process kubelet",
    ] {
        killed_at(trace, &logs.path().join("log"));
    }
    let up = run_cluster("up").stdout();
    assert!(
        up.contains("export KUBECONFIG=") && up.contains("export VAULT_ADDR="),
        "{up}"
    );
    // What it says can be done: the answers are Vault's and kubelet's.
    let first = up
        .lines()
        .next()
        .unwrap()
        .trim_start_matches("export KUBECONFIG=");
    let mut kubectl = Command::new(tools::find_tool(Tool::Kubectl).unwrap());
    let pods = [
        "--namespace=vault",
        "get",
        "pods",
        "--output=jsonpath={..phase}",
    ];
    let pods =
        process::run_command(kubectl.arg("--kubeconfig").arg(first).args(pods), LIMIT).unwrap();
    assert_eq!(pods.stdout(), "Running", "{pods:?}");

    // Some of its programs start others, which come and go.
    let running = wait_for("two looks that agree", LIMIT, || seen_again(find_traces())).unwrap();
    assert_eq!(
        run_cluster("up").stdout(),
        up,
        "started again it is the same"
    );
    wait_for("the traces of before", LIMIT, || {
        seen_again(running.clone())
    })
    .unwrap();
    run_cluster("down");
    assert_eq!(find_traces(), before);
    run_cluster("down");
    killed_run();
    run_cluster("down");
    assert_eq!(find_traces(), before);
}

/// What runs on a node of its own and is killed leaves none that the next one would take.
fn killed_run() {
    let mut run = Command::new(CLUSTER)
        .args(["with", "sleep", "1000"])
        .env_remove("KUBECONFIG")
        .process_group(0)
        .spawn()
        .unwrap();
    wait_for("a node with something that runs on it", LIMIT, || {
        let is_there =
            node_directory().join("run").exists() && Node::find_running().unwrap().is_some();
        if is_there {
            Probe::Ready(())
        } else {
            Probe::NotYet("there is none".to_owned())
        }
    })
    .unwrap();
    let group = rustix::process::Pid::from_child(&run);
    rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap();
    run.wait().unwrap();
    assert!(
        Node::find_running().unwrap().is_none(),
        "it is taken for a node"
    );
    assert!(find_traces().contains("process kubelet"), "nothing is left");
    run_cluster("up");
    assert!(Node::find_running().unwrap().is_some());
}
