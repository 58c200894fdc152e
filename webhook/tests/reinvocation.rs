//! Admission a second time: after other webhooks, after the API server's defaults, with other
//! settings, and of a pod that was injected long ago.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

#[path = "support/case.rs"]
mod common;

use std::collections::BTreeMap;

use common::Case;
use proptest::prelude::*;
use serde_json::{Value, json};
use webhook::review::Answer;

const CASE: &str = "
about: a pod
kubernetes: '1.37'
---
metadata: {name: web}
spec:
  initContainers: [{name: wait, image: i}]
  containers:
    - name: app
      image: i
      command: [/app]
      env: [{name: P, value: 'vault:secret/data/db#password'}]
";

fn names(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["name"].as_str().unwrap())
        .collect()
}

/// The paths of the operations of another admission.
fn second(case: &Case, pod: &Value) -> Vec<String> {
    match case.mutate(pod).expect("admitted") {
        Answer::Patched { patch, .. } => patch
            .0
            .iter()
            .map(|operation| operation.path().to_string())
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn defaults_of_the_api_server_change_nothing() {
    let case = Case::parse(CASE);
    let mut pod = case.mutated(&case.pod);
    // The author's own container had its defaults before we were called.
    for container in pod["spec"]["initContainers"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .skip(1)
    {
        container["terminationMessagePath"] = json!("/dev/termination-log");
        container["imagePullPolicy"] = json!("IfNotPresent");
        container["resources"] = json!({"limits": {"memory": "64Mi"}});
    }
    for volume in pod["spec"]["volumes"].as_array_mut().unwrap() {
        if let Some(projected) = volume.get_mut("projected") {
            projected["defaultMode"] = json!(420);
        }
    }
    assert_eq!(second(&case, &pod), [""; 0]);
}

#[test]
fn additions_of_other_webhooks_to_injected_containers_stay() {
    let case = Case::parse(&CASE.replace(
        "about: a pod",
        "about: a pod
config: {images: {mirrors: [mirror.example/hub/]}}",
    ));
    let mut pod = case.mutated(&case.pod);
    let agent = &mut pod["spec"]["initContainers"][2];
    assert_eq!(agent["name"], "tokenpipe-agent");
    agent["env"]
        .as_array_mut()
        .unwrap()
        .insert(0, json!({"name": "AWS_REGION", "value": "eu"}));
    agent["volumeMounts"].as_array_mut().unwrap().push(json!({
        "name": "azure-identity-token",
        "mountPath": "/var/run/secrets/azure/tokens",
        "readOnly": true,
    }));
    agent["image"] = json!("mirror.example/hub/hashicorp/vault:1.21.1");
    assert_eq!(second(&case, &pod), [""; 0]);
}

#[test]
fn an_image_of_a_mirror_that_the_operator_does_not_name_is_set_back() {
    let case = Case::parse(&CASE.replace(
        "about: a pod",
        "about: a pod
config: {images: {mirrors: [mirror.example/hub]}}",
    ));
    let whole = case.mutated(&case.pod);
    for image in [
        "evil.example/hashicorp/vault:1.21.1",
        "mirror.example/hashicorp/vault:1.21.1",
        "evil.example/mirror.example/hub/hashicorp/vault:1.21.1",
        "mirror.example/hub/evil/hashicorp/vault:1.21.1",
        "mirror.example/hub/hashicorp/vault:1.20.0",
        "mirror.example/hubhashicorp/vault:1.21.1",
    ] {
        let mut pod = whole.clone();
        pod["spec"]["initContainers"][2]["image"] = json!(image);
        assert_eq!(case.mutated(&pod), whole, "{image}");
    }
}

#[test]
fn additions_that_no_platform_makes_are_removed() {
    let case = Case::parse(CASE);
    let whole = case.mutated(&case.pod);
    for (field, entry) in [
        ("env", json!({"name": "SSL_CERT_FILE", "value": "/a"})),
        ("env", json!({"name": "PATH", "value": "/a"})),
        ("volumeMounts", json!({"name": "a", "mountPath": "/a"})),
        (
            "volumeMounts",
            json!({"name": "a", "mountPath": "/var/run/secrets"}),
        ),
        (
            "volumeMounts",
            json!({"name": "a", "mountPath": "/var/run/secrets/a/../../bin"}),
        ),
    ] {
        for index in [1, 2] {
            let mut pod = whole.clone();
            let container = pod["spec"]["initContainers"][index]
                .as_object_mut()
                .unwrap();
            let list = container.entry(field).or_insert(json!([]));
            list.as_array_mut().unwrap().push(entry.clone());
            assert_eq!(case.mutated(&pod), whole, "{field} {entry}");
        }
    }
}

/// A platform's own webhook: what it adds to every container that it finds, and to the pod.
struct Platform {
    login: &'static str,
    variables: &'static [(&'static str, &'static str)],
    volume: &'static str,
    mount_path: &'static str,
    audience: &'static str,
    file: &'static str,
}

const PLATFORMS: &[Platform] = &[
    // IRSA of EKS.
    Platform {
        login: "{tokenpipe.dev/auth-method: aws, tokenpipe.dev/auth-config: 'type: iam'}",
        variables: &[
            ("AWS_STS_REGIONAL_ENDPOINTS", "regional"),
            ("AWS_DEFAULT_REGION", "eu-central-1"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/web"),
            (
                "AWS_WEB_IDENTITY_TOKEN_FILE",
                "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
            ),
        ],
        volume: "aws-iam-token",
        mount_path: "/var/run/secrets/eks.amazonaws.com/serviceaccount",
        audience: "sts.amazonaws.com",
        file: "token",
    },
    // Pod Identity of EKS.
    Platform {
        login: "{tokenpipe.dev/auth-method: aws, tokenpipe.dev/auth-config: 'type: iam'}",
        variables: &[
            (
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                "http://169.254.170.23/v1/credentials",
            ),
            (
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token",
            ),
        ],
        volume: "eks-pod-identity-token",
        mount_path: "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount",
        audience: "pods.eks.amazonaws.com",
        file: "eks-pod-identity-token",
    },
    // Workload identity of Azure.
    Platform {
        login: "{tokenpipe.dev/auth-method: azure, tokenpipe.dev/auth-config: \
                '{resource: https://management.azure.com/, authenticate_from_environment: true}'}",
        variables: &[
            ("AZURE_CLIENT_ID", "11111111-2222-3333-4444-555555555555"),
            ("AZURE_TENANT_ID", "66666666-7777-8888-9999-000000000000"),
            (
                "AZURE_FEDERATED_TOKEN_FILE",
                "/var/run/secrets/azure/tokens/azure-identity-token",
            ),
            ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/"),
        ],
        volume: "azure-identity-token",
        mount_path: "/var/run/secrets/azure/tokens",
        audience: "api://AzureADTokenExchange",
        file: "azure-identity-token",
    },
];

impl Platform {
    fn add(&self, pod: &mut Value) {
        let mount = json!({"name": self.volume, "mountPath": self.mount_path, "readOnly": true});
        let spec = pod["spec"].as_object_mut().unwrap();
        for list in ["initContainers", "containers"] {
            for container in spec[list].as_array_mut().unwrap() {
                let container = container.as_object_mut().unwrap();
                let env = container.entry("env").or_insert(json!([]));
                for (name, value) in self.variables {
                    let env = env.as_array_mut().unwrap();
                    if env.iter().all(|variable| variable["name"] != *name) {
                        env.push(json!({"name": name, "value": value}));
                    }
                }
                let mounts = container.entry("volumeMounts").or_insert(json!([]));
                let mounts = mounts.as_array_mut().unwrap();
                if mounts
                    .iter()
                    .all(|there| there["mountPath"] != mount["mountPath"])
                {
                    mounts.push(mount.clone());
                }
            }
        }
        let volumes = spec.entry("volumes").or_insert(json!([]));
        volumes.as_array_mut().unwrap().push(json!({
            "name": self.volume,
            "projected": {"sources": [{"serviceAccountToken": {
                "audience": self.audience, "expirationSeconds": 86400, "path": self.file,
            }}]},
        }));
    }

    /// A pod with this identity.
    fn case(&self) -> Case {
        Case::parse(&format!(
            "
about: a pod with the identity of a cloud
kubernetes: '1.37'
---
metadata:
  name: web
  annotations: {}
spec:
  initContainers: [{{name: wait, image: i}}]
  containers:
    - name: app
      image: i
      command: [/app]
      env: [{{name: P, value: 'vault:secret/data/db#password'}}]
",
            self.login
        ))
    }
}

fn by_name(list: &Value) -> BTreeMap<&str, &Value> {
    let entries = list.as_array().unwrap().iter();
    entries
        .map(|entry| (entry["name"].as_str().unwrap(), entry))
        .collect()
}

#[test]
fn the_identity_of_a_cloud_reaches_the_agent_whoever_is_called_first() {
    for platform in PLATFORMS {
        let case = platform.case();
        let mut before = case.pod.clone();
        platform.add(&mut before);
        let before = case.mutated(&before);

        let mut after = case.mutated(&case.pod);
        platform.add(&mut after);
        assert_eq!(second(&case, &after), [""; 0], "{}", platform.volume);

        let agents = [&before, &after].map(|pod| &pod["spec"]["initContainers"][2]);
        for field in ["env", "volumeMounts"] {
            let [before, after] = agents.map(|agent| by_name(&agent[field]));
            assert_eq!(before, after, "{field}, {}", platform.volume);
        }
        for (name, _) in platform.variables {
            assert!(by_name(&agents[0]["env"]).contains_key(name), "{name}");
        }
    }
}

#[test]
fn a_late_container_is_caught() {
    let case = Case::parse(CASE);
    let mut pod = case.mutated(&case.pod);
    pod["spec"]["containers"]
        .as_array_mut()
        .unwrap()
        .push(json!({
            "name": "late", "image": "i", "command": ["/late"],
            "env": [{"name": "P", "value": "vault:secret/data/late#p"}],
        }));
    let again = case.mutated(&pod);
    assert_eq!(
        again["spec"]["containers"][1]["command"][0],
        "/tokenpipe/bin/env-exec"
    );
    let agent = &again["spec"]["initContainers"][2];
    assert!(
        agent["volumeMounts"]
            .to_string()
            .contains("/tokenpipe/tokens/late"),
        "{agent}"
    );
    assert_eq!(
        again["spec"]["containers"][0]["env"][0],
        pod["spec"]["containers"][0]["env"][0]
    );
    assert_eq!(second(&case, &again), [""; 0]);
}

#[test]
fn a_late_init_container_moves_the_login_before_it() {
    let case = Case::parse(CASE);
    let mut pod = case.mutated(&case.pod);
    let late = json!({
        "name": "late", "image": "i", "command": ["/late"],
        "env": [{"name": "P", "value": "vault:secret/data/late#p"}],
    });
    pod["spec"]["initContainers"]
        .as_array_mut()
        .unwrap()
        .insert(0, late);
    let again = case.mutated(&pod);
    let order = names(&again["spec"]["initContainers"]);
    assert_eq!(
        order,
        ["tokenpipe-prepare", "tokenpipe-agent", "late", "wait"]
    );
    assert_eq!(second(&case, &again), [""; 0]);
}

#[test]
fn the_login_stays_before_a_mesh_that_came_later() {
    let case = Case::parse(CASE);
    let mut pod = case.mutated(&case.pod);
    pod["spec"]["initContainers"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "mesh", "image": "i"}));
    // What runs again in a rerun is now one more.
    assert_eq!(
        second(&case, &pod),
        ["/metadata/annotations/tokenpipe.dev~1status"]
    );
}

#[test]
fn a_stale_copy_gets_the_settings_of_today() {
    let old = Case::parse(&CASE.replace(
        "about: a pod",
        "about: a pod
config: {connections: {default: {address: 'https://old.example'}}, images: {agent: 'old:1'}}",
    ));
    let case = Case::parse(CASE);
    let stale = old.mutated(&old.pod);
    let renewed = case.mutated(&stale);
    assert!(stale.to_string().contains("old.example"));
    assert!(!renewed.to_string().contains("old.example"));
    assert_eq!(
        renewed["spec"]["initContainers"][2]["image"],
        "hashicorp/vault:1.21.1"
    );
    assert_eq!(second(&case, &renewed), [""; 0]);
}

/// A pod that was admitted where rules are kept, and comes to where they are not.
#[test]
fn a_rule_of_an_earlier_admission_goes_where_it_would_be_refused() {
    let rule =
        json!({"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [117]}});
    let own = json!({"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}});
    let newer = Case::parse(CASE);
    // What the author wrote into the container, the pod's policy, the other cluster's version, and what
    // is sent there.
    for (author, pod_policy, version, wanted) in [
        (
            json!({}),
            "Always",
            "1.35",
            json!({"restartPolicy": "Always"}),
        ),
        (
            json!({}),
            "Never",
            "1.35",
            json!({"restartPolicy": "Never"}),
        ),
        // Before 1.34 an API server refuses any policy of an app container.
        (json!({}), "Always", "1.33", json!({})),
        (
            json!({"restartPolicy": "OnFailure"}),
            "Always",
            "1.33",
            json!({"restartPolicy": "OnFailure"}),
        ),
        (
            json!({"restartPolicy": "Always", "restartPolicyRules": [own]}),
            "Always",
            "1.33",
            json!({"restartPolicy": "Always", "restartPolicyRules": [own]}),
        ),
        (
            json!({"restartPolicy": "Never", "restartPolicyRules": [own, own]}),
            "Always",
            "1.35",
            json!({"restartPolicy": "Never", "restartPolicyRules": [own, own]}),
        ),
    ] {
        let mut pod = newer.pod.clone();
        pod["metadata"]["annotations"] = json!({"tokenpipe.dev/restart": "rerun"});
        pod["spec"]["restartPolicy"] = json!(pod_policy);
        let container = pod["spec"]["containers"][0].as_object_mut().unwrap();
        container.extend(author.as_object().unwrap().clone());
        let mut pod = newer.mutated(&pod);
        assert_eq!(pod["spec"]["containers"][0]["restartPolicyRules"][0], rule);
        // Another webhook has put ours behind the author's.
        let rules = pod["spec"]["containers"][0]["restartPolicyRules"]
            .as_array_mut()
            .unwrap();
        rules.rotate_left(1);

        pod["metadata"]["annotations"]["tokenpipe.dev/restart"] = json!("retain");
        let older = Case::parse(&CASE.replace("1.37", version));
        let again = older.mutated(&pod);
        let container = &again["spec"]["containers"][0];
        for field in ["restartPolicy", "restartPolicyRules"] {
            assert_eq!(
                container.get(field),
                wanted.get(field),
                "{version} {author}"
            );
        }
        assert_eq!(second(&older, &again), [""; 0]);
    }
}

#[test]
fn an_authors_own_rule_for_our_exit_code_stays() {
    let case = Case::parse(&CASE.replace("1.37", "1.36"));
    let mut pod = case.pod.clone();
    let rules = json!([{"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [117]}}]);
    pod["metadata"]["annotations"] = json!({"tokenpipe.dev/restart": "retain"});
    pod["spec"]["containers"][0]["restartPolicy"] = json!("Always");
    pod["spec"]["containers"][0]["restartPolicyRules"] = rules.clone();
    let mutated = case.mutated(&pod);
    assert_eq!(
        mutated["spec"]["containers"][0]["restartPolicyRules"],
        rules
    );
    assert_eq!(second(&case, &mutated), [""; 0]);
}

#[test]
fn another_delivery_leaves_nothing_of_the_old_one() {
    let case = Case::parse(&CASE.replace(
        "about: a pod",
        "about: a pod
config: {delivery: image-volume}",
    ));
    let copied = Case::parse(CASE).mutated(&case.pod);
    let renewed = case.mutated(&copied);
    assert_eq!(
        names(&renewed["spec"]["initContainers"]),
        ["wait", "tokenpipe-agent"]
    );
    let bin = renewed["spec"]["volumes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|v| v["name"] == "tokenpipe-bin");
    assert_eq!(
        bin.unwrap().as_object().unwrap().keys().collect::<Vec<_>>(),
        ["image", "name"]
    );
}

#[test]
fn a_leftover_of_another_container_is_refused() {
    let case = Case::parse(CASE);
    let mut pod = case.mutated(&case.pod);
    pod["spec"]["containers"][0]["name"] = json!("renamed");
    let error = case.mutate(&pod).unwrap_err().to_string();
    assert!(error.contains("tokenpipe-token-app"), "{error}");
}

/// What of the API server's own making may be in a container of ours.
const OF_THE_API_SERVER: [&str; 2] = ["terminationMessagePath", "imagePullPolicy"];

/// Fields of a container that Kubernetes has, and values that would change what ours does.
fn known_fields() -> Vec<(&'static str, Value)> {
    let probe = json!({"exec": {"command": ["a"]}});
    vec![
        ("args", json!(["a"])),
        ("envFrom", json!([{"secretRef": {"name": "a"}}])),
        ("lifecycle", json!({"postStart": probe})),
        ("livenessProbe", probe.clone()),
        ("ports", json!([{"containerPort": 1}])),
        ("readinessProbe", probe.clone()),
        ("startupProbe", probe),
        (
            "resizePolicy",
            json!([{"resourceName": "cpu", "restartPolicy": "RestartContainer"}]),
        ),
        ("restartPolicy", json!("Always")),
        ("restartPolicyRules", json!([{"action": "Restart"}])),
        ("stdin", json!(true)),
        ("stdinOnce", json!(true)),
        ("terminationMessagePath", json!("/tokenpipe/bin/env-exec")),
        ("terminationMessagePolicy", json!("File")),
        ("tty", json!(true)),
        ("volumeDevices", json!([{"name": "a", "devicePath": "/a"}])),
        ("workingDir", json!("/a")),
        ("imagePullPolicy", json!("Never")),
    ]
}

/// A pod whose init containers get requests and limits.
fn burstable() -> String {
    CASE.replace(
        "command: [/app]",
        "command: [/app]\n      resources: {requests: {cpu: 1m}}",
    )
}

#[test]
fn known_fields_of_our_containers_do_not_survive() {
    let case = Case::parse(CASE);
    let whole = case.mutated(&case.pod);
    for (field, value) in known_fields() {
        for index in [1, 2] {
            let mut pod = whole.clone();
            pod["spec"]["initContainers"][index][field] = value.clone();
            assert_eq!(case.mutated(&pod), whole, "{field}");
        }
    }
}

#[test]
fn fields_within_our_containers_and_volumes_do_not_survive() {
    let case = Case::parse(&burstable());
    let whole = case.mutated(&case.pod);
    let volumes = whole["spec"]["volumes"].as_array().unwrap();
    let at = |name: &str| volumes.iter().position(|volume| volume["name"] == name);
    let bin = at("tokenpipe-bin").unwrap();
    let token = at("tokenpipe-auth-token").unwrap();
    for (place, value) in [
        ("/initContainers/2/resources/claims", json!([{"name": "a"}])),
        ("/initContainers/2/resources/future", json!({"a": "1"})),
        ("/initContainers/2/resources/limits/memory", json!("1Gi")),
        (
            "/initContainers/2/securityContext/appArmorProfile",
            json!({"type": "Unconfined"}),
        ),
        (
            "/initContainers/2/securityContext/appArmorProfile",
            json!({"type": "Localhost", "localhostProfile": "a"}),
        ),
        (
            "/initContainers/2/securityContext/seLinuxOptions",
            json!({"type": "spc_t"}),
        ),
        (
            "/initContainers/2/securityContext/seLinuxOptions",
            json!({"level": "s0", "user": "a"}),
        ),
        ("/initContainers/2/securityContext/privileged", json!(true)),
        (
            "/initContainers/2/securityContext/procMount",
            json!("Unmasked"),
        ),
        ("/initContainers/2/securityContext/runAsUser", json!(0)),
        (
            "/initContainers/2/securityContext/runAsGroup",
            json!({"a": 1}),
        ),
        ("/initContainers/2/securityContext/future", json!(1)),
        (
            "/initContainers/2/securityContext/capabilities/add",
            json!(["SYS_PTRACE"]),
        ),
        (
            "/initContainers/2/env/0/valueFrom",
            json!({"fieldRef": {"fieldPath": "a"}}),
        ),
        (
            "/initContainers/2/volumeMounts/0/mountPropagation",
            json!("Bidirectional"),
        ),
        ("/initContainers/2/volumeMounts/0/subPath", json!("a")),
    ] {
        let mut pod = whole.clone();
        let (parent, field) = place.rsplit_once('/').unwrap();
        pod["spec"].pointer_mut(parent).unwrap()[field] = value;
        assert_eq!(case.mutated(&pod), whole, "{place} {field}");
    }
    for (index, source, field, value) in [
        (bin, "emptyDir", "medium", json!("Memory")),
        (bin, "emptyDir", "future", json!(1)),
        (bin, "emptyDir", "defaultMode", json!(0o777)),
        (token, "projected", "defaultMode", json!(0o777)),
        (token, "projected", "future", json!(1)),
    ] {
        let mut pod = whole.clone();
        pod["spec"]["volumes"][index][source][field] = value;
        assert_eq!(case.mutated(&pod), whole, "{source} {field}");
    }
}

#[test]
fn hardening_and_assigned_fields_of_our_containers_survive() {
    let case = Case::parse(&burstable());
    let whole = case.mutated(&case.pod);
    for (place, value) in [
        (
            "/initContainers/2/securityContext/appArmorProfile",
            json!({"type": "RuntimeDefault"}),
        ),
        (
            "/initContainers/2/securityContext/seLinuxOptions",
            json!({"level": "s0:c1,c2"}),
        ),
        ("/initContainers/2/securityContext/runAsGroup", json!(3000)),
        ("/initContainers/2/imagePullPolicy", json!("Always")),
        (
            "/initContainers/2/resources/limits/ephemeral-storage",
            json!("1Gi"),
        ),
    ] {
        let mut pod = whole.clone();
        let (parent, field) = place.rsplit_once('/').unwrap();
        pod["spec"].pointer_mut(parent).unwrap()[field] = value;
        assert_eq!(second(&case, &pod), [""; 0], "{place}");
    }
}

/// A pod for an injector of agents as well, whose second container it copies mounts of.
fn with_vault_k8s(annotations: &str) -> Case {
    Case::parse(&format!(
        "
about: a pod for two injectors
kubernetes: '1.37'
---
metadata:
  name: web
  annotations: {{vault.hashicorp.com/agent-inject: 'true', {annotations}}}
spec:
  volumes: [{{name: vault-secrets, emptyDir: {{}}}}]
  containers:
    - name: app
      image: i
      command: [/app]
      env: [{{name: P, value: 'vault:secret/data/db#password'}}]
"
    ))
}

/// vault-k8s with `agent-copy-volume-mounts: app`: its containers get the mounts of `app`.
fn inject_vault_k8s(pod: &mut Value) {
    let copied = pod["spec"]["containers"][0]["volumeMounts"].clone();
    let mut mounts = vec![json!({"name": "vault-secrets", "mountPath": "/vault/secrets"})];
    mounts.extend(copied.as_array().into_iter().flatten().cloned());
    let agent = |name: &str| json!({"name": name, "image": "v", "volumeMounts": mounts});
    let spec = pod["spec"].as_object_mut().unwrap();
    for (list, name) in [
        ("initContainers", "vault-agent-init"),
        ("containers", "vault-agent"),
    ] {
        let list = spec.entry(list).or_insert(json!([]));
        list.as_array_mut().unwrap().push(agent(name));
    }
    pod["metadata"]["annotations"]["vault.hashicorp.com/agent-inject-status"] = json!("injected");
}

#[test]
fn mounts_that_an_injector_copies_from_a_wrapped_container_are_taken_back() {
    for annotations in ["", "tokenpipe.dev/token-from: vault-secrets/token"] {
        let case = with_vault_k8s(annotations);
        let mut before = case.pod.clone();
        inject_vault_k8s(&mut before);
        let before = case.mutated(&before);

        let mut after = case.mutated(&case.pod);
        inject_vault_k8s(&mut after);
        let after = case.mutated(&after);
        assert_eq!(second(&case, &after), [""; 0], "{annotations}");

        for list in ["initContainers", "containers"] {
            let [before, after] = [&before, &after].map(|pod| by_name(&pod["spec"][list]));
            assert_eq!(before, after, "{list} {annotations}");
        }
    }
}

#[test]
fn mounts_of_our_volumes_elsewhere_are_refused() {
    let case = with_vault_k8s("");
    let mut whole = case.mutated(&case.pod);
    inject_vault_k8s(&mut whole);
    let mount = |name: &str, path: &str| json!({"name": name, "mountPath": path});
    for (what, change) in [
        (
            "a container of another name",
            ("/spec/containers/1/name", json!("mine")),
        ),
        (
            "no injector was here",
            (
                "/metadata/annotations/vault.hashicorp.com~1agent-inject-status",
                json!("updated"),
            ),
        ),
        (
            "a volume that no program mounts",
            (
                "/spec/containers/1/volumeMounts/0",
                mount("tokenpipe-agent", "/a"),
            ),
        ),
        (
            "another place",
            (
                "/spec/containers/1/volumeMounts/0",
                mount("tokenpipe-token-app", "/a"),
            ),
        ),
        (
            "a volume to write to",
            (
                "/spec/containers/1/volumeMounts/0",
                mount("tokenpipe-bin", "/tokenpipe/bin"),
            ),
        ),
    ] {
        let mut pod = whole.clone();
        let (place, value) = change;
        *pod.pointer_mut(place).unwrap() = value;
        let problem = case.mutate(&pod).unwrap_err().to_string();
        assert!(
            problem.contains("mounts volume tokenpipe-"),
            "{what}: {problem}"
        );
    }
}

/// The warnings about the position of the login.
fn warnings(case: &Case, pod: &Value) -> Vec<String> {
    let is_of_position = |warning: &String| warning.contains("init-position");
    match case.mutate(pod).expect("admitted") {
        Answer::Patched { warnings, .. } => warnings.into_iter().filter(is_of_position).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn position_behind_an_injectors_container_holds_whoever_is_called_first() {
    let case = with_vault_k8s("tokenpipe.dev/init-position: 'after:vault-agent-init'");
    let mut before = case.pod.clone();
    inject_vault_k8s(&mut before);
    assert_eq!(warnings(&case, &before), [""; 0]);
    let before = case.mutated(&before);

    let first = warnings(&case, &case.pod);
    assert_eq!(first.len(), 1, "{first:?}");
    assert!(first[0].contains("vault-agent-init"), "{first:?}");
    let mut after = case.mutated(&case.pod);
    assert_eq!(second(&case, &after), [""; 0], "it may not come at all");
    inject_vault_k8s(&mut after);
    assert_eq!(warnings(&case, &after), [""; 0]);
    let after = case.mutated(&after);
    for pod in [&before, &after] {
        let order = names(&pod["spec"]["initContainers"]);
        assert_eq!(
            order,
            ["vault-agent-init", "tokenpipe-prepare", "tokenpipe-agent"]
        );
    }
    assert_eq!(second(&case, &after), [""; 0]);
}

#[test]
fn position_behind_a_container_that_may_still_come_is_warned_about() {
    let inject = "vault.hashicorp.com/agent-inject";
    for (annotations, name, is_admitted) in [
        (json!({inject: "true"}), "vault-agent-init", true),
        (json!({inject: "1"}), "vault-agent-init", true),
        (
            json!({"openbao.org/agent-inject": "TRUE"}),
            "openbao-agent-init",
            true,
        ),
        (json!({}), "istio-init", true),
        (json!({}), "linkerd-init", true),
        (json!({}), "vault-agent-init", false),
        (json!({inject: "false"}), "vault-agent-init", false),
        (json!({inject: "true"}), "vault-agent", false),
        (json!({inject: "true"}), "vault-agent-innit", false),
        (
            json!({"vault.hashicorp.com/agent-pre-populate": "false", inject: "true"}),
            "vault-agent-init",
            false,
        ),
        (
            json!({"vault.hashicorp.com/agent-inject-status": "injected", inject: "true"}),
            "vault-agent-init",
            false,
        ),
        (json!({}), "istio", false),
    ] {
        let case = Case::parse(CASE);
        let mut pod = case.pod.clone();
        pod["metadata"]["annotations"] = annotations.clone();
        pod["metadata"]["annotations"]["tokenpipe.dev/init-position"] =
            json!(format!("after:{name}"));
        match case.mutate(&pod) {
            Ok(_) => {
                assert!(is_admitted, "{annotations} {name}");
                assert!(
                    warnings(&case, &pod)[0].contains(name),
                    "{annotations} {name}"
                );
            }
            Err(error) => {
                assert!(!is_admitted, "{annotations} {name}: {error}");
                assert!(error.to_string().contains(name), "{error}");
            }
        }
    }
}

proptest! {
    /// Fields that nobody knows yet, at every level, survive.
    #[test]
    fn unknown_fields_survive(
        field in "future[A-Z][a-z]{0,5}",
        value in prop_oneof![
            Just(json!(null)), Just(json!([1, {"a": null}])), Just(json!({"x": [true]})),
            any::<i64>().prop_map(|n| json!(n)), "\\PC*".prop_map(|s| json!(s)),
        ],
        level in 0..6_usize,
    ) {
        let case = Case::parse(CASE);
        let mut pod = case.pod.clone();
        let place = match level {
            0 => &mut pod,
            1 => &mut pod["metadata"],
            2 => &mut pod["spec"],
            3 => &mut pod["spec"]["containers"][0],
            4 => &mut pod["spec"]["containers"][0]["env"][0],
            _ => &mut pod["spec"]["initContainers"][0],
        };
        place[field.as_str()] = value;
        let mutated = case.mutated(&pod);
        common::assert_kept("", &pod, &mutated);
        prop_assert_eq!(second(&case, &mutated).len(), 0);
    }

    /// Fields that nobody knows yet do not survive in what is ours.
    #[test]
    fn unknown_fields_of_ours_do_not_survive(
        field in "[a-z][A-Za-z]{0,12}",
        value in prop_oneof![
            Just(json!([1, {"a": null}])), Just(json!({"x": [true]})), Just(json!("/tokenpipe")),
            any::<i64>().prop_map(|n| json!(n)),
        ],
        level in 0..7_usize,
    ) {
        let case = Case::parse(CASE);
        let whole = case.mutated(&case.pod);
        let mut pod = whole.clone();
        let spec = &mut pod["spec"];
        let place = match level {
            0 => &mut spec["initContainers"][1],
            1 => &mut spec["initContainers"][2],
            2 => &mut spec["initContainers"][2]["securityContext"],
            3 => &mut spec["initContainers"][2]["resources"],
            4 => &mut spec["initContainers"][2]["env"][0],
            5 => &mut spec["initContainers"][2]["volumeMounts"][0],
            _ => &mut spec["volumes"][0],
        };
        prop_assume!(place.get(&field).is_none() && !OF_THE_API_SERVER.contains(&field.as_str()));
        place[field.as_str()] = value;
        prop_assert_eq!(case.mutated(&pod), whole);
    }

    /// Any JSON under the pod's keys is admitted or refused, never a panic.
    #[test]
    fn any_annotation_is_read_or_refused(
        key in prop_oneof![
            proptest::sample::select(
                webhook::annotations::ENTRIES.iter().map(|entry| entry.key).collect::<Vec<_>>()
            ).prop_map(str::to_owned),
            "[a-z-]{1,12}",
        ],
        text in "\\PC{0,40}",
    ) {
        let case = Case::parse(CASE);
        let mut pod = case.pod.clone();
        pod["metadata"]["annotations"] = json!({format!("tokenpipe.dev/{key}"): text});
        if let Ok(Answer::Patched { .. }) = case.mutate(&pod) {
            let mutated = case.mutated(&pod);
            prop_assert_eq!(second(&case, &mutated).len(), 0);
        }
    }
}
