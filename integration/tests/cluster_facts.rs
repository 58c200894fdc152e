//! What the webhook finds out about a cluster, on API servers and nodes that cannot rerun.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::fs;
use std::path::Path;
use std::time::Duration;

use integration::certificates::Authority;
use integration::chart::{self, Replica};
use integration::cluster::{Cluster, mutating_webhook};
use integration::temp;
use integration::wait::{Probe, wait_for};
use reqwest::Method;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(30);
const FEATURE: &str = "RestartAllContainersOnContainerExits";

/// A replica with the operator's words about the cluster, and a certificate of its own.
fn start_replica(cluster: &Value, kubeconfig: &Path) -> Replica {
    let tls = json!({ "selfSigned": { "dnsNames": ["localhost"] } });
    start_replica_with(cluster, &tls, kubeconfig)
}

fn start_replica_with(cluster: &Value, tls: &Value, kubeconfig: &Path) -> Replica {
    let objects = chart::parse_objects(&chart::render_chart(&json!({})).unwrap()).unwrap();
    let mut config = chart::parse_config(&objects).unwrap();
    config["cluster"] = cluster.clone();
    config["server"]["tls"] = tls.clone();
    let replica = Replica::start(&config, kubeconfig).unwrap();
    replica.wait_until_ready().unwrap();
    replica
}

fn can_rerun(replica: &Replica) -> Option<bool> {
    let value = replica.read_metric("tokenpipe_can_rerun").unwrap();
    value.map(|value| value > 0.5)
}

#[test]
fn an_api_server_that_does_not_keep_the_rule_is_found_out() {
    let cases = [
        // Flags of the API server; what its version says, and what its answer to a probe says.
        (&[][..], true, true),
        (
            &["--feature-gates=RestartAllContainersOnContainerExits=false"],
            true,
            false,
        ),
        // It drops the rules without a word.
        (
            &[
                "--feature-gates=ContainerRestartRules=false,RestartAllContainersOnContainerExits=false",
            ],
            true,
            false,
        ),
        (&["--emulated-version=1.35"], false, false),
    ];
    for (flags, by_version, by_probe) in cases {
        let cluster = Cluster::start_with(flags).unwrap();
        let kubeconfig = cluster.kubeconfig();
        for (said, expected) in [
            (json!({}), by_version),
            (json!({ "probeNamespace": "default" }), by_probe),
            (
                json!({ "probeNamespace": "default", "restartAllContainers": true }),
                true,
            ),
            (
                json!({ "probeNamespace": "default", "restartAllContainers": false }),
                false,
            ),
        ] {
            let replica = start_replica(&said, &kubeconfig);
            assert_eq!(
                can_rerun(&replica),
                Some(expected),
                "{flags:?} {said}: {}",
                replica.log()
            );
            assert!(
                !replica.log().contains("does not tell"),
                "{}",
                replica.log()
            );
        }
        let templates = cluster
            .request(&Method::GET, "api/v1/podtemplates", None)
            .unwrap();
        assert_eq!(templates["items"], json!([]), "a dry run leaves nothing");
    }
}

/// The pod that comes out has the rule where the API server keeps it, and none where it would drop or
/// refuse it; who asks for it there is told.
#[test]
fn a_pod_gets_what_its_api_server_keeps() {
    let off = "--feature-gates=RestartAllContainersOnContainerExits=false";
    for (flags, keeps) in [(&[][..], true), (&[off], false)] {
        let cluster = Cluster::start_with(flags).unwrap();
        let authority = Authority::new("tokenpipe of the test").unwrap();
        let server = authority.issue_server(&["127.0.0.1"]).unwrap();
        let directory = temp::create_directory("facts").unwrap();
        let file = |name: &str, text: &str| {
            let path = directory.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let tls = json!({ "files": {
            "certificate": file("tls.crt", &server.certificate), "key": file("tls.key", &server.key),
        } });
        let said = json!({ "probeNamespace": "default" });
        let replica = start_replica_with(&said, &tls, &cluster.kubeconfig());
        let labels = [("tokenpipe.dev/injection", "enabled")];
        let namespace = cluster.create_namespace("facts", &labels).unwrap();
        let url = format!("https://127.0.0.1:{}/mutate", replica.port());
        let webhook = mutating_webhook("facts", &url, authority.certificate(), &labels);
        let _registration = cluster.register_webhook(&webhook).unwrap();
        let path = format!("api/v1/namespaces/{}/pods?dryRun=All", namespace.name());

        let rules = |pod: &Value| pod["spec"]["containers"][0]["restartPolicyRules"].is_array();
        let silent = cluster
            .create_object(&path, &build_pod(&json!({})))
            .unwrap();
        assert!(silent["spec"]["initContainers"].is_array(), "{silent}");
        assert_eq!(rules(&silent), keeps, "{flags:?}: {silent}");
        match cluster.create_object(
            &path,
            &build_pod(&json!({ "tokenpipe.dev/restart": "rerun" })),
        ) {
            Ok(asked) => assert!(keeps && rules(&asked), "{flags:?}: {asked}"),
            Err(error) => {
                let told = error.to_string();
                let sentence = "RestartAllContainersOnContainerExits; set it to retain or fail";
                assert!(!keeps && told.contains(sentence), "{flags:?}: {told}");
            }
        }
    }
}

fn build_pod(annotations: &Value) -> Value {
    let mut annotations = annotations.clone();
    annotations["tokenpipe.dev/auth-role"] = json!("web");
    let variable = json!({ "name": "PASSWORD", "value": "vault:secret/data/db#password" });
    json!({
        "metadata": { "name": "web", "annotations": annotations },
        "spec": { "containers": [
            { "name": "web", "image": "web", "command": ["/web"], "env": [variable] },
        ] },
    })
}

#[test]
fn the_least_capable_node_decides_and_it_is_kept_current() {
    let cluster = Cluster::start().unwrap();
    let said = json!({ "listNodes": true, "interval": "100ms" });
    let replica = start_replica(&said, &cluster.kubeconfig());
    assert_eq!(can_rerun(&replica), Some(true), "no node says no");
    let node = |name: &str, features: &[&str]| {
        let object =
            json!({ "metadata": { "name": name, "labels": { "kubernetes.io/os": "linux" } } });
        cluster.create_object("api/v1/nodes", &object).unwrap();
        declare_features(&cluster, name, features);
    };
    let becomes = |expected: bool| {
        wait_for(&format!("it to be {expected}"), LIMIT, || {
            Probe::from(can_rerun(&replica) == Some(expected))
        })
        .unwrap();
    };
    node("new", &[FEATURE]);
    node("old", &["Other"]);
    becomes(false);
    declare_features(&cluster, "old", &["Other", FEATURE]);
    becomes(true);
    let oldest = |expected: f64| {
        wait_for(
            &format!("the oldest kubelet to be {expected}"),
            LIMIT,
            || {
                let metric = replica
                    .read_metric("tokenpipe_oldest_kubelet_minor")
                    .unwrap();
                Probe::from(metric == Some(expected))
            },
        )
        .unwrap();
    };
    oldest(0.0);
    has_kubelet(&cluster, "new", "v1.37.2");
    oldest(37.0);
    has_kubelet(&cluster, "old", "v1.35.1+k3s1");
    oldest(35.0);
    declare_features(&cluster, "old", &[]);
    becomes(false);
    // What was found out about nodes that are not to be looked at any more is forgotten.
    let not = json!({ "listNodes": false, "interval": "100ms" });
    replica.change_config("cluster", &not).unwrap();
    becomes(true);
    oldest(0.0);
    replica.change_config("cluster", &said).unwrap();
    becomes(false);
    cluster
        .request(&Method::DELETE, "api/v1/nodes/old", None)
        .unwrap();
    becomes(true);
    oldest(37.0);
}

/// Who has nodes looked at does not mean them to be trusted unseen.
#[test]
fn nodes_that_cannot_be_listed_are_not_relied_on() {
    let cluster = Cluster::start().unwrap();
    let account = cluster.account_kubeconfig("default", "default").unwrap();
    // Nodes that are known are listed at every fifth look, which is beyond the limit.
    let said = json!({ "listNodes": true, "interval": "8s" });
    let replica = start_replica(&said, &account);
    assert_eq!(can_rerun(&replica), Some(false), "{}", replica.log());
    assert!(
        replica.log().contains("does not tell its nodes"),
        "{}",
        replica.log()
    );
    let bind = [
        "create",
        "clusterrolebinding",
        "nodes",
        "--clusterrole=view-nodes",
        "--serviceaccount=default:default",
    ];
    let role = [
        "create",
        "clusterrole",
        "view-nodes",
        "--verb=list",
        "--resource=nodes",
    ];
    for command in [&role[..], &bind] {
        let output = cluster.run_kubectl(command).unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    wait_for("nodes to be listed", LIMIT, || {
        Probe::from(can_rerun(&replica) == Some(true))
    })
    .unwrap();
}

fn declare_features(cluster: &Cluster, name: &str, features: &[&str]) {
    set_node_status(cluster, name, "declaredFeatures", &json!(features));
}

fn has_kubelet(cluster: &Cluster, name: &str, version: &str) {
    let info = json!({
        "architecture": "", "bootID": "", "containerRuntimeVersion": "", "kernelVersion": "",
        "kubeProxyVersion": "", "kubeletVersion": version, "machineID": "", "operatingSystem": "",
        "osImage": "", "systemUUID": "",
    });
    set_node_status(cluster, name, "nodeInfo", &info);
}

fn set_node_status(cluster: &Cluster, name: &str, field: &str, value: &Value) {
    let path = format!("api/v1/nodes/{name}");
    wait_for("the node's status to be taken", LIMIT, || {
        let mut node = cluster.request(&Method::GET, &path, None)?;
        node["status"][field] = value.clone();
        // Without a node's own taint of being new the webhook counts it as one that takes pods.
        cluster.request(&Method::PUT, &format!("{path}/status"), Some(&node))
    })
    .unwrap();
}
