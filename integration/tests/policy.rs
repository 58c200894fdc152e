//! The policy that refuses what asks for injection and did not get it, on a real API server.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use contract::paths;
use integration::chart::{self, Replica, with_name};
use integration::cluster::{Cluster, ClusterError, Namespace, Registration};
use integration::temp;
use integration::wait::{Probe, wait_for};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(30);
/// By it a namespace says how its webhook is.
const WEBHOOK: &str = "integration.tokenpipe.dev/webhook";
/// Namespaces with this label are no business of the policy that all tests share.
const APART: &str = "integration.tokenpipe.dev/apart";
const INJECTION: (&str, &str) = ("tokenpipe.dev/injection", "enabled");
/// Each way in which a webhook can be, and what the API server then asks.
const UP: &str = "up";
const DOWN: &str = "down";
const FAILING: &str = "failing";

/// The chart's policy, and its webhook in three states, each for namespaces of its own.
struct Place {
    cluster: &'static Cluster,
    objects: Vec<Value>,
    _registrations: Vec<Registration<'static>>,
    _replica: Replica,
    _directory: TempDir,
}

fn shared_place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(Place::new)
}

impl Place {
    fn new() -> Self {
        let cluster = Cluster::start_shared().unwrap();
        let objects = chart::parse_objects(&chart::render_chart(&json!({})).unwrap()).unwrap();
        let directory = temp::create_directory("policy").unwrap();
        let authority = directory.path().join("ca.crt");
        let replica = start_replica(&chart::parse_config(&objects).unwrap(), &authority);
        let authority = fs::read_to_string(&authority).unwrap();
        let address = format!("https://localhost:{}", replica.port());
        let registrations = [
            (UP, format!("{address}/mutate")),
            (DOWN, "https://127.0.0.1:1/mutate".to_owned()),
            // It answers 404.
            (FAILING, format!("{address}/elsewhere")),
        ]
        .map(|(state, url)| register_webhook(cluster, &objects, state, &url, &authority));
        install_policy(cluster, &objects);
        Self {
            cluster,
            objects,
            _registrations: registrations.into(),
            _replica: replica,
            _directory: directory,
        }
    }

    fn create_namespace(&self, webhook: &str, is_selected: bool) -> Namespace<'static> {
        let mut labels = vec![(WEBHOOK, webhook)];
        labels.extend(is_selected.then_some(INJECTION));
        self.cluster.create_namespace("policy", &labels).unwrap()
    }
}

/// The webhook with a certificate in memory, because three configurations are to trust it.
fn start_replica(config: &Value, authority: &Path) -> Replica {
    let mut config = config.clone();
    config["server"]["tls"] =
        json!({ "selfSigned": { "dnsNames": ["localhost"], "caFile": authority } });
    config["kubernetesVersion"] = json!("1.37");
    config["connections"]["default"]["auth"]["role"] = json!("app");
    let replica = Replica::start(&config, Path::new("/none")).unwrap();
    replica.wait_until_ready().unwrap();
    replica
}

/// The chart's webhook configuration, for namespaces of a state, at a URL: there is no node whose
/// Service could lead to the webhook.
fn register_webhook(
    cluster: &'static Cluster,
    objects: &[Value],
    state: &str,
    url: &str,
    authority: &str,
) -> Registration<'static> {
    let configuration = chart::find_object(objects, "MutatingWebhookConfiguration").unwrap();
    let mut configuration = with_name(configuration, state);
    let webhook = &mut configuration["webhooks"][0];
    assert_eq!(webhook["failurePolicy"], "Ignore");
    webhook["clientConfig"] = json!({ "url": url, "caBundle": BASE64_STANDARD.encode(authority) });
    webhook["namespaceSelector"]["matchLabels"][WEBHOOK] = json!(state);
    cluster.register_webhook(&configuration).unwrap()
}

/// Creates the policy as the chart has it, but for namespaces that are apart, and waits until it is
/// in force.
fn install_policy(cluster: &Cluster, objects: &[Value]) {
    let policy = chart::find_object(objects, "ValidatingAdmissionPolicy").unwrap();
    let mut binding = chart::find_object(objects, "ValidatingAdmissionPolicyBinding")
        .unwrap()
        .clone();
    let selector = &mut binding["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"];
    let apart = json!({ "key": APART, "operator": "DoesNotExist" });
    selector.as_array_mut().unwrap().push(apart);
    create_object(cluster, policy);
    create_object(cluster, &binding);
    wait_for("the policy", LIMIT, || {
        let pod = build_pod(
            &json!({ "tokenpipe.dev/inject": "true" }),
            &json!([]),
            &json!([build_container("a")]),
        );
        match admit_pod(cluster, "default", &pod) {
            Err(refusal) => Probe::from(refusal.contains("are not injected")),
            Ok(_) => Probe::NotYet("a pod was admitted".to_owned()),
        }
    })
    .unwrap();
}

fn create_object(cluster: &Cluster, object: &Value) {
    let output = cluster
        .run_kubectl_with_input(&["create", "-f", "-"], &object.to_string())
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    // The API server says in a warning what of an expression does not fit the types of a pod.
    assert_eq!(output.stderr(), "");
}

fn build_container(name: &str) -> Value {
    json!({ "name": name, "image": "image", "command": ["program"] })
}

fn build_pod(annotations: &Value, init: &Value, containers: &Value) -> Value {
    json!({
        "metadata": { "name": "pod", "annotations": annotations },
        "spec": { "initContainers": init, "containers": containers },
    })
}

/// The pod that would be stored, or the API server's sentence.
fn admit_pod(cluster: &Cluster, namespace: &str, pod: &Value) -> Result<Value, String> {
    match cluster.create_object(
        &format!("api/v1/namespaces/{namespace}/pods?dryRun=All"),
        pod,
    ) {
        Ok(pod) => Ok(pod),
        Err(ClusterError::Refused { answer, .. }) => Err(answer),
        Err(error) => panic!("{error}"),
    }
}

fn all_containers(pod: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["initContainers", "containers"].map(|list| pod["spec"][list].as_array());
    lists.into_iter().flatten().flatten()
}

fn is_wrapped(container: &Value) -> bool {
    container["command"][0] == paths::ENV_EXEC
}

/// Where a pod of the truth table has a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reference {
    None,
    App,
    Init,
    Sidecar,
    /// In each of the three.
    Everywhere,
    /// In an object that only kubelet reads.
    EnvFrom,
    /// The same, for one variable.
    ValueFrom,
}

impl Reference {
    const fn is_hidden(self) -> bool {
        matches!(self, Self::EnvFrom | Self::ValueFrom)
    }
}

/// Which containers bear the form of an injected one already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrapped {
    None,
    /// The app container.
    Some,
    All,
}

/// A row of the truth table.
#[derive(Clone, Copy, Debug)]
struct Row {
    is_selected: bool,
    inject: Option<&'static str>,
    reference: Reference,
    wrapped: Wrapped,
    webhook: &'static str,
}

/// What becomes of the pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is admitted as it was.
    Bare,
    /// It is admitted, and each container with a reference is wrapped.
    Injected,
    /// The policy refuses it.
    RefusedByPolicy,
    /// The webhook refuses it.
    RefusedByWebhook,
}

impl Row {
    fn list_rows() -> Vec<Self> {
        use Reference::{App, EnvFrom, Everywhere, Init, Sidecar, ValueFrom};
        let mut rows = Vec::new();
        for webhook in [UP, DOWN, FAILING] {
            for is_selected in [true, false] {
                for inject in [None, Some("true"), Some("false")] {
                    for reference in [
                        Reference::None,
                        App,
                        Init,
                        Sidecar,
                        Everywhere,
                        EnvFrom,
                        ValueFrom,
                    ] {
                        for wrapped in [Wrapped::None, Wrapped::Some, Wrapped::All] {
                            rows.push(Self {
                                is_selected,
                                inject,
                                reference,
                                wrapped,
                                webhook,
                            });
                        }
                    }
                }
            }
        }
        rows
    }

    fn build_pod(self) -> Value {
        let container = |name: &str, has_reference: bool, is_wrapped: bool| {
            let mut container = build_container(name);
            if has_reference {
                container["env"] = json!([{ "name": "A", "value": "vault:secret/data/a#b" }]);
            }
            if is_wrapped {
                container["command"] = json!([paths::ENV_EXEC, "--", "program"]);
            }
            container
        };
        let has =
            |place: Reference| self.reference == place || self.reference == Reference::Everywhere;
        let all = self.wrapped == Wrapped::All;
        let init = container("init", has(Reference::Init), all);
        let mut sidecar = container("sidecar", has(Reference::Sidecar), all);
        sidecar["restartPolicy"] = json!("Always");
        let mut app = container("app", has(Reference::App), self.wrapped != Wrapped::None);
        if self.reference == Reference::EnvFrom {
            app["envFrom"] = json!([{ "configMapRef": { "name": "settings" } }]);
        }
        if self.reference == Reference::ValueFrom {
            let key = json!({ "name": "settings", "key": "b" });
            app["env"] = json!([{ "name": "B", "valueFrom": { "secretKeyRef": key } }]);
        }
        let annotations = match self.inject {
            Some(inject) => json!({ "tokenpipe.dev/inject": inject, }),
            None => json!({}),
        };
        build_pod(&annotations, &json!([init, sidecar]), &json!([app]))
    }

    /// As the design has it.
    fn expected_fate(self) -> Fate {
        if self.inject == Some("false") {
            return Fate::Bare;
        }
        if !self.is_selected {
            return if self.inject.is_some() {
                Fate::RefusedByPolicy
            } else {
                Fate::Bare
            };
        }
        let is_visible = self.reference != Reference::None && !self.reference.is_hidden();
        if self.webhook == UP {
            let wraps_app = matches!(self.reference, Reference::App | Reference::Everywhere)
                || (self.reference.is_hidden() && self.inject.is_some());
            let has_left_over = match self.wrapped {
                Wrapped::None => false,
                Wrapped::Some => !wraps_app,
                Wrapped::All => self.reference != Reference::Everywhere,
            };
            if has_left_over {
                // The form of an injected container on one that is not to be.
                return Fate::RefusedByWebhook;
            }
            return match (is_visible, self.inject, self.reference.is_hidden()) {
                (true, ..) | (_, Some(_), true) => Fate::Injected,
                (_, Some(_), _) => Fate::RefusedByWebhook,
                (_, None, _) => Fate::Bare,
            };
        }
        // Nobody but the author can have wrapped it.
        let is_covered = match self.reference {
            Reference::None => true,
            Reference::App | Reference::EnvFrom | Reference::ValueFrom => {
                self.wrapped != Wrapped::None
            }
            Reference::Init | Reference::Sidecar | Reference::Everywhere => {
                self.wrapped == Wrapped::All
            }
        };
        let is_missing = match self.inject {
            Some(_) => !is_covered || self.wrapped == Wrapped::None,
            None => is_visible && !is_covered,
        };
        if is_missing {
            Fate::RefusedByPolicy
        } else {
            Fate::Bare
        }
    }

    /// What the API server made of it.
    fn read_fate(self, before: &Value, outcome: &Result<Value, String>) -> Fate {
        match outcome {
            Err(refusal) if refusal.contains("ValidatingAdmissionPolicy 'tokenpipe'") => {
                Fate::RefusedByPolicy
            }
            Err(refusal) if refusal.contains("denied the request") => Fate::RefusedByWebhook,
            Err(refusal) => panic!("{self:?}: {refusal}"),
            Ok(after) => {
                let names = |pod: &Value| {
                    all_containers(pod)
                        .map(|c| c["name"].clone())
                        .collect::<Vec<_>>()
                };
                if names(after) == names(before) {
                    return Fate::Bare;
                }
                let references = all_containers(after).filter(|c| c["env"][0]["name"] == "A");
                assert!(references.into_iter().all(is_wrapped), "{self:?}: {after}");
                assert!(all_containers(after).any(is_wrapped), "{self:?}: {after}");
                Fate::Injected
            }
        }
    }
}

#[test]
fn pods_of_every_kind_have_the_fate_of_the_truth_table() {
    let place = shared_place();
    let mut namespaces = Vec::new();
    for webhook in [UP, DOWN, FAILING] {
        for is_selected in [true, false] {
            namespaces.push((
                webhook,
                is_selected,
                place.create_namespace(webhook, is_selected),
            ));
        }
    }
    let rows = Row::list_rows();
    let mut wrong = Vec::new();
    for row in &rows {
        let (_, _, namespace) = namespaces
            .iter()
            .find(|(webhook, is_selected, _)| {
                (*webhook, *is_selected) == (row.webhook, row.is_selected)
            })
            .unwrap();
        let pod = row.build_pod();
        let outcome = admit_pod(place.cluster, namespace.name(), &pod);
        let fate = row.read_fate(&pod, &outcome);
        if fate != row.expected_fate() {
            wrong.push(format!(
                "{row:?}: {:?} expected, found {fate:?}: {outcome:?}\n",
                row.expected_fate()
            ));
        }
    }
    assert_eq!(rows.len(), 378);
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        rows.len(),
        wrong.concat()
    );
}

/// Values on the border, whatever they are; the webhook tells.
const VALUES: [&str; 76] = [
    "",
    "plain",
    "vault",
    "vault:",
    "vault:/",
    "vault:/a#b",
    "vault://",
    "vault://secret/app",
    "vault:8200",
    "vault:8200/data#key",
    "vault:8200,vault-2:8200",
    "vault:8200 x",
    "vault:8200\u{a0}x",
    "vault:8200\"",
    "vault:8200'",
    "vault:8200}",
    "vault:8200x#y",
    "vault:8200#y",
    "vault:a\nb",
    " vault:x#y",
    "VAULT:x#y",
    ">>vault:a/b#c",
    ">>vault://a",
    ">vault:a#b",
    "http://vault:8200/v1",
    "x-vault:a#b",
    "C:\\dir\\vault:a",
    "\\vault:a#b",
    "\\\\vault:a#b",
    "\\>>vault:a#b",
    "\\vault:a#b ${vault:c#d}",
    "${vault:a#b}",
    "x${vault:a#b}y",
    "x${>>vault:a#b}y",
    "${ vault:a#b}",
    "${>vault:a#b}",
    "${vault://a}",
    "${vault:8200}",
    "\\${vault:a#b}",
    "\\\\${vault:a#b}",
    "\\\\\\${vault:a#b}",
    "\\${vault:a#b} ${vault:c#d}",
    "{vault:a#b}",
    "${${vault:a#b}}",
    // Kubernetes halves dollars before anybody else sees them.
    "$${vault:a#b}",
    "\\$${vault:a#b}",
    "$$${vault:a#b}",
    "$$\\${vault:a#b}",
    // Other variables of the container: PORT is 8200, WORD is word.
    "vault:$(PORT)",
    "vault:$(WORD)#a",
    "vault:$(UNKNOWN)",
    "vault:$$(PORT)",
    "$(WORD)vault:a#b",
    "${vault:$(WORD)#a}",
    // Text without a path.
    "vault: bump to 1.21",
    "vault: fix #12 in a/b",
    "vault:latest",
    "vault:1.13.3",
    "vault:api.example.com:token",
    "vault:api token/x#y",
    "vault:secret/data/db",
    "vault:secret/data/my db#k",
    "vault:a\u{2003}b/c#d",
    "vault:a{b/c#d",
    "vault:8200'/a#b",
    "vault:login",
    "vault:login ",
    "vault:v1:abc",
    "vault:v1",
    "x${vault:latest} a/b#c",
    "x${vault:-default}",
    "x${vault:a b/c#d}",
    "x${vault:v1:abc}",
    "x${vault:${vault:a/b#c}",
    // JSON.
    "{\"a\":\"${vault:a/b#c}\"}",
    " [ \"${vault:a/b#c}\" ]\n",
];

/// All values of the conformance cases.
fn read_conformance_values() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/references.json");
    let cases: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let environments = cases["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| &case["env"]);
    let values = environments.flat_map(|env| env.as_object().unwrap().values());
    values
        .map(|value| value.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_policy_and_the_webhook_see_the_same_references() {
    let place = shared_place();
    let (up, down) = (
        place.create_namespace(UP, true),
        place.create_namespace(DOWN, true),
    );
    let mut values = read_conformance_values();
    assert!(values.len() > 60);
    values.extend(VALUES.map(str::to_owned));
    let (mut references, mut wrong) = (0, Vec::new());
    for value in &values {
        let mut container = build_container("app");
        container["env"] = json!([
            { "name": "PORT", "value": "8200" }, { "name": "WORD", "value": "word" },
            { "name": "VAULT_TOKEN", "value": value },
        ]);
        let pod = build_pod(&json!({}), &json!([]), &json!([container]));
        let is_reference = match admit_pod(place.cluster, up.name(), &pod) {
            Ok(pod) => all_containers(&pod).any(is_wrapped),
            Err(refusal) => {
                assert!(
                    refusal.contains("denied the request"),
                    "{value:?}: {refusal}"
                );
                true
            }
        };
        let is_refused = match admit_pod(place.cluster, down.name(), &pod) {
            Ok(_) => false,
            Err(refusal) => {
                assert!(
                    refusal.contains("not injected, so references"),
                    "{value:?}: {refusal}"
                );
                true
            }
        };
        references += usize::from(is_reference);
        if is_reference != is_refused {
            wrong.push(format!(
                "{value:?}: the webhook {is_reference}, the policy {is_refused}\n"
            ));
        }
    }
    assert!(
        references > 50 && values.len() - references > 20,
        "{references} of {}",
        values.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

/// Has the pod admitted, or refused with a sentence that holds this.
fn check_admission(
    namespace: &str,
    annotations: &Value,
    containers: &Value,
    refusal: Option<&str>,
) {
    let pod = build_pod(annotations, &json!([]), containers);
    match (refusal, admit_pod(shared_place().cluster, namespace, &pod)) {
        (None, Ok(_)) => {}
        (Some(part), Err(found)) => assert!(found.contains(part), "{annotations}: {found}"),
        (expected, found) => panic!("{annotations}: {expected:?} expected, found {found:?}"),
    }
}

fn wrapped_container(name: &str) -> Value {
    let mut container = build_container(name);
    container["command"] = json!([paths::ENV_EXEC, "--", "program"]);
    container
}

#[test]
fn annotations_ask_too() {
    let place = shared_place();
    let namespace = place.create_namespace(DOWN, true);
    let hidden = || {
        let mut container = build_container("b");
        container["envFrom"] = json!([{ "secretRef": { "name": "settings" } }]);
        container
    };
    let mut visible = build_container("c");
    visible["env"] = json!([{ "name": "A", "value": "vault:a#b" }]);
    let from = "tokenpipe.dev/from-path";
    let listed = "tokenpipe.dev/containers";
    let skipped = "tokenpipe.dev/skip-containers";
    let cases = [
        // What asks, the containers, those that the refusal names.
        (
            json!({ from: "a" }),
            json!([build_container("a")]),
            Some("in: a."),
        ),
        (json!({ from: "a" }), json!([wrapped_container("a")]), None),
        (
            json!({ from: "a" }),
            json!([wrapped_container("a"), build_container("b")]),
            Some("in: b."),
        ),
        (
            json!({ from: "a", skipped: " b , x" }),
            json!([wrapped_container("a"), build_container("b")]),
            None,
        ),
        (
            json!({ from: "a", listed: "a" }),
            json!([wrapped_container("a"), build_container("b")]),
            None,
        ),
        (
            json!({ listed: "a, b" }),
            json!([wrapped_container("a"), build_container("b")]),
            Some("in: b."),
        ),
        (
            json!({ listed: "a" }),
            json!([wrapped_container("a"), visible]),
            Some("in: c."),
        ),
        (json!({ skipped: "c" }), json!([visible]), None),
        (
            json!({ "tokenpipe.dev/vault": "other" }),
            json!([build_container("a")]),
            None,
        ),
        (
            json!({ "tokenpipe.dev/vault": "other" }),
            json!([hidden()]),
            Some("asks for injection"),
        ),
        (
            json!({ "tokenpipe.dev/vault": "other", skipped: "b" }),
            json!([hidden()]),
            None,
        ),
        (
            json!({ "tokenpipe.dev/status": "{}" }),
            json!([hidden()]),
            None,
        ),
        (
            json!({ "tokenpipe.dev/inject": "true" }),
            json!([wrapped_container("a"), hidden()]),
            Some("in: b."),
        ),
        (
            json!({ "tokenpipe.dev/inject": "yes" }),
            json!([build_container("a")]),
            Some("asks for injection"),
        ),
        (
            json!({ "tokenpipe.dev/inject": "false", from: "a" }),
            json!([hidden(), visible]),
            None,
        ),
        (
            json!({ "example.com/inject": "true" }),
            json!([hidden()]),
            None,
        ),
    ];
    for (annotations, containers, refusal) in cases {
        check_admission(namespace.name(), &annotations, &containers, refusal);
    }
}

#[test]
fn exempted_variables_and_json_need_not_be_wrapped() {
    let place = shared_place();
    let namespace = place.create_namespace(DOWN, true);
    let mut visible = build_container("c");
    visible["env"] = json!([{ "name": "A", "value": "vault:a#b" }]);
    let exempted = "tokenpipe.dev/skip-variables";
    let mut secret = build_container("b");
    let key = json!({ "secretKeyRef": { "name": "settings", "key": "h" } });
    secret["env"] = json!([{ "name": "H", "valueFrom": key }]);
    let with_json = |name: &str| {
        let mut container = build_container("j");
        container["env"] = json!([{ "name": name, "value": "{\"a\":\"${vault:a/b#c}\"}" }]);
        container
    };
    let cases = [
        (json!({ exempted: "B, A" }), json!([visible]), None),
        (json!({ exempted: "B" }), json!([visible]), Some("in: c.")),
        (
            json!({ exempted: "H", "tokenpipe.dev/inject": "true" }),
            json!([wrapped_container("a"), secret]),
            None,
        ),
        (json!({}), json!([with_json("A")]), None),
        (
            json!({ "tokenpipe.dev/inject": "true" }),
            json!([with_json("A")]),
            Some("in: j."),
        ),
        (
            json!({ "tokenpipe.dev/inject": "true" }),
            json!([wrapped_container("a"), with_json("ARGO_TEMPLATE")]),
            None,
        ),
    ];
    for (annotations, containers, refusal) in cases {
        check_admission(namespace.name(), &annotations, &containers, refusal);
    }
}

#[test]
fn container_of_another_injector_need_not_be_wrapped() {
    let place = shared_place();
    let namespace = place.create_namespace(DOWN, true);
    let from = "tokenpipe.dev/from-path";
    let cases = [
        (
            json!({ from: "a", "vault.hashicorp.com/agent-inject-status": "injected" }),
            json!([wrapped_container("a"), build_container("vault-agent")]),
            None,
        ),
        (
            json!({ from: "a", "openbao.org/agent-inject-status": "injected" }),
            json!([
                wrapped_container("a"),
                build_container("openbao-agent"),
                build_container("vault-agent")
            ]),
            Some("in: vault-agent."),
        ),
        (
            json!({ from: "a" }),
            json!([wrapped_container("a"), build_container("vault-agent")]),
            Some("in: vault-agent."),
        ),
    ];
    for (annotations, containers, refusal) in cases {
        check_admission(namespace.name(), &annotations, &containers, refusal);
    }
}

/// A webhook that is called after ours may add a variable to every container.
#[test]
fn our_own_init_containers_need_not_be_wrapped() {
    let place = shared_place();
    let namespace = place.create_namespace(DOWN, true);
    let with = |name: &str, command: &[&str]| {
        let mut container = build_container(name);
        container["command"] = json!(command);
        container["envFrom"] = json!([{ "configMapRef": { "name": "proxy" } }]);
        container["env"] = json!([{ "name": "A", "value": "vault:a#b" }]);
        container
    };
    let (prepare, agent) = ("tokenpipe-prepare", "tokenpipe-agent");
    for (init, refusal) in [
        (with(prepare, &[paths::IMAGE_ENV_EXEC, "prepare"]), None),
        (
            with(prepare, &[paths::AGENT_IMAGE_ENV_EXEC, "prepare"]),
            None,
        ),
        (
            with(agent, &[paths::ENV_EXEC, "agent", "--", "vault"]),
            None,
        ),
        (
            with(agent, &[paths::AGENT_IMAGE_ENV_EXEC, "agent", "--"]),
            None,
        ),
        // The name alone, or the form alone.
        (
            with(agent, &["program", "agent"]),
            Some("in: tokenpipe-agent."),
        ),
        (
            with(agent, &[paths::ENV_EXEC, "prepare"]),
            Some("in: tokenpipe-agent."),
        ),
        (
            with(prepare, &[paths::IMAGE_ENV_EXEC]),
            Some("in: tokenpipe-prepare."),
        ),
        (
            with("agent", &[paths::ENV_EXEC, "agent"]),
            Some("in: agent."),
        ),
    ] {
        let inject = json!({ "tokenpipe.dev/inject": "true" });
        let pod = build_pod(&inject, &json!([init]), &json!([wrapped_container("a")]));
        match (refusal, admit_pod(place.cluster, namespace.name(), &pod)) {
            (None, Ok(_)) => {}
            (Some(part), Err(found)) => assert!(found.contains(part), "{init}: {found}"),
            (expected, found) => panic!("{init}: {expected:?} expected, found {found:?}"),
        }
    }
    // Not one of ours, which are init containers.
    let app = with(agent, &[paths::ENV_EXEC, "agent"]);
    let containers = json!([wrapped_container("a"), app]);
    check_admission(
        namespace.name(),
        &json!({}),
        &containers,
        Some("in: tokenpipe-agent."),
    );
}

#[test]
fn an_annotation_in_a_namespace_that_is_not_selected_is_refused() {
    let place = shared_place();
    let namespace = place.create_namespace(UP, false);
    let admit = |annotations: Value| {
        admit_pod(
            place.cluster,
            namespace.name(),
            &build_pod(&annotations, &json!([]), &json!([build_container("a")])),
        )
    };
    for key in ["auth-role", "inject", "status", "nonsense"] {
        let key = format!("tokenpipe.dev/{key}");
        let refusal = admit(json!({ &key: "x" })).unwrap_err();
        assert!(
            refusal.contains(&format!("has the annotation {key}")),
            "{refusal}"
        );
        assert!(
            refusal.contains("label tokenpipe.dev/injection=enabled"),
            "{refusal}"
        );
        assert!(refusal.contains(namespace.name()), "{refusal}");
    }
    admit(json!({ "tokenpipe.dev/inject": "false", "tokenpipe.dev/auth-role": "x" })).unwrap();
    admit(json!({ "example.com/a": "b" })).unwrap();
}

#[test]
fn large_pods_are_within_what_expressions_may_cost() {
    let place = shared_place();
    let (up, down) = (
        place.create_namespace(UP, true),
        place.create_namespace(DOWN, true),
    );
    let plain: Vec<_> = (0..300)
        .map(
            |n| json!({ "name": format!("V{n}"), "value": format!("http://vault:8200/$(V0)/{n}") }),
        )
        .collect();
    let mut containers: Vec<_> = (0..10)
        .map(|n| {
            let mut container = build_container(&format!("c{n}"));
            container["env"] = json!(plain);
            container
        })
        .collect();
    let large = build_pod(&json!({}), &json!([]), &json!(containers));
    for namespace in [&up, &down] {
        admit_pod(place.cluster, namespace.name(), &large).unwrap();
    }
    let last = containers[9]["env"].as_array_mut().unwrap();
    last.push(json!({ "name": "LAST", "value": "x${vault:a#b}" }));
    let with_reference = build_pod(&json!({}), &json!([]), &json!(containers));
    let refusal = admit_pod(place.cluster, down.name(), &with_reference).unwrap_err();
    assert!(refusal.contains("in: c9."), "{refusal}");
    admit_pod(place.cluster, up.name(), &with_reference).unwrap();
}

/// The policy says in CEL what the webhook configuration says as a selector.
#[test]
fn the_policy_selects_as_the_webhook_does() {
    let place = shared_place();
    let selectors = [
        json!({ "matchLabels": { "a": "x" } }),
        json!({ "matchLabels": { "a": "" } }),
        json!({ "matchLabels": { "a": "x", "b": "y" } }),
        json!({ "matchExpressions": [{ "key": "a", "operator": "In", "values": ["x", "y"] }] }),
        json!({ "matchExpressions": [{ "key": "a", "operator": "NotIn", "values": ["x"] }] }),
        json!({ "matchExpressions": [{ "key": "a", "operator": "Exists" }, { "key": "b", "operator": "DoesNotExist" }] }),
        json!({ "matchLabels": { "b": "y" }, "matchExpressions": [{ "key": "a", "operator": "NotIn", "values": ["x"] }] }),
    ];
    let label_sets: [&[(&str, &str)]; 7] = [
        &[],
        &[("a", "x")],
        &[("a", "y")],
        &[("a", "")],
        &[("b", "y")],
        &[("a", "x"), ("b", "y")],
        &[("a", "z"), ("b", "y")],
    ];
    let asks = build_pod(
        &json!({ "tokenpipe.dev/inject": "true" }),
        &json!([]),
        &json!([build_container("a")]),
    );
    for (number, selector) in selectors.iter().enumerate() {
        let name = format!("selector-{number}");
        let values = json!({ "webhook": { "namespaceSelector": selector } });
        let objects = chart::parse_objects(&chart::render_as(&name, &values).unwrap()).unwrap();
        let namespaces = label_sets.map(|labels| {
            let labels = [labels, &[(APART, name.as_str())]].concat();
            place.cluster.create_namespace("selector", &labels).unwrap()
        });
        let mut binding = chart::find_object(&objects, "ValidatingAdmissionPolicyBinding")
            .unwrap()
            .clone();
        binding["spec"]["matchResources"]["namespaceSelector"]["matchLabels"] =
            json!({ APART: name });
        create_object(
            place.cluster,
            chart::find_object(&objects, "ValidatingAdmissionPolicy").unwrap(),
        );
        create_object(place.cluster, &binding);
        // A webhook that is called fails, which tells that the namespace is selected.
        let webhook = chart::find_object(&objects, "MutatingWebhookConfiguration").unwrap();
        let mut webhook = webhook.clone();
        webhook["webhooks"][0]["clientConfig"] = json!({ "url": "https://127.0.0.1:1/" });
        webhook["webhooks"][0]["failurePolicy"] = json!("Fail");
        webhook["webhooks"][0]["objectSelector"] = json!({ "matchLabels": { "called": "yes" } });
        webhook["webhooks"][0]["namespaceSelector"]["matchLabels"][APART] = json!(name);
        let registration = place.cluster.register_webhook(&webhook).unwrap();
        let mut called = asks.clone();
        called["metadata"]["labels"] = json!({ "called": "yes" });
        called["metadata"]["annotations"] = json!({});
        wait_for("the policy", LIMIT, || {
            let refused = |namespace: &Namespace<'_>| {
                admit_pod(place.cluster, namespace.name(), &asks).is_err()
            };
            Probe::from(namespaces.iter().all(refused))
        })
        .unwrap();
        for (labels, namespace) in label_sets.iter().zip(&namespaces) {
            let is_called = admit_pod(place.cluster, namespace.name(), &called).is_err();
            let refusal = admit_pod(place.cluster, namespace.name(), &asks).unwrap_err();
            let is_selected = !refusal.contains("are not injected");
            assert_eq!(is_selected, is_called, "{selector} {labels:?}: {refusal}");
        }
        registration.remove().unwrap();
    }
}

#[test]
fn a_rehearsal_warns_and_the_emergency_switches_admit() {
    let place = shared_place();
    let values = json!({ "policy": { "mode": "warn" } });
    let objects = chart::parse_objects(&chart::render_as("rehearsal", &values).unwrap()).unwrap();
    let webhook = chart::find_object(&objects, "MutatingWebhookConfiguration").unwrap();
    assert_eq!(
        webhook["webhooks"][0]["failurePolicy"], "Fail",
        "nothing else would close the hole"
    );
    // What is to run although the webhook is down says so.
    let way_out = json!({ "policy": { "mode": "warn" }, "webhook": { "failurePolicy": "Ignore" } });
    let open = chart::parse_objects(&chart::render_as("rehearsal", &way_out).unwrap()).unwrap();
    let open = chart::find_object(&open, "MutatingWebhookConfiguration").unwrap();
    assert_eq!(open["webhooks"][0]["failurePolicy"], "Ignore");
    // Registered as in that, and down.
    let labels = [INJECTION, (APART, "rehearsal"), (WEBHOOK, DOWN)];
    let namespace = place
        .cluster
        .create_namespace("rehearsal", &labels)
        .unwrap();
    let mut binding = chart::find_object(&objects, "ValidatingAdmissionPolicyBinding")
        .unwrap()
        .clone();
    binding["spec"]["matchResources"]["namespaceSelector"]["matchLabels"] =
        json!({ APART: "rehearsal" });
    create_object(
        place.cluster,
        chart::find_object(&objects, "ValidatingAdmissionPolicy").unwrap(),
    );
    create_object(place.cluster, &binding);
    let mut container = build_container("a");
    container["env"] = json!([{ "name": "A", "value": "vault:a#b" }]);
    let mut pod = build_pod(&json!({}), &json!([]), &json!([container]));
    pod["apiVersion"] = json!("v1");
    pod["kind"] = json!("Pod");
    wait_for("the warning", LIMIT, || {
        let output = namespace.dry_run(&pod.to_string()).unwrap();
        assert!(output.status.success(), "{output:?}");
        Probe::from(
            output
                .stderr()
                .contains("Validation failed for ValidatingAdmissionPolicy 'rehearsal'"),
        )
    })
    .unwrap();
    // The other switch: no binding, no policy.
    binding["spec"]["validationActions"] = json!(["Deny"]);
    let applied = place
        .cluster
        .run_kubectl_with_input(&["apply", "-f", "-"], &binding.to_string())
        .unwrap();
    assert!(applied.status.success(), "{applied:?}");
    let is_refused = || admit_pod(place.cluster, namespace.name(), &pod).is_err();
    wait_for("the refusal", LIMIT, || Probe::from(is_refused())).unwrap();
    let delete = ["delete", "validatingadmissionpolicybinding", "rehearsal"];
    assert!(place.cluster.run_kubectl(&delete).unwrap().status.success());
    wait_for("the end of the refusals", LIMIT, || {
        Probe::from(!is_refused())
    })
    .unwrap();
}

/// A pod that kubelet or a controller needs for the cluster itself never depends on tokenpipe.
#[test]
fn system_namespaces_are_left_alone() {
    let place = shared_place();
    let account = json!({ "metadata": { "name": "default" } });
    // Its controller makes it in a moment; whoever is first.
    let _ = place
        .cluster
        .create_object("api/v1/namespaces/kube-system/serviceaccounts", &account);
    let mut container = build_container("a");
    container["env"] = json!([{ "name": "A", "value": "vault:a#b" }]);
    let asks = build_pod(
        &json!({ "tokenpipe.dev/inject": "true" }),
        &json!([]),
        &json!([container]),
    );
    admit_pod(place.cluster, "kube-system", &asks).unwrap();
    let selector = chart::find_object(&place.objects, "MutatingWebhookConfiguration").unwrap();
    let excluded = &selector["webhooks"][0]["namespaceSelector"]["matchExpressions"][0]["values"];
    assert_eq!(
        excluded,
        &json!(["kube-node-lease", "kube-public", "kube-system", "tokenpipe"])
    );
}

/// An injected pod as it is stored, with these changes.
fn injected_pod(name: &str, change: impl FnOnce(&mut Value)) -> Value {
    let empty = |name: &str| json!({ "name": name, "emptyDir": {} });
    let mut agent = build_container("tokenpipe-agent");
    agent["command"] = json!([paths::ENV_EXEC, "agent", "--", "vault"]);
    agent["image"] = json!("mirror.example/hashicorp/vault:1.21.1");
    let mut pod = json!({
        "metadata": { "name": name, "finalizers": ["integration.tokenpipe.dev/kept"] },
        "spec": {
            "initContainers": [agent],
            "containers": [wrapped_container("app")],
            "volumes": [empty("tokenpipe-bin"), empty("tokenpipe-token-app"), empty("scratch")],
        },
    });
    change(&mut pod);
    pod
}

/// Patches a pod or a subresource of it; the API server's sentence where it is rejected.
fn patch_pod(
    namespace: &Namespace<'_>,
    pod: &str,
    more: &[&str],
    patch: &Value,
) -> Result<(), String> {
    let patch = patch.to_string();
    let arguments = [&["patch", "pod", pod, "--patch", &patch], more].concat();
    let output = namespace.run_kubectl(&arguments).unwrap();
    if output.status.success() {
        return Ok(());
    }
    Err(output.stderr())
}

fn check_update(what: &str, outcome: &Result<(), String>, refusal: Option<&str>) {
    match (refusal, outcome) {
        (None, Ok(())) => {}
        (Some(part), Err(found)) => assert!(found.contains(part), "{what}: {found}"),
        (expected, found) => panic!("{what}: {expected:?} expected, found {found:?}"),
    }
}

#[test]
fn ephemeral_container_with_volume_of_tokenpipe_is_rejected() {
    let place = shared_place();
    let namespace = place.create_namespace(DOWN, true);
    let path = format!("api/v1/namespaces/{}/pods", namespace.name());
    let foreign = |pod: &mut Value| {
        pod["spec"]["initContainers"] = json!([]);
        pod["spec"]["containers"] = json!([build_container("app")]);
        pod["spec"]["volumes"] = json!([{ "name": "scratch", "emptyDir": {} }]);
    };
    // A volume of the author's own with our prefix, by which a device can be had.
    let block = |pod: &mut Value| {
        let claim =
            json!({ "name": "tokenpipe-block", "persistentVolumeClaim": { "claimName": "x" } });
        pod["spec"]["volumes"].as_array_mut().unwrap().push(claim);
    };
    for pod in [injected_pod("w", block), injected_pod("other", foreign)] {
        place.cluster.create_object(&path, &pod).unwrap();
    }
    let mounts = |volume: &str| json!([{ "name": volume, "mountPath": "/mnt" }]);
    let volume = Some("ephemeral container debug mounts a volume of tokenpipe");
    let cases = [
        // What kubectl debug does without a volume of tokenpipe's, and in a pod without any.
        (
            "w",
            json!({ "name": "a", "volumeMounts": mounts("scratch") }),
            None,
        ),
        (
            "w",
            json!({ "name": "b", "targetContainerName": "app" }),
            None,
        ),
        ("other", json!({ "name": "tokenpipe-debug" }), None),
        (
            "w",
            json!({ "name": "debug", "volumeMounts": mounts("tokenpipe-token-app") }),
            volume,
        ),
        (
            "w",
            json!({ "name": "debug", "volumeMounts": mounts("tokenpipe-bin") }),
            volume,
        ),
        (
            "w",
            json!({ "name": "debug", "volumeDevices": [
                { "name": "tokenpipe-block", "devicePath": "/dev/x" },
            ] }),
            volume,
        ),
        (
            "w",
            json!({ "name": "tokenpipe-debug" }),
            Some("name tokenpipe-debug is reserved"),
        ),
        (
            "w",
            json!({ "name": "debug", "targetContainerName": "tokenpipe-agent" }),
            Some("targets a container of tokenpipe"),
        ),
        ("w", json!({ "name": "c" }), None),
    ];
    for (pod, mut debugger, refusal) in cases {
        debugger["image"] = json!("busybox");
        let outcome = add_ephemeral(&namespace, pod, &debugger);
        check_update(&debugger.to_string(), &outcome, refusal);
    }
    let debug = [
        "debug",
        "w",
        "--image=busybox",
        "--target=app",
        "--profile=general",
    ];
    let output = namespace.run_kubectl(&debug).unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Adds an ephemeral container to a pod; the API server's sentence where it is rejected.
fn add_ephemeral(namespace: &Namespace<'_>, pod: &str, debugger: &Value) -> Result<(), String> {
    let mut changed = namespace.get("pods", pod).unwrap();
    let ephemeral = &mut changed["spec"]["ephemeralContainers"];
    let mut all = ephemeral.as_array().cloned().unwrap_or_default();
    all.push(debugger.clone());
    *ephemeral = json!(all);
    let path = format!(
        "api/v1/namespaces/{}/pods/{pod}/ephemeralcontainers",
        namespace.name()
    );
    match shared_place()
        .cluster
        .request(&Method::PUT, &path, Some(&changed))
    {
        Ok(_) => Ok(()),
        Err(ClusterError::Refused { answer, .. }) => Err(answer),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn update_cannot_exchange_image_of_injected_container() {
    let place = shared_place();
    let namespace = place.create_namespace(DOWN, true);
    let path = format!("api/v1/namespaces/{}/pods", namespace.name());
    let sidecar = |pod: &mut Value| {
        let mut sidecar = build_container("tokenpipe-helper");
        sidecar["restartPolicy"] = json!("Always");
        let init = pod["spec"]["initContainers"].as_array_mut().unwrap();
        init.insert(0, sidecar);
    };
    // As pods were admitted before an upgrade: a reference that is not wrapped, other annotations.
    let earlier = |pod: &mut Value| {
        pod["metadata"]["annotations"] = json!({ "tokenpipe.dev/inject": "false" });
        pod["spec"]["containers"][0]["command"] = json!(["program"]);
        pod["spec"]["containers"][0]["env"] = json!([{ "name": "A", "value": "vault:a#b" }]);
    };
    for pod in [
        injected_pod("w", |_| {}),
        injected_pod("sidecar", sidecar),
        injected_pod("earlier", earlier),
        injected_pod("ended", |_| {}),
        injected_pod("deleted", |_| {}),
    ] {
        place.cluster.create_object(&path, &pod).unwrap();
    }
    let image =
        |list: &str, name: &str| json!({ "spec": { list: [{ "name": name, "image": "mine" }] } });
    let metadata = |name: &str, value: Value| json!({ "metadata": { name: value } });
    let rejected = Some("is injected by tokenpipe and an update must not change its image");
    let cases = [
        ("w", image("initContainers", "tokenpipe-agent"), rejected),
        (
            "sidecar",
            image("initContainers", "tokenpipe-helper"),
            rejected,
        ),
        (
            "earlier",
            image("initContainers", "tokenpipe-agent"),
            rejected,
        ),
        // An author's container is its author's.
        ("w", image("containers", "app"), None),
        ("w", metadata("labels", json!({ "a": "b" })), None),
        (
            "w",
            metadata("annotations", json!({ "tokenpipe.dev/inject": "false" })),
            None,
        ),
        // Which opens nothing.
        ("w", image("initContainers", "tokenpipe-agent"), rejected),
        (
            "earlier",
            metadata("annotations", json!({ "tokenpipe.dev/inject": "true" })),
            None,
        ),
        (
            "earlier",
            json!({ "spec": { "activeDeadlineSeconds": 60 } }),
            None,
        ),
    ];
    for (pod, change, refusal) in cases {
        let outcome = patch_pod(&namespace, pod, &[], &change);
        check_update(&format!("{pod} {change}"), &outcome, refusal);
    }
    // A pod that is over loses its finalizers, whatever another webhook does to its images.
    let status = json!({ "status": { "phase": "Succeeded" } });
    patch_pod(&namespace, "ended", &["--subresource=status"], &status).unwrap();
    let delete = ["delete", "pod", "deleted", "--wait=false"];
    assert!(namespace.run_kubectl(&delete).unwrap().status.success());
    for pod in ["ended", "deleted"] {
        let mut change = image("initContainers", "tokenpipe-agent");
        change["metadata"] = json!({ "finalizers": null });
        patch_pod(&namespace, pod, &[], &change).unwrap();
    }
}

#[test]
fn ephemeral_container_that_sees_the_login_is_rejected() {
    let place = shared_place();
    let namespace = place.create_namespace(DOWN, true);
    let path = format!("api/v1/namespaces/{}/pods", namespace.name());
    let shared = |pod: &mut Value| pod["spec"]["shareProcessNamespace"] = json!(true);
    let reruns = |pod: &mut Value| {
        shared(pod);
        pod["spec"]["restartPolicy"] = json!("Never");
        let app = &mut pod["spec"]["containers"][0];
        app["restartPolicy"] = json!("Never");
        app["restartPolicyRules"] = json!([{
            "action": "RestartAllContainers",
            "exitCodes": { "operator": "In", "values": [117] },
        }]);
    };
    let other_token = |pod: &mut Value| {
        shared(pod);
        pod["spec"]["initContainers"][0]["name"] = json!("author");
    };
    for pod in [
        injected_pod("shared", shared),
        injected_pod("host", |pod| pod["spec"]["hostPID"] = json!(true)),
        injected_pod("reruns", reruns),
        injected_pod("other-token", other_token),
        injected_pod("apart", |_| ()),
    ] {
        place.cluster.create_object(&path, &pod).unwrap();
    }
    let sees = Some("ephemeral container debug sees the login in this pod");
    for (pod, exit_code, refusal) in [
        ("shared", None, sees),
        ("shared", Some(1), sees),
        ("shared", Some(0), None),
        ("host", None, sees),
        ("reruns", Some(0), sees),
        ("other-token", None, None),
        ("apart", None, None),
    ] {
        if let Some(exit_code) = exit_code {
            let status = json!({ "status": { "initContainerStatuses": [{
                "name": "tokenpipe-agent", "image": "x", "imageID": "", "ready": true, "restartCount": 0,
                "state": { "terminated": { "exitCode": exit_code } },
            }] } });
            patch_pod(&namespace, pod, &["--subresource=status"], &status).unwrap();
        }
        let debugger = json!({ "name": "debug", "image": "busybox" });
        let outcome = add_ephemeral(&namespace, pod, &debugger);
        check_update(&format!("{pod} {exit_code:?}"), &outcome, refusal);
    }
}
