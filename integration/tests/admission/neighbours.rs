//! Other injectors, before and after ours. vault-k8s cannot be had here; its double adds what its
//! version 1.7 adds to a pod (`agent-inject/agent` of its source), but for the mount of the
//! ServiceAccount's token, whose volume has another name in each pod.

use contract::names::{AGENT_CONTAINER, AUTH_VOLUME, PREFIX};
use integration::cluster::mutating_webhook;
use serde_json::{Value, json};

use crate::later::Later;
use crate::place::{
    build_pod, build_resubmission, create_namespace, create_pod, dry_run, entry_names, find_named,
    read_settings, read_status, shared_cluster,
};

/// In what it adds, and in nothing else.
const MARK: &str = "agent-inject-status";

fn build_agent(name: &str, home: &str, copied: &[Value]) -> Value {
    let config = "echo ${VAULT_CONFIG?} | base64 -d > /home/vault/config.json && vault agent \
                  -config=/home/vault/config.json";
    let field = |path: &str| json!({ "fieldRef": { "fieldPath": path } });
    let own = [
        json!({ "name": home, "mountPath": "/home/vault" }),
        json!({ "name": "vault-secrets", "mountPath": "/vault/secrets" }),
    ];
    let mounts = [&own[..], copied].concat();
    json!({
        "name": name, "image": "hashicorp/vault:2.0.4",
        "command": ["/bin/sh", "-ec"], "args": [config],
        "env": [
            { "name": "NAMESPACE", "valueFrom": field("metadata.namespace") },
            { "name": "HOST_IP", "valueFrom": field("status.hostIP") },
            { "name": "POD_IP", "valueFrom": field("status.podIP") },
            { "name": "VAULT_LOG_LEVEL", "value": "info" },
            { "name": "VAULT_LOG_FORMAT", "value": "standard" },
            { "name": "VAULT_CONFIG", "value": "e30=" },
        ],
        "resources": {
            "limits": { "cpu": "500m", "memory": "128Mi" },
            "requests": { "cpu": "250m", "memory": "64Mi" },
        },
        "securityContext": {
            "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] },
            "readOnlyRootFilesystem": true, "runAsGroup": 1000, "runAsNonRoot": true,
            "runAsUser": 100,
        },
        "volumeMounts": mounts,
    })
}

/// The mounts of `app` by then, which `agent-copy-volume-mounts: app` has the agents share.
fn mounts_to_copy(ours: usize) -> Vec<Value> {
    let mut mounts = vec![json!({ "name": "own", "mountPath": "/own" })];
    if ours > 0 {
        mounts.push(
            json!({ "name": "tokenpipe-bin", "mountPath": "/tokenpipe/bin", "readOnly": true }),
        );
        mounts.push(json!({ "name": "tokenpipe-token-app", "mountPath": "/tokenpipe/token" }));
    }
    mounts
}

/// The patch of vault-k8s, which counts containers: `ours` stand in the pod already, or the lists
/// that it appends to are not there yet. Its agents have further mounts.
fn vault_k8s(ours: usize, copied: &[Value]) -> Value {
    let memory = |name: &str| json!({ "name": name, "emptyDir": { "medium": "Memory" } });
    let secrets = json!({ "name": "vault-secrets", "mountPath": "/vault/secrets" });
    let mut operations = Vec::new();
    let mut append = |path: &str, is_there: bool, value: Value| {
        operations.push(if is_there {
            json!({ "op": "add", "path": format!("{path}/-"), "value": value })
        } else {
            json!({ "op": "add", "path": path, "value": [value] })
        });
    };
    append("/spec/volumes", true, memory("home-init"));
    append("/spec/volumes", true, memory("home-sidecar"));
    append("/spec/volumes", true, memory("vault-secrets"));
    append("/spec/containers/0/volumeMounts", true, secrets.clone());
    let init = build_agent("vault-agent-init", "home-init", copied);
    append("/spec/initContainers", ours > 0, init);
    for index in 0..ours {
        let mounts = format!("/spec/initContainers/{index}/volumeMounts");
        append(&mounts, true, secrets.clone());
    }
    append(
        "/spec/containers",
        true,
        build_agent("vault-agent", "home-sidecar", copied),
    );
    operations.push(json!({
        "op": "add", "path": "/metadata/annotations/vault.hashicorp.com~1agent-inject-status",
        "value": "injected",
    }));
    Value::Array(operations)
}

/// A pod for both, that takes the variables of a whole path: `vault-agent` is none of its author's
/// containers.
fn build_pod_for_both(annotations: &[(&str, &str)]) -> Value {
    let mut pod = build_pod();
    let mut all = json!({ "vault.hashicorp.com/agent-inject": "true" });
    for (key, value) in annotations {
        all[format!("tokenpipe.dev/{key}")] = json!(value);
    }
    pod["metadata"]["annotations"] = all;
    pod["spec"]["containers"][0]["volumeMounts"] = json!([{ "name": "own", "mountPath": "/own" }]);
    pod["spec"]["volumes"] = json!([{ "name": "own", "emptyDir": {} }]);
    pod
}

#[test]
fn an_injector_of_agents_before_and_after_us() {
    for (turn, ours) in [("a-vault-k8s", 0), ("z-vault-k8s", 2)] {
        let label = [("tests.tokenpipe.dev/neighbour", turn)];
        let namespace = create_namespace(turn, &label);
        let other = Later::start(MARK, &vault_k8s(ours, &mounts_to_copy(ours)));
        let webhook = mutating_webhook(turn, &other.url(), &other.authority(), &label);
        let registration = shared_cluster().register_webhook(&webhook).unwrap();

        let annotations = [
            ("from-path", "secret/data/db"),
            ("init-position", "after:vault-agent-init"),
        ];
        let stored = create_pod(&namespace, &build_pod_for_both(&annotations));
        let spec = &stored["spec"];
        assert_eq!(
            entry_names(&spec["containers"]),
            ["app", "vault-agent"],
            "{turn}"
        );
        assert_eq!(
            entry_names(&spec["initContainers"]),
            ["vault-agent-init", "tokenpipe-prepare", "tokenpipe-agent"],
            "{turn}"
        );
        assert_eq!(read_status(&stored)["containers"], json!(["app"]), "{turn}");
        for (list, name) in [
            ("containers", "vault-agent"),
            ("initContainers", "vault-agent-init"),
        ] {
            let container = find_named(&spec[list], name);
            assert_eq!(
                container["command"],
                json!(["/bin/sh", "-ec"]),
                "{turn} {name}"
            );
            assert_eq!(entry_names(&container["env"]).len(), 6, "{turn} {name}");
            let mounts = entry_names(&container["volumeMounts"]);
            assert!(mounts.contains(&"own"), "{turn} {name}: {mounts:?}");
            let is_ours = |mount: &&str| mount.starts_with(PREFIX);
            assert!(!mounts.iter().any(is_ours), "{turn} {name}: {mounts:?}");
        }
        let mounts = &find_named(&spec["containers"], "app")["volumeMounts"];
        for mount in [
            "own",
            "vault-secrets",
            "tokenpipe-bin",
            "tokenpipe-token-app",
        ] {
            find_named(mounts, mount);
        }
        registration.remove().unwrap();

        let mut third = build_resubmission(&stored);
        third["metadata"]["name"] = json!("third");
        let third = dry_run(&namespace, &third).unwrap();
        assert_eq!(third["spec"], stored["spec"], "{turn}");
    }
}

#[test]
fn the_token_of_an_injector_of_agents_before_and_after_us() {
    for (turn, ours) in [("b-vault-k8s", 0), ("y-vault-k8s", 1)] {
        let label = [("tests.tokenpipe.dev/neighbour", turn)];
        let namespace = create_namespace(turn, &label);
        let other = Later::start(MARK, &vault_k8s(ours, &[]));
        let webhook = mutating_webhook(turn, &other.url(), &other.authority(), &label);
        let registration = shared_cluster().register_webhook(&webhook).unwrap();
        let stored = create_pod(
            &namespace,
            &build_pod_for_both(&[("token-from", "vault-secrets/token")]),
        );
        registration.remove().unwrap();

        let app = find_named(&stored["spec"]["containers"], "app");
        let mounts = app["volumeMounts"].as_array().unwrap().iter();
        let paths: Vec<_> = mounts
            .filter(|mount| mount["name"] == "vault-secrets")
            .map(|mount| mount["mountPath"].as_str().unwrap())
            .collect();
        assert!(paths.contains(&"/vault/secrets"), "{turn}: {paths:?}");
        assert!(paths.contains(&"/tokenpipe/token"), "{turn}: {paths:?}");
        assert_eq!(read_settings(app)["exec"]["token_file"], "token", "{turn}");
        let init = entry_names(&stored["spec"]["initContainers"]);
        assert!(!init.contains(&AGENT_CONTAINER), "{turn}: {init:?}");
    }
}

#[test]
fn a_volume_that_nobody_brings_is_the_api_servers_to_refuse() {
    let namespace = create_namespace("no-neighbour", &[]);
    let problem = dry_run(
        &namespace,
        &build_pod_for_both(&[("token-from", "vault-secrets/token")]),
    );
    let problem = problem.unwrap_err();
    assert!(problem.contains("vault-secrets"), "{problem}");
}

#[test]
fn bank_vaults_webhook_after_us() {
    let label = [("tests.tokenpipe.dev/neighbour", "bank-vaults")];
    let namespace = create_namespace("bank-vaults", &label);
    let patch = json!([
        { "op": "add", "path": "/spec/containers/0/args", "value": ["/tokenpipe/bin/env-exec", "--", "/web"] },
        { "op": "replace", "path": "/spec/containers/0/command", "value": ["/vault/vault-env"] },
    ]);
    let other = Later::start("/vault/vault-env", &patch);
    let webhook = mutating_webhook(
        "vault-secrets-webhook",
        &other.url(),
        &other.authority(),
        &label,
    );
    let registration = shared_cluster().register_webhook(&webhook).unwrap();
    let problem = dry_run(&namespace, &build_pod()).unwrap_err();
    registration.remove().unwrap();
    for part in [
        "is wrapped by the bank-vaults webhook",
        "vault.security.banzaicloud.io/mutate",
        "tokenpipe.dev/inject",
    ] {
        assert!(problem.contains(part), "{problem}");
    }
}

#[test]
fn a_certificate_that_kubelet_has_signed_for_the_pod() {
    let namespace = create_namespace("pod-certificate", &[]);
    let mut pod = build_pod();
    pod["metadata"]["annotations"] = json!({
        "tokenpipe.dev/auth-method": "cert", "tokenpipe.dev/auth-pod-certificate": "example.com/vault",
    });
    let admitted = dry_run(&namespace, &pod).unwrap();
    let volume = find_named(&admitted["spec"]["volumes"], AUTH_VOLUME);
    let source = &volume["projected"]["sources"][0]["podCertificate"];
    assert_eq!(
        (&source["signerName"], &source["keyPath"]),
        (&json!("example.com/vault"), &json!("tls.key")),
        "the API server kept it: {volume}"
    );
    let containers = ["containers", "initContainers"]
        .into_iter()
        .flat_map(|list| admitted["spec"][list].as_array().unwrap());
    let mounting: Vec<_> = containers
        .filter(|container| entry_names(&container["volumeMounts"]).contains(&AUTH_VOLUME))
        .map(|container| container["name"].as_str().unwrap())
        .collect();
    assert_eq!(mounting, [AGENT_CONTAINER], "nobody else sees the key");

    let third = dry_run(&namespace, &build_resubmission(&admitted)).unwrap();
    assert_eq!(third["spec"], admitted["spec"]);
}
