//! The chart as it is rendered: no cluster, but for the kinds that it may hold.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use integration::chart::{self, Documented, LOCATION, Replica, Schemas};
use integration::cluster::Cluster;
use integration::process;
use integration::product;
use integration::temp;
use integration::tools::{self, Tool};
use serde_json::{Value, json};

/// Everything that is off, or that somebody else's choice hides, is on in one of these.
fn all_on() -> Vec<Value> {
    let certificate = |mode: &str| json!({ "mode": mode, "secret": { "name": "given" } });
    vec![
        json!({}),
        json!({
            "certificate": certificate("secret"),
            "serviceMonitor": { "enabled": true },
            "dashboard": { "enabled": true },
            "volumes": [{ "name": "ca", "configMap": { "name": "ca" } }],
            "volumeMounts": [{ "name": "ca", "mountPath": "/etc/ca", "readOnly": true }],
        }),
        json!({ "certificate": certificate("cert-manager") }),
    ]
}

fn read_schema() -> Value {
    let text = fs::read_to_string(chart::chart_directory().join("values.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The schema of a value.
fn schema_of<'s>(schema: &'s Value, path: &str) -> &'s Value {
    let resolved = |at: &'s Value| match at["$ref"].as_str() {
        Some(reference) => schema.pointer(reference.trim_start_matches('#')).unwrap(),
        None => at,
    };
    path.split('.').fold(schema, |at, name| {
        let found = resolved(at)["properties"].get(name);
        found.unwrap_or_else(|| panic!("{path} is not in the schema"))
    })
}

/// A value at a path, as an object to lay over others.
fn nest_value(path: &str, value: &Value) -> Value {
    path.rsplit('.')
        .fold(value.clone(), |inner, name| json!({ name: inner }))
}

fn merge_values(base: &Value, other: &Value) -> Value {
    match (base, other) {
        (Value::Object(base), Value::Object(other)) => {
            let mut base = base.clone();
            for (key, value) in other {
                let inner = base
                    .get(key)
                    .map_or_else(|| value.clone(), |old| merge_values(old, value));
                base.insert(key.clone(), inner);
            }
            Value::Object(base)
        }
        _ => other.clone(),
    }
}

fn read_documented() -> Vec<Documented> {
    chart::read_documented().unwrap()
}

#[test]
fn helm_finds_nothing_to_complain_of() {
    let chart = chart::directory_text();
    let values = chart::required_values();
    let lint = ["lint", "--strict", &chart, "--set", &values];
    let output = chart::run_helm(&lint, None).unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn value_that_is_required_and_not_set_stops_with_a_sentence() {
    for (values, sentence) in [
        (
            json!({ "vault": { "address": "" } }),
            "vault.address: must be the address",
        ),
        (
            json!({ "image": { "repository": "" } }),
            "image.repository: must name the webhook's image, because none is published yet",
        ),
        (
            json!({ "images": { "envExec": "" } }),
            "images.envExec: must name the image with env-exec, because none is published yet",
        ),
        (
            json!({ "images": { "envExec": "" }, "delivery": "image-volume" }),
            "images.envExec: must name",
        ),
    ] {
        let output = chart::run_helm_template(chart::RELEASE, &values).unwrap();
        assert!(!output.status.success(), "{values}");
        assert!(output.stderr().contains(sentence), "{output:?}");
    }
    let carried = json!({ "images": { "envExec": "" }, "delivery": "agent-image" });
    chart::render_chart(&carried).unwrap();
}

#[test]
fn required_values_are_enough() {
    let objects = chart::parse_objects(&chart::render_chart(&json!({})).unwrap()).unwrap();
    let kinds: Vec<_> = objects
        .iter()
        .map(|object| object["kind"].as_str().unwrap())
        .collect();
    let expected = BTreeSet::from([
        "ClusterRole",
        "ClusterRoleBinding",
        "ConfigMap",
        "Deployment",
        "Job",
        "MutatingWebhookConfiguration",
        "Namespace",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Role",
        "RoleBinding",
        "Secret",
        "Service",
        "ServiceAccount",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    ]);
    assert_eq!(kinds.iter().copied().collect::<BTreeSet<_>>(), expected);
    assert_eq!(kinds.len(), expected.len(), "one of each: {kinds:?}");
}

#[test]
fn two_replicas_are_spread_over_nodes_and_zones() {
    let objects = chart::parse_objects(&chart::render_chart(&json!({})).unwrap()).unwrap();
    let of = |kind: &str| {
        let found = objects.iter().find(|object| object["kind"] == kind);
        &found.unwrap()["spec"]
    };
    let deployment = of("Deployment");
    assert_eq!(deployment["replicas"], 2);
    let spread = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map(|key| {
        json!({
            "maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": deployment["selector"], "matchLabelKeys": ["pod-template-hash"],
        })
    });
    let constraints = &deployment["template"]["spec"]["topologySpreadConstraints"];
    assert_eq!(*constraints, json!(spread));
    assert_eq!(
        of("PodDisruptionBudget")["selector"],
        deployment["selector"]
    );
}

#[test]
fn rendering_twice_gives_the_same_and_no_secret() {
    for values in all_on() {
        let rendered = chart::render_chart(&values).unwrap();
        assert_eq!(rendered, chart::render_chart(&values).unwrap());
        for object in chart::parse_objects(&rendered).unwrap() {
            let text = object.to_string();
            let has_bundle = text.contains("\"caBundle\"");
            assert!(!has_bundle, "the webhook's own to write: {text}");
            if object["kind"] == "Secret" {
                let parts = ["data", "stringData"].map(|part| object.get(part));
                assert_eq!(parts, [None, None]);
            }
        }
    }
}

#[test]
fn each_value_changes_a_rendered_line() {
    let schema = read_schema();
    let mut checked = 0;
    for value in read_documented() {
        let example = &schema_of(&schema, &value.path)["examples"][0];
        assert!(
            !example.is_null(),
            "{} has no example in the schema",
            value.path
        );
        assert_ne!(
            *example, value.default,
            "{}: the example is the default",
            value.path
        );
        let changes = EXAMPLES.iter().any(|base| {
            let after = &base.with_example[&value.path];
            has_changed(&base.rendered, after, example)
        });
        assert!(changes, "{} = {example} changes nothing", value.path);
        checked += 1;
    }
    assert!(checked > 60, "{checked}");
}

/// The chart with values of [`all_on`].
struct Base {
    rendered: String,
    /// And with the example of each value, by its path.
    with_example: BTreeMap<String, String>,
}

/// Rendered once: helm takes a moment for each.
static EXAMPLES: LazyLock<Vec<Base>> = LazyLock::new(|| {
    let schema = read_schema();
    let documented = read_documented();
    let render = |values: &Value| {
        chart::render_chart(values).unwrap_or_else(|error| panic!("{values}: {error}"))
    };
    let with_examples = |base: Value| {
        let with_example = documented.iter().map(|value| {
            let example = &schema_of(&schema, &value.path)["examples"][0];
            let rendered = render(&merge_values(&base, &nest_value(&value.path, example)));
            (value.path.clone(), rendered)
        });
        Base {
            with_example: with_example.collect(),
            rendered: render(&base),
        }
    };
    all_on().into_iter().map(with_examples).collect()
});

/// Whether there is a line that was not there, or one less, and where the value has words in it,
/// one that holds one of them. A checksum changes with everything.
fn has_changed(before: &str, after: &str, value: &Value) -> bool {
    let lines = |text: &str| -> HashSet<String> {
        let lines = text.lines().filter(|line| !line.contains("checksum/"));
        lines.map(str::to_owned).collect()
    };
    let (old, new) = (lines(before), lines(after));
    let mut added = new.difference(&old);
    match list_words(value).as_slice() {
        [] => old != new,
        words => added.any(|line| {
            let line = line.to_lowercase();
            words.iter().any(|word| line.contains(&word.to_lowercase()))
        }),
    }
}

fn list_words(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.lines().nth(1).unwrap_or(text).to_owned()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(items) => items.iter().flat_map(list_words).collect(),
        Value::Object(map) => map.values().flat_map(list_words).collect(),
        Value::Bool(_) | Value::Null => Vec::new(),
    }
}

/// A key of the operator's file that the chart does not know could not be set at all.
#[test]
fn every_key_of_a_connection_is_a_value() {
    let page = fs::read_to_string("../docs/reference/configuration.md").unwrap();
    let values: BTreeSet<_> = read_documented()
        .into_iter()
        .map(|value| value.path)
        .collect();
    for (section, value) in [
        ("connections.NAME", "vault"),
        ("images", "images"),
        ("defaults", "defaults"),
    ] {
        let title = format!("## `{section}`\n");
        let (_, rest) = page.split_once(&title).unwrap();
        let rows = rest.lines().take_while(|line| !line.starts_with("## "));
        let keys: Vec<_> = rows
            .filter_map(|row| row.strip_prefix("| `")?.split('`').next())
            .collect();
        assert!(keys.len() > 2, "{section}: {keys:?}");
        for key in keys {
            let path = format!("{value}.{key}");
            assert!(values.contains(&path), "{path} is no value of the chart");
        }
    }
}

#[test]
fn a_value_that_is_unknown_or_wrong_is_refused() {
    // All at once: helm tells of each by its path.
    let schema = read_schema();
    let (mut values, mut expected) = (json!({ "unknown": 1 }), BTreeSet::new());
    for value in read_documented() {
        let wrong = match &schema_of(&schema, &value.path)["type"] {
            Value::String(kind) if kind == "string" => json!(["a list"]),
            _ => json!("a text"),
        };
        values = merge_values(&values, &nest_value(&value.path, &wrong));
        expected.insert(format!("at '/{}': ", value.path.replace('.', "/")));
        if let Some((parent, _)) = value.path.rsplit_once('.') {
            values = merge_values(
                &values,
                &nest_value(&format!("{parent}.unknown"), &json!(1)),
            );
            let parent = parent.replace('.', "/");
            expected.insert(format!(
                "at '/{parent}': additional properties 'unknown' not allowed"
            ));
        }
    }
    expected.insert("at '': additional properties 'unknown' not allowed".to_owned());
    let output = chart::run_helm_template(chart::RELEASE, &values).unwrap();
    let missing: Vec<_> = expected
        .iter()
        .filter(|part| !output.stderr().contains(*part))
        .collect();
    assert!(missing.is_empty(), "{missing:?} is not refused: {output:?}");
    for (path, wrong) in [
        ("vault.address", json!("vault:8200")),
        ("vault.flavour", json!("keywhiz")),
        ("vault.clientCertSecret", json!("shop/vault-client")),
        ("vault.auth.tokenExpirationSeconds", json!(599)),
        (
            "vault.auth.tokenExpirationSeconds",
            json!(4_294_967_297_u64),
        ),
        ("connections", json!({ "a": {} })),
        (
            "connections",
            json!({ "a": { "address": "https://v", "adress": 1 } }),
        ),
        ("certificate.mode", json!("none")),
        ("certificate.selfSigned.settle", json!("soon")),
        ("webhook.timeoutSeconds", json!(31)),
        ("webhook.namespaceSelector", json!({ "matchLabel": {} })),
        ("policy.namespaceSelector", json!({ "matchLabel": {} })),
        ("image.digest", json!("sha256:1")),
        ("resources", json!({ "request": {} })),
    ] {
        assert_rejected(&nest_value(path, &wrong), path);
    }
}

/// What the chart passes on to a pod is as Kubernetes has it: `INSTA_UPDATE=always` writes it into the
/// schema.
#[test]
fn pieces_of_pods_have_the_schema_of_kubernetes() {
    const PIECES: [&str; 6] = [
        "io.k8s.api.core.v1.Affinity",
        "io.k8s.api.core.v1.Toleration",
        "io.k8s.api.core.v1.TopologySpreadConstraint",
        "io.k8s.api.core.v1.Volume",
        "io.k8s.api.core.v1.VolumeMount",
        "io.k8s.api.networking.v1.NetworkPolicyPeer",
    ];
    let newest = Schemas::read_older().unwrap().pop().unwrap();
    let mut wanted = read_schema();
    let definitions = wanted["$defs"].as_object_mut().unwrap();
    definitions.retain(|name, _| !name.starts_with("io.k8s."));
    definitions.extend(newest.collect_definitions(&PIECES));
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        let text = serde_json::to_string_pretty(&wanted).unwrap() + "\n";
        fs::write(chart::chart_directory().join("values.schema.json"), text).unwrap();
    }
    assert!(
        read_schema() == wanted,
        "values.schema.json is not what Kubernetes {} has: write it with INSTA_UPDATE=always",
        newest.version
    );
    let constraint = json!([{
        "maxSkew": 1, "topologyKey": "a", "whenUnsatisfiable": "DoNotSchedule", "minDomain": 2,
    }]);
    let mount = json!([{ "name": "a", "mountPath": "/a", "readonly": true }]);
    let term = json!({ "matchExpressions": [{ "key": "a", "operater": "Exists" }] });
    let required = json!({ "nodeSelectorTerms": [term] });
    let affinity = json!({
        "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": required },
    });
    for (path, wrong, part) in [
        ("tolerations", json!([{ "efect": "NoSchedule" }]), "efect"),
        ("topologySpreadConstraints", constraint, "minDomain"),
        ("affinity", affinity, "operater"),
        (
            "volumes",
            json!([{ "name": "a", "secrets": {} }]),
            "secrets",
        ),
        ("volumeMounts", mount, "readonly"),
        ("networkPolicy.metricsFrom", json!([{ "pods": {} }]), "pods"),
    ] {
        assert_rejected(&nest_value(path, &wrong), part);
    }
    for (operator, values) in [("In", json!([])), ("Exists", json!(["a"]))] {
        let expression = json!({ "key": "a", "operator": operator, "values": values });
        let selector = json!({ "matchExpressions": [expression] });
        assert_rejected(
            &nest_value("webhook.namespaceSelector", &selector),
            "values",
        );
    }
}

fn assert_rejected(values: &Value, what: &str) {
    let output = chart::run_helm_template(chart::RELEASE, values).unwrap();
    let name = what.rsplit('.').next().unwrap();
    assert!(!output.status.success(), "accepted: {values}");
    assert!(output.stderr().contains(name), "{values}: {output:?}");
}

#[test]
fn the_namespace_of_the_test_is_one_that_the_operator_selects() {
    let expressions = json!([
        { "key": "team", "operator": "In", "values": ["shop", "web"] },
        { "key": "injected", "operator": "Exists" },
        { "key": "legacy", "operator": "DoesNotExist" },
        { "key": "kubernetes.io/metadata.name", "operator": "Exists" },
    ]);
    let selector = json!({ "matchLabels": { "tier": "app" }, "matchExpressions": expressions });
    let values = nest_value("webhook.namespaceSelector", &selector);
    let objects = chart::parse_objects(&chart::render_chart(&values).unwrap()).unwrap();
    let mut labels =
        chart::find_object(&objects, "Namespace").unwrap()["metadata"]["labels"].clone();
    let labels = labels.as_object_mut().unwrap();
    labels.retain(|name, _| ["team", "injected", "legacy", "tier"].contains(&&**name));
    let expected = json!({ "injected": "", "team": "shop", "tier": "app" });
    assert_eq!(Value::from(labels.clone()), expected);
    let told = "kubectl label namespace default injected= team=shop tier=app\n";
    let notes = chart::render_notes(&values).unwrap();
    assert!(notes.contains(told), "{notes}");

    // Labels alone cannot select a namespace of another name.
    let name = "kubernetes.io/metadata.name";
    let is_named = json!({ "key": name, "operator": "In", "values": ["shop"] });
    let has_team = json!({ "key": "team", "operator": "Exists" });
    for selector in [
        json!({ "matchExpressions": [is_named, has_team] }),
        json!({ "matchLabels": { name: "shop", "tier": "app" } }),
    ] {
        let values = nest_value("webhook.namespaceSelector", &selector);
        let notes = chart::render_notes(&values).unwrap();
        let told = "(those that the Helm value webhook.namespaceSelector selects)";
        assert!(notes.contains(told), "{notes}");
        let objects = chart::parse_objects(&chart::render_chart(&values).unwrap()).unwrap();
        let labels = &chart::find_object(&objects, "Namespace").unwrap()["metadata"]["labels"];
        assert!(labels.get(name).is_none(), "{labels}");
    }
}

#[test]
fn notes_warn_of_connections_without_tls() {
    let sentence = |name: &str| format!("Connection {name} uses http://");
    let other = json!({ "connections": { "other": { "address": "http://vault.other:8200" } } });
    let notes = chart::render_notes(&other).unwrap();
    assert!(notes.contains(&sentence("other")), "{notes}");
    assert!(!notes.contains(&sentence("default")), "{notes}");
    for (address, is_warned) in [
        ("http://vault.vault.svc:8200", true),
        ("http://localhost.example:8200", true),
        ("https://vault.vault.svc:8200", false),
        ("http://127.0.0.1:8200", false),
        ("http://[::1]:8200", false),
        ("http://localhost:8200", false),
    ] {
        let notes = chart::render_notes(&nest_value("vault.address", &json!(address))).unwrap();
        assert_eq!(notes.contains(&sentence("default")), is_warned, "{notes}");
    }
}

/// While the webhook is down a namespace that the policy leaves out has nothing else.
#[test]
fn reviews_fail_closed_where_the_policy_leaves_namespaces_out() {
    let label = |name: &str| json!({ "matchLabels": { name: "enabled" } });
    let team = json!({ "key": "team", "operator": "In", "values": ["shop", "web"] });
    let with_team = json!({ "matchLabels": { "a": "enabled" }, "matchExpressions": [team] });
    let only_shop = json!({ "key": "team", "operator": "In", "values": ["shop"] });
    for (webhook, policy, expected) in [
        (json!({}), json!({}), "Ignore"),
        (label("a"), json!({}), "Ignore"),
        (label("a"), label("a"), "Ignore"),
        (json!({}), label("tokenpipe.dev/injection"), "Ignore"),
        // What is asked of a namespace by the policy is less.
        (with_team.clone(), label("a"), "Ignore"),
        (with_team.clone(), with_team.clone(), "Ignore"),
        (json!({}), label("a"), "Fail"),
        (label("a"), label("b"), "Fail"),
        (label("a"), with_team.clone(), "Fail"),
        (
            with_team,
            json!({ "matchExpressions": [only_shop] }),
            "Fail",
        ),
    ] {
        let mut values = json!({
            "webhook": { "namespaceSelector": webhook }, "policy": { "namespaceSelector": policy },
        });
        assert_eq!(failure_policy(&values), expected, "{values}");
        values["webhook"]["failurePolicy"] = json!("Ignore");
        assert_eq!(failure_policy(&values), "Ignore", "{values}");
    }
}

fn failure_policy(values: &Value) -> String {
    let objects = chart::parse_objects(&chart::render_chart(values).unwrap()).unwrap();
    let webhook = chart::find_object(&objects, "MutatingWebhookConfiguration").unwrap();
    let policy = webhook["webhooks"][0]["failurePolicy"].as_str();
    policy.unwrap().to_owned()
}

/// Pods of some clusters have IPv6 alone, and kubelet's probes come by it.
#[test]
fn the_webhook_listens_on_ipv6_too() {
    let objects = chart::parse_objects(&chart::render_chart(&json!({})).unwrap()).unwrap();
    let server = &chart::parse_config(&objects).unwrap()["server"];
    assert_eq!(server["listen"], "[::]:8443");
    assert_eq!(server["listenMetrics"], "[::]:9090");
}

#[test]
fn contradictory_values_are_rejected_with_a_sentence() {
    let cases = [
        (
            json!({ "certificate": { "mode": "secret" } }),
            "certificate.secret.name: must name a Secret",
        ),
        (
            json!({ "connections": { "default": { "address": "https://v" } } }),
            "stands below vault",
        ),
    ];
    for (values, sentence) in cases {
        let output = chart::run_helm_template(chart::RELEASE, &values).unwrap();
        assert!(output.stderr().contains(sentence), "{output:?}");
    }
}

/// An operator's file that the webhook would refuse would be found out at its start alone.
#[test]
fn the_webhook_takes_the_configuration() {
    let schema = read_schema();
    let directory = temp::create_directory("config").unwrap();
    let file = directory.path().join("config.yaml");
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a}]}}";
    let mut values = all_on();
    values.extend(read_documented().iter().filter_map(|value| {
        let is_config = [
            "vault",
            "connections",
            "images",
            "delivery",
            "defaults",
            "injectedResources",
            "cluster",
            "certificate",
            "limits",
        ];
        // A PEM text that is none.
        let is_taken = is_config.contains(&value.path.split('.').next()?)
            && value.path != "vault.ca"
            // A file that only a mounted volume has.
            && value.path != "vault.caFile"
            && value.path != "certificate.mode";
        is_taken.then(|| nest_value(&value.path, &schema_of(&schema, &value.path)["examples"][0]))
    }));
    assert!(values.len() > 30);
    for values in values {
        let objects = chart::parse_objects(&chart::render_chart(&values).unwrap()).unwrap();
        let config = objects
            .iter()
            .find(|object| object["data"]["config.yaml"].is_string())
            .unwrap();
        fs::write(&file, config["data"]["config.yaml"].as_str().unwrap()).unwrap();
        let mut render = Command::new(product::find_tokenpipe().unwrap());
        render
            .args(["render", "--filename", "-", "--config"])
            .arg(&file);
        let output = process::run_with_input(&mut render, pod.as_bytes(), Duration::from_secs(10));
        let output = output.unwrap();
        assert!(output.status.success(), "{values}: {output:?}");
    }
}

#[test]
fn every_kind_is_as_api_servers_have_it() {
    let paths = [
        "api/v1",
        "apis/apps/v1",
        "apis/batch/v1",
        "apis/policy/v1",
        "apis/networking.k8s.io/v1",
        "apis/rbac.authorization.k8s.io/v1",
        "apis/admissionregistration.k8s.io/v1",
    ];
    let mut versions = Schemas::read_older().unwrap();
    versions.push(Schemas::request_from(Cluster::start_shared().unwrap(), &paths).unwrap());
    assert_eq!(versions.len(), 8, "1.30 to 1.37");
    let others = Schemas::of_others().unwrap();
    let manifests = all_on()
        .iter()
        .map(chart::render_chart)
        .collect::<Result<Vec<_>, _>>();
    let manifests = manifests.unwrap().join("---\n");
    let every_value = with_every_value();
    for schemas in versions {
        let directory = temp::create_directory("schemas").unwrap();
        for schemas in others.iter().chain([&schemas]) {
            schemas.write_files(directory.path()).unwrap();
        }
        let version = &schemas.version;
        let output = run_kubeconform(&every_value, directory.path());
        assert!(output.status.success(), "{version}: {output:?}");
        let (told, none) = (output.stdout(), "Invalid: 0, Errors: 0");
        assert!(told.contains(none), "{version}: {output:?}");
        for (right, wrong) in [
            ("failurePolicy: Ignore", "failurePolicies: Ignore"),
            ("replicas: 2", "replicas: two"),
            ("rotationPolicy: Always", "rotationPolicy: Sometimes"),
            ("selfSigned: {}", "selfSigning: {}"),
            ("endpoints:", "endpoint:"),
        ] {
            assert!(manifests.contains(right), "{right} is not rendered");
            let output = run_kubeconform(&manifests.replace(right, wrong), directory.path());
            assert!(!output.status.success(), "{version} does not see {wrong}");
        }
    }
}

/// Each document that there is with no value of one's own, and with the example of each.
fn with_every_value() -> String {
    let rendered = EXAMPLES
        .iter()
        .flat_map(|base| base.with_example.values().chain([&base.rendered]));
    let documents: BTreeSet<_> = rendered.flat_map(|all| all.split("\n---\n")).collect();
    assert!(documents.len() > 100, "{}", documents.len());
    Vec::from_iter(documents).join("\n---\n")
}

fn run_kubeconform(manifests: &str, schemas: &Path) -> process::Output {
    let mut command = Command::new(tools::find_tool(Tool::Kubeconform).unwrap());
    command
        .args(["-strict", "-summary", "-schema-location"])
        .arg(schemas.join(LOCATION))
        .arg("-");
    process::run_with_input(&mut command, manifests.as_bytes(), Duration::from_secs(60)).unwrap()
}

#[test]
fn the_pods_keep_to_pod_security_restricted() {
    let cluster = Cluster::start_shared().unwrap();
    let labels = [("pod-security.kubernetes.io/enforce", "restricted")];
    let namespace = cluster.create_namespace("restricted", &labels).unwrap();
    for values in all_on() {
        let objects = chart::parse_objects(&chart::render_chart(&values).unwrap()).unwrap();
        let deployment = chart::find_object(&objects, "Deployment").unwrap();
        let mut template = deployment["spec"]["template"]["spec"].clone();
        template["serviceAccountName"] = json!("default");
        let mut test =
            chart::find_object(&objects, "Job").unwrap()["spec"]["template"]["spec"].clone();
        test["serviceAccountName"] = json!("default");
        for spec in [template, test] {
            let pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "a" }, "spec": spec });
            let output = namespace.dry_run(&pod.to_string()).unwrap();
            assert!(output.status.success(), "{output:?}");
        }
    }
}

#[test]
fn the_dashboard_shows_metrics_that_there_are() {
    let dashboard =
        fs::read_to_string(chart::chart_directory().join("dashboards/tokenpipe.json")).unwrap();
    let config = json!({ "connections": { "default": { "address": "https://vault.example" } } });
    let replica = Replica::start(&config, Path::new("/none")).unwrap();
    replica.wait_until_ready().unwrap();
    let metrics = replica.read_metrics().unwrap();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut shown = BTreeSet::new();
    for (start, _) in dashboard.match_indices("tokenpipe_") {
        let name = dashboard[start..].split(|c| !is_part(c)).next().unwrap();
        shown.insert(name.trim_start_matches("tokenpipe_"));
    }
    assert!(shown.len() >= 5, "{shown:?}");
    for name in shown {
        assert!(
            metrics.contains(&format!("\ntokenpipe_{name}")),
            "no metric tokenpipe_{name}"
        );
    }
}
