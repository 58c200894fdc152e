//! The chart installed with helm on a real API server, and replicas of the webhook that act with the
//! rights it gives them. There is no node, so they are processes of this machine.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use integration::chart::{self, RELEASE, Replica};
use integration::cluster::Cluster;
use integration::wait::{Probe, wait_for};
use reqwest::Method;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);
const WEBHOOK: &str =
    "apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/tokenpipe";
const SECRET: &str = "api/v1/namespaces/tokenpipe/secrets/tokenpipe-tls";

struct Installed {
    cluster: Cluster,
    kubeconfig: PathBuf,
}

impl Installed {
    fn run_helm(&self, arguments: &[&str]) -> String {
        let arguments = [arguments, &["--namespace", RELEASE]].concat();
        let output = chart::run_helm(&arguments, Some(&self.kubeconfig)).unwrap();
        assert!(output.status.success(), "helm {arguments:?}: {output:?}");
        output.stdout()
    }

    fn get(&self, path: &str) -> Value {
        self.cluster.request(&Method::GET, path, None).unwrap()
    }

    fn run_kubectl(&self, arguments: &[&str]) -> String {
        let output = self.cluster.run_kubectl(arguments).unwrap();
        assert!(output.status.success(), "kubectl {arguments:?}: {output:?}");
        output.stdout()
    }

    /// Replicas as the ConfigMap and the ServiceAccount in the cluster have them.
    fn start_replicas(&self) -> [Replica; 2] {
        let config = self.get("api/v1/namespaces/tokenpipe/configmaps/tokenpipe");
        let config = chart::parse_config(&[config]).unwrap();
        let account = self.cluster.account_kubeconfig(RELEASE, RELEASE).unwrap();
        let replicas = [0, 1].map(|_| Replica::start(&config, &account).unwrap());
        for replica in &replicas {
            replica.wait_until_ready().unwrap();
        }
        replicas
    }

    /// What the webhook has written, and the chart must leave alone.
    fn read_written(&self) -> [Value; 2] {
        let bundle = self.get(WEBHOOK)["webhooks"][0]["clientConfig"]["caBundle"].clone();
        assert!(bundle.is_string(), "there is no caBundle");
        let data = self.get(SECRET)["data"].clone();
        assert_eq!(
            data.as_object().unwrap().len(),
            4,
            "there is no certificate"
        );
        [bundle, data]
    }

    /// Every object that is labelled as the release's or helm's own for it.
    fn left_over(&self) -> BTreeSet<String> {
        let kinds = self.run_kubectl(&["api-resources", "--verbs=list", "-o", "name"]);
        let kinds: Vec<_> = kinds
            .lines()
            .filter(|kind| !kind.starts_with("events"))
            .collect();
        let kinds = kinds.join(",");
        let labels = ["app.kubernetes.io/instance=tokenpipe", "owner=helm"];
        let found = labels.map(|label| {
            self.run_kubectl(&[
                "get",
                &kinds,
                "--all-namespaces",
                "--selector",
                label,
                "-o",
                "name",
                "--ignore-not-found",
            ])
        });
        found.concat().lines().map(str::to_owned).collect()
    }
}

fn install_chart() -> Installed {
    install_into(Cluster::start().unwrap())
}

fn install_into(cluster: Cluster) -> Installed {
    let kubeconfig = cluster.kubeconfig();
    let installed = Installed {
        cluster,
        kubeconfig,
    };
    let chart = chart::directory_text();
    let values = chart::required_values();
    let output = installed.run_helm(&[
        "install",
        RELEASE,
        &chart,
        "--create-namespace",
        "--set",
        &values,
    ]);
    assert!(
        output.contains("rollout status deployment/tokenpipe"),
        "{output}"
    );
    installed
}

#[test]
fn a_life_from_install_to_uninstall() {
    let installed = install_chart();
    let before = installed.left_over();
    assert!(before.len() >= 15, "{before:?}");
    let replicas = installed.start_replicas();
    let written = installed.read_written();

    let chart = chart::directory_text();
    let values = ["--reuse-values", "--set", "replicas=3"];
    let upgrade = ["upgrade", RELEASE, chart.as_str()];
    installed.run_helm(&[&upgrade[..], &values].concat());
    assert_eq!(installed.read_written(), written, "after an upgrade");
    let client_side = ["--server-side=false", "--set", "replicas=4"];
    installed.run_helm(&[&upgrade[..], &values[..1], &client_side].concat());
    assert_eq!(
        installed.read_written(),
        written,
        "after an upgrade that is applied by the client"
    );
    installed.run_helm(&["rollback", RELEASE, "1"]);
    assert_eq!(installed.read_written(), written, "after a rollback");
    let deployment = "apis/apps/v1/namespaces/tokenpipe/deployments/tokenpipe";
    assert_eq!(installed.get(deployment)["spec"]["replicas"], 2);

    it_injects(&installed, &replicas[0]);
    installed.run_helm(&["uninstall", RELEASE, "--wait"]);
    wait_for("everything to be gone", LIMIT, || {
        let left = installed.left_over();
        if left.is_empty() {
            Probe::Ready(())
        } else {
            Probe::NotYet(format!("{left:?}"))
        }
    })
    .unwrap();
}

/// What the one command of NOTES.txt with this verb gives kubectl.
fn command_of<'n>(notes: &'n str, verb: &str) -> Vec<&'n str> {
    let mut commands = notes
        .lines()
        .filter_map(|line| line.trim().strip_prefix("kubectl "))
        .filter(|command| format!(" {command}").contains(verb));
    let command = commands.next().expect(verb);
    assert_eq!(commands.next(), None, "{verb}");
    command.split_whitespace().collect()
}

/// Through the Service, as far as a cluster without a node can: its name leads to this machine
/// instead of a `ClusterIP`, and the port is the replica's.
fn it_injects(installed: &Installed, replica: &Replica) {
    let service = json!({ "spec": { "type": "ExternalName", "externalName": "localhost", "clusterIP": null, "clusterIPs": null } });
    installed.run_kubectl(&[
        "patch",
        "service",
        "tokenpipe",
        "--namespace",
        RELEASE,
        "--type=merge",
        "-p",
        &service.to_string(),
    ]);
    let port = json!([{ "op": "replace", "path": "/webhooks/0/clientConfig/service/port", "value": replica.port() }]);
    installed.run_kubectl(&[
        "patch",
        "mutatingwebhookconfiguration",
        "tokenpipe",
        "--type=json",
        "-p",
        &port.to_string(),
    ]);

    // No argument of theirs has a space, so a shell's quotes are for nothing but a shell.
    let notes = installed
        .run_helm(&["get", "notes", RELEASE])
        .replace('\'', "");
    installed.run_kubectl(&command_of(&notes, " label "));
    let run = command_of(&notes, " run ");
    let pod = wait_for("the injection", LIMIT, || {
        let output = installed.cluster.run_kubectl(&run).unwrap();
        if !output.status.success() {
            return Err(output.stderr());
        }
        serde_yaml::from_str::<Value>(&output.stdout()).map_err(|error| error.to_string())
    })
    .unwrap();
    assert_eq!(pod["spec"]["initContainers"][1]["name"], "tokenpipe-agent");

    // The pod of `helm test`, which is not run here.
    let objects = chart::parse_objects(&chart::render_chart(&json!({})).unwrap()).unwrap();
    let job = chart::find_object(&objects, "Job").unwrap();
    let path = "apis/batch/v1/namespaces/tokenpipe-test/jobs?dryRun=All";
    installed.cluster.create_object(path, job).unwrap();
    let mut test = job["spec"]["template"].clone();
    test["metadata"]["name"] = json!("tokenpipe-test");
    let admitted = wait_for("its ServiceAccount", LIMIT, || {
        installed
            .cluster
            .create_object("api/v1/namespaces/tokenpipe-test/pods?dryRun=All", &test)
    })
    .unwrap();
    let container = &admitted["spec"]["containers"][0];
    assert_eq!(
        container["command"][3], "--version",
        "wrapped once: {container}"
    );
    assert_eq!(
        admitted["spec"]["initContainers"][1]["name"],
        "tokenpipe-agent"
    );
}

#[test]
fn the_account_has_the_rights_that_it_needs_and_no_others() {
    let installed = install_chart();
    let asks = |verb: &str, what: &str, namespace: &str| {
        let account = "--as=system:serviceaccount:tokenpipe:tokenpipe";
        let mut arguments = vec!["auth", "can-i", "--namespace", namespace, account, verb];
        arguments.extend(what.split(' '));
        let output = installed.cluster.run_kubectl(&arguments).unwrap();
        match output.stdout().trim() {
            "yes" => true,
            "no" => false,
            _ => panic!("{verb} {what}: {output:?}"),
        }
    };
    for (verb, what) in [
        ("get", "secrets/tokenpipe-tls"),
        ("patch", "secrets/tokenpipe-tls"),
        ("create", "podtemplates"),
        ("get", "mutatingwebhookconfigurations/tokenpipe"),
        ("patch", "mutatingwebhookconfigurations/tokenpipe"),
        ("list", "nodes"),
        ("get", "/version"),
    ] {
        assert!(asks(verb, what, RELEASE), "{verb} {what}");
    }
    for (verb, what, namespace) in [
        ("get", "secrets/another", RELEASE),
        ("get", "secrets/tokenpipe-tls", "default"),
        ("list", "secrets", RELEASE),
        ("watch", "secrets", RELEASE),
        ("create", "secrets", RELEASE),
        ("delete", "secrets/tokenpipe-tls", RELEASE),
        ("get", "configmaps", RELEASE),
        ("create", "pods", RELEASE),
        ("get", "pods", "default"),
        ("create", "podtemplates", "default"),
        ("delete", "podtemplates", RELEASE),
        ("create", "serviceaccounts --subresource=token", "default"),
        ("patch", "mutatingwebhookconfigurations/another", ""),
        ("delete", "mutatingwebhookconfigurations/tokenpipe", ""),
        ("create", "mutatingwebhookconfigurations", ""),
        ("patch", "validatingadmissionpolicies/tokenpipe", ""),
        ("get", "nodes/n1", ""),
        ("patch", "nodes/n1", ""),
    ] {
        assert!(!asks(verb, what, namespace), "{verb} {what} in {namespace}");
    }
    // Every right is one that something fails without.
    let rules = ["Role", "ClusterRole"].map(|kind| {
        let objects = chart::parse_objects(&chart::render_chart(&json!({})).unwrap()).unwrap();
        chart::find_object(&objects, kind).unwrap()["rules"]
            .as_array()
            .unwrap()
            .len()
    });
    assert_eq!(rules, [2, 2]);
    let [replica, _] = installed.start_replicas();
    assert_eq!(
        replica.read_metric("tokenpipe_can_rerun").unwrap(),
        Some(1.0),
        "{}",
        replica.log()
    );
    assert!(
        !replica.log().contains("does not tell"),
        "{}",
        replica.log()
    );
    let bundle = installed.read_written()[0]
        .as_str()
        .map(|text| BASE64_STANDARD.decode(text).unwrap())
        .unwrap();
    assert!(
        String::from_utf8(bundle)
            .unwrap()
            .starts_with("-----BEGIN CERTIFICATE-----")
    );
}

/// Webhook configurations as the charts of vault-k8s 1.7 (vault-helm 0.34) and of bank-vaults' webhook
/// (1.23) make them, with their names and rules, and nobody behind their Services.
fn build_neighbours() -> [Value; 2] {
    let client = |name: &str, path: &str| json!({ "service": { "name": name, "namespace": "vault", "path": path } });
    let rule = |resources: &[&str], operations: &[&str]| {
        json!([{
            "apiGroups": ["*"], "apiVersions": ["*"], "resources": resources,
            "operations": operations,
        }])
    };
    let configuration = |name: &str, webhooks: Value| {
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
            "metadata": { "name": name }, "webhooks": webhooks,
        })
    };
    let agent = json!([{
        "name": "vault.hashicorp.com", "clientConfig": client("vault-agent-injector-svc", "/mutate"),
        "failurePolicy": "Ignore", "matchPolicy": "Exact", "timeoutSeconds": 5,
        "admissionReviewVersions": ["v1", "v1beta1"], "sideEffects": "None",
        "rules": rule(&["pods"], &["CREATE"]),
    }]);
    let webhook = |kind: &str, operations: &[&str]| {
        json!({
            "name": format!("{kind}.vault-secrets-webhook.admission.banzaicloud.com"),
            "clientConfig": client("vault-secrets-webhook", &format!("/{kind}")),
            "failurePolicy": "Ignore", "timeoutSeconds": 5, "sideEffects": "NoneOnDryRun",
            "admissionReviewVersions": ["v1beta1"], "rules": rule(&[kind], operations),
            "objectSelector": { "matchExpressions": [
                { "key": "security.banzaicloud.io/mutate", "operator": "NotIn", "values": ["skip"] },
            ] },
        })
    };
    let both = ["CREATE", "UPDATE"];
    let bank_vaults = json!([
        webhook("pods", &["CREATE"]),
        webhook("secrets", &both),
        webhook("configmaps", &both),
    ]);
    [
        configuration("vault-agent-injector-cfg", agent),
        configuration("vault-secrets-webhook", bank_vaults),
    ]
}

#[test]
fn beside_other_injectors_in_any_order() {
    let [agent, bank_vaults] = build_neighbours();
    install_between(&agent, &bank_vaults);
    install_between(&bank_vaults, &agent);
}

/// Installs, upgrades and uninstalls, with one webhook configuration before and another one after us.
fn install_between(before: &Value, after: &Value) {
    const PATH: &str = "apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
    let cluster = Cluster::start().unwrap();
    cluster.create_object(PATH, before).unwrap();
    let installed = install_into(cluster);
    installed.cluster.create_object(PATH, after).unwrap();
    let versions = || {
        ["vault-agent-injector-cfg", "vault-secrets-webhook"].map(|name| {
            let found = installed.get(&format!("{PATH}/{name}"));
            found["metadata"]["resourceVersion"].clone()
        })
    };
    let before = versions();

    let _replicas = installed.start_replicas();
    installed.read_written();
    installed.run_helm(&[
        "upgrade",
        RELEASE,
        &chart::directory_text(),
        "--reuse-values",
    ]);
    installed.run_helm(&["uninstall", RELEASE, "--wait"]);
    assert_eq!(versions(), before, "what is others' was not touched");
}
