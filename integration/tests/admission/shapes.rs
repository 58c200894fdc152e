//! Every shape of container that a pod can have.

use contract::paths::{self, ENV_EXEC};
use serde_json::{Value, json};

use crate::place::{
    build_resubmission, create_namespace, create_pod, dry_run, entry_names, find_named,
    read_settings, read_status,
};

fn every_shape() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "shapes", "annotations": { "tokenpipe.dev/inject": "true", "example.com/owner": "shop" } },
        "spec": {
            "initContainers": [
                { "name": "wait", "image": "shop/wait:1" },
                {
                    "name": "migrate", "image": "shop/web:3", "command": ["/migrate"], "args": ["--all", "$$HOME"],
                    "env": [{ "name": "PASSWORD", "value": "vault:secret/data/db#password" }],
                },
                {
                    "name": "shipper", "image": "shop/shipper:1", "command": ["/shipper"], "restartPolicy": "Always",
                    "env": [{ "name": "KEY", "value": "${vault:secret/data/shipper#key}" }],
                },
            ],
            "containers": [
                {
                    "name": "web", "image": "shop/web:3", "command": ["/web", "$(PORT)"], "args": ["--port", "$(PORT)"],
                    "env": [
                        { "name": "PORT", "value": "8080" },
                        { "name": "PASSWORD", "value": "vault:secret/data/db#password" },
                        { "name": "URL", "value": "postgres://shop:$(PASSWORD)@db:5432/$(PORT)" },
                        { "name": "LITERAL", "value": "\\vault:not/a#reference" },
                        { "name": "NODE", "valueFrom": { "fieldRef": { "apiVersion": "v1", "fieldPath": "spec.nodeName" } } },
                    ],
                },
                { "name": "from", "image": "shop/from:1", "command": ["/from"], "envFrom": [{ "prefix": "X_", "configMapRef": { "name": "web", "optional": true } }] },
                {
                    "name": "key", "image": "shop/key:1", "command": ["/key"],
                    "env": [{ "name": "P", "valueFrom": { "secretKeyRef": { "name": "web", "key": "p" } } }],
                },
                { "name": "image", "image": "shop/image:1", "envFrom": [{ "secretRef": { "name": "web" } }] },
                { "name": "plain", "image": "shop/plain:1", "command": ["/plain"], "env": [{ "name": "A", "value": "b" }] },
            ],
        },
    })
}

#[test]
fn all_of_them_in_one_pod() {
    let namespace = create_namespace("shapes", &[]);
    let written = every_shape();
    let stored = create_pod(&namespace, &written);
    let spec = &stored["spec"];
    assert_eq!(
        entry_names(&spec["initContainers"]),
        [
            "wait",
            "tokenpipe-prepare",
            "tokenpipe-agent",
            "migrate",
            "shipper"
        ]
    );
    assert_eq!(
        entry_names(&spec["containers"]),
        ["web", "from", "key", "image", "plain"]
    );

    let wrapped = ["migrate", "shipper", "web", "from", "key"];
    for (list, before) in [
        ("initContainers", &written["spec"]["initContainers"]),
        ("containers", &written["spec"]["containers"]),
    ] {
        for before in before.as_array().unwrap() {
            let name = before["name"].as_str().unwrap();
            let after = find_named(&spec[list], name);
            assert_eq!(after["args"], before["args"], "{name}");
            assert_eq!(after["envFrom"], before["envFrom"], "{name}");
            if wrapped.contains(&name) {
                let command = before["command"].as_array().unwrap().clone();
                let expected = [vec![json!(ENV_EXEC), json!("--")], command].concat();
                assert_eq!(after["command"], json!(expected), "{name}");
                assert_eq!(
                    read_settings(after)["exec"]["vault"]["address"],
                    "https://vault.example:8200"
                );
                let token = find_named(&after["volumeMounts"], &format!("tokenpipe-token-{name}"));
                assert_eq!(token["mountPath"], paths::TOKEN);
            } else {
                assert_eq!(after["command"], before["command"], "{name}");
                assert_eq!(after["env"], before["env"], "{name}");
                assert!(
                    !after["volumeMounts"].to_string().contains("tokenpipe"),
                    "{name}"
                );
            }
        }
    }
    assert_eq!(read_status(&stored)["containers"], json!(wrapped));
    assert_eq!(
        stored["metadata"]["annotations"]["example.com/owner"],
        "shop"
    );
}

#[test]
fn variables_of_all_kinds() {
    let namespace = create_namespace("variables", &[]);
    let stored = create_pod(&namespace, &every_shape());
    let web = find_named(&stored["spec"]["containers"], "web");
    let value = |name: &str| find_named(&web["env"], name)["value"].clone();
    assert_eq!(value("PORT"), "8080");
    assert_eq!(value("PASSWORD"), "vault:secret/data/db#password");
    assert_eq!(
        value("URL"),
        "postgres://shop:${vault:secret/data/db#password}@db:5432/$(PORT)"
    );
    assert_eq!(value("LITERAL"), "\\vault:not/a#reference");
    let node = &find_named(&web["env"], "NODE")["valueFrom"]["fieldRef"]["fieldPath"];
    assert_eq!(node, "spec.nodeName");
    let key = find_named(&stored["spec"]["containers"], "key");
    assert_eq!(
        find_named(&key["env"], "P")["valueFrom"]["secretKeyRef"]["key"],
        "p"
    );
}

#[test]
fn restart_policies_that_mean_what_they_meant() {
    let namespace = create_namespace("policies", &[]);
    let stored = create_pod(&namespace, &every_shape());
    let of = |list: &str, name: &str| {
        let container = find_named(&stored["spec"][list], name);
        let rule = container["restartPolicyRules"][0]["action"].clone();
        (container["restartPolicy"].clone(), rule)
    };
    let rerun = json!("RestartAllContainers");
    assert_eq!(
        of("initContainers", "migrate"),
        (json!("OnFailure"), rerun.clone())
    );
    assert_eq!(
        of("initContainers", "shipper"),
        (json!("Always"), rerun.clone())
    );
    assert_eq!(of("containers", "web"), (json!("Always"), rerun));
    for (list, name) in [
        ("initContainers", "wait"),
        ("initContainers", "tokenpipe-agent"),
        ("containers", "plain"),
    ] {
        assert_eq!(of(list, name), (Value::Null, Value::Null), "{name}");
    }
}

#[test]
fn admitted_twice_is_admitted_once() {
    let namespace = create_namespace("twice", &[]);
    let stored = create_pod(&namespace, &every_shape());
    let mut second = build_resubmission(&stored);
    second["metadata"]["name"] = json!("second");
    let second = dry_run(&namespace, &second).unwrap();
    assert_eq!(second["spec"], stored["spec"]);
    assert_eq!(
        second["metadata"]["annotations"],
        stored["metadata"]["annotations"]
    );
}

#[test]
fn a_dry_run_is_admitted_and_leaves_nothing() {
    let namespace = create_namespace("dry", &[]);
    let admitted = dry_run(&namespace, &every_shape()).unwrap();
    assert_eq!(read_status(&admitted)["containers"][0], "migrate");
    assert!(namespace.get("pods", "shapes").is_err());
    let reviews = crate::place::shared_serve().find_logged("reviewed");
    let ours = reviews
        .iter()
        .find(|line| line["span"]["namespace"] == namespace.name());
    assert_eq!(ours.unwrap()["span"]["dry_run"], true);
}
