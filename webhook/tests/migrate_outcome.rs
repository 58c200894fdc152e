//! After `tokenpipe migrate` no document works less than before: what bank-vaults' webhook and
//! vault-k8s would do with it, by doubles that know what both read for a login, against what
//! tokenpipe does.
//!
//! The doubles follow the source of both; neither is run here.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

#[path = "support/case.rs"]
mod common;

use common::Case;
use serde_json::{Value, json};
use webhook::migrate::{BANK_VAULTS, VAULT_K8S, migrate};
use webhook::review::Answer;

/// A login as far as it decides which secrets come.
#[derive(Debug, PartialEq)]
struct Login {
    role: String,
    mount: String,
    namespace: String,
    from_path: String,
}

/// The pod of a document, and what its containers have as variables.
fn pod(object: &Value) -> Option<&Value> {
    match object["kind"].as_str()? {
        "Pod" => Some(object),
        "Deployment" | "StatefulSet" | "Job" => object.pointer("/spec/template"),
        _ => None,
    }
}

fn annotation<'o>(object: &'o Value, prefix: &str, key: &str) -> Option<&'o str> {
    object["metadata"]["annotations"][format!("{prefix}{key}")].as_str()
}

fn variables(pod: &Value) -> Vec<(&str, &str)> {
    let containers = pod["spec"]["containers"].as_array().unwrap();
    let lists = containers
        .iter()
        .filter_map(|container| container["env"].as_array());
    lists
        .flatten()
        .filter_map(|variable| Some((variable["name"].as_str()?, variable["value"].as_str()?)))
        .collect()
}

/// What bank-vaults' webhook does with a pod: nothing, or a login. Everything else that it would do, and
/// that somebody needs, is in the text.
fn bank_vaults(object: &Value) -> Option<(Login, String)> {
    let pod = pod(object)?;
    let own = |key: &str| annotation(pod, BANK_VAULTS, key);
    let variables = variables(pod);
    let is_reference = |value: &str| value.starts_with("vault:") || value.contains("${vault:");
    let from_path = own("vault-env-from-path").unwrap_or_default();
    let acts = !from_path.is_empty() || variables.iter().any(|(_, value)| is_reference(value));
    if own("mutate") == Some("skip") || !acts {
        return None;
    }
    let value = |key: &str, variable: &str, default: &str| {
        let variable = || variables.iter().find(|(name, _)| *name == variable);
        let given = own(key).or_else(|| variable().map(|(_, value)| *value));
        given.unwrap_or(default).to_owned()
    };
    let others = [
        "vault-agent-configmap",
        "vault-ct-configmap",
        "mutate-probes",
    ];
    let others = others.map(|key| own(key).unwrap_or_default());
    let method = own("vault-auth-method").filter(|name| !["jwt", "kubernetes"].contains(name));
    Some((
        Login {
            role: value("vault-role", "VAULT_ROLE", "shop"),
            mount: value("vault-path", "VAULT_PATH", "kubernetes"),
            namespace: value("vault-namespace", "VAULT_NAMESPACE", ""),
            from_path: from_path.to_owned(),
        },
        format!(
            "{}{}",
            method.unwrap_or_default(),
            others.concat().replace("false", "")
        ),
    ))
}

/// What vault-k8s does with a pod: nothing, a refusal, or an agent with these settings.
fn vault_k8s(object: &Value) -> Option<Result<Value, &'static str>> {
    let pod = pod(object)?;
    let own = |key: &str| annotation(pod, VAULT_K8S, key);
    if !matches!(own("agent-inject")?, "true" | "1") {
        return None;
    }
    let needs_role = matches!(own("auth-type"), None | Some("kubernetes"));
    if needs_role && own("role").is_none() {
        return Some(Err("no Vault role found"));
    }
    let annotations = pod["metadata"]["annotations"].as_object().unwrap();
    let settings = annotations
        .iter()
        .filter(|(key, _)| key.starts_with(VAULT_K8S));
    let settings = settings.map(|(key, value)| (key.clone(), value.clone()));
    Some(Ok(Value::Object(settings.collect())))
}

/// What tokenpipe does with a pod: nothing, a refusal, or a login.
fn tokenpipe(object: &Value) -> Option<Result<Login, String>> {
    let pod = pod(object)?.clone();
    let case = Case::parse("about: a pod\nkubernetes: '1.37'\n---\n{}\n");
    match case.mutate(&pod).expect("a review") {
        Answer::Patched { .. } => {}
        Answer::Refused { reason } => return Some(Err(reason)),
        Answer::Untouched { .. } => return None,
    }
    let mutated = case.mutated(&pod);
    let settings = |container: &Value| -> Option<Value> {
        let env = container["env"].as_array()?;
        let own = env
            .iter()
            .find(|variable| variable["name"] == "TOKENPIPE_SETTINGS")?;
        serde_json::from_str(own["value"].as_str()?).ok()
    };
    let init = mutated["spec"]["initContainers"].as_array().unwrap();
    let agent = init
        .iter()
        .find_map(settings)
        .expect("settings of the agent");
    let method = agent.pointer("/agent/config/auto_auth/method/0").unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let app = settings(&mutated["spec"]["containers"][0]).expect("settings of the program");
    let from_paths = app["exec"]["from_path"].as_array();
    let from_path = from_paths.map(|paths| paths.iter().map(text).collect::<Vec<_>>());
    Some(Ok(Login {
        role: text(&method["config"]["role"]),
        mount: text(&method["mount_path"])
            .trim_start_matches("auth/")
            .to_owned(),
        namespace: text(&method["namespace"]),
        from_path: from_path.unwrap_or_default().join(","),
    }))
}

/// A pod with these annotations and variables, as the line of a Deployment's template.
fn deployment(annotations: &[(&str, &str)], variables: &[(&str, &str)]) -> String {
    let annotations = annotations
        .iter()
        .map(|(key, value)| format!("        {key}: {}\n", json!(value)));
    let annotations = annotations.collect::<Vec<_>>().concat();
    let variables = variables.iter().map(|(name, value)| {
        format!(
            "        - name: {name}\n          value: {}\n",
            json!(value)
        )
    });
    let variables = variables.collect::<Vec<_>>().concat();
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    \
         metadata:\n      annotations:\n{annotations}    spec:\n      containers:\n      - name: app\n        \
         image: i\n        command: [/app]\n        env:\n{variables}"
    )
}

const PASSWORD: (&str, &str) = ("PASSWORD", "vault:secret/data/db#password");

/// Annotations of bank-vaults', variables, and whether the document is rewritten.
type BankVaults = (
    &'static [(&'static str, &'static str)],
    &'static [(&'static str, &'static str)],
    bool,
);

const OF_BANK_VAULTS: &[BankVaults] = &[
    (&[("vault-role", "web")], &[PASSWORD], true),
    (
        &[
            ("vault-role", "web"),
            ("vault-path", "k8s"),
            ("vault-namespace", "team"),
        ],
        &[PASSWORD],
        true,
    ),
    (
        &[("vault-role", "web"), ("vault-auth-method", "jwt")],
        &[PASSWORD],
        true,
    ),
    (
        &[
            ("vault-role", "web"),
            ("vault-env-from-path", "secret/data/app"),
        ],
        &[],
        true,
    ),
    (
        &[("vault-role", "web"), ("vault-env-delay", "5s")],
        &[PASSWORD],
        true,
    ),
    (
        &[("vault-role", "web"), ("mutate-probes", "false")],
        &[PASSWORD],
        true,
    ),
    (
        &[("vault-role", "web")],
        &[PASSWORD, ("VAULT_NAMESPACE", "team")],
        true,
    ),
    (
        &[("vault-addr", "https://v")],
        &[PASSWORD, ("VAULT_ROLE", "web"), ("VAULT_PATH", "k8s")],
        true,
    ),
    (
        &[("vault-role", "web"), ("vault-path", "k8s")],
        &[PASSWORD, ("VAULT_PATH", "other")],
        true,
    ),
    // What tokenpipe has no counterpart for.
    (
        &[("vault-role", "web"), ("mutate-probes", "true")],
        &[PASSWORD],
        false,
    ),
    (
        &[("vault-role", "web"), ("vault-ct-configmap", "templates")],
        &[PASSWORD],
        false,
    ),
    (
        &[("vault-role", "web"), ("vault-agent-configmap", "agent")],
        &[PASSWORD],
        false,
    ),
    (
        &[("vault-role", "web"), ("vault-auth-method", "azure")],
        &[PASSWORD],
        false,
    ),
    (
        &[("vault-role", "web"), ("vault-auth-method", "gcp-iam")],
        &[PASSWORD],
        false,
    ),
    (
        &[("vault-role", "web"), ("vault-auth-method", "namespaced")],
        &[PASSWORD],
        false,
    ),
    (
        &[("vault-role", "web"), ("vault-ignore-missing-secrets", "1")],
        &[PASSWORD],
        false,
    ),
];

#[test]
fn pod_of_bank_vaults_logs_in_as_before_or_stays() {
    for (annotations, variables, is_moved) in OF_BANK_VAULTS {
        let keys: Vec<_> = annotations
            .iter()
            .map(|(key, value)| (format!("{BANK_VAULTS}{key}"), *value))
            .collect();
        let annotations: Vec<_> = keys
            .iter()
            .map(|(key, value)| (key.as_str(), *value))
            .collect();
        let text = deployment(&annotations, variables);
        let object = |text: &str| -> Value { serde_yaml::from_str(text).unwrap() };
        let (before, others) = bank_vaults(&object(&text)).expect("it acts");
        let migrated = migrate(&text);
        assert_eq!(
            migrated.text != text,
            *is_moved,
            "{text}\n{}",
            migrated.text
        );
        if *is_moved {
            let after = tokenpipe(&object(&migrated.text)).expect("it acts");
            assert_eq!(after.as_ref(), Ok(&before), "{}", migrated.text);
            assert_eq!(others, "", "{text}");
        } else {
            let said = migrated
                .notes
                .iter()
                .any(|note| note.text.contains(", document left as it was: "));
            assert!(said, "{:?}", migrated.notes);
        }
    }
}

/// Annotations of vault-k8s, variables, and whether tokenpipe has the pod afterwards.
const OF_VAULT_K8S: &[BankVaults] = &[
    (
        &[
            ("agent-inject", "true"),
            ("role", "web"),
            ("agent-inject-secret-db", "secret/data/db"),
        ],
        &[],
        false,
    ),
    (
        &[
            ("agent-inject", "true"),
            ("role", "web"),
            ("auth-path", "auth/k8s"),
        ],
        &[("A", "b")],
        false,
    ),
    (
        &[
            ("agent-inject", "true"),
            ("role", "web"),
            ("agent-inject-secret-db", "secret/data/db"),
        ],
        &[PASSWORD],
        true,
    ),
    (
        &[
            ("agent-inject", "true"),
            ("role", "web"),
            ("auth-path", "auth/k8s"),
            ("namespace", "team"),
        ],
        &[PASSWORD],
        true,
    ),
    (
        &[("agent-inject", "false"), ("role", "web")],
        &[PASSWORD],
        true,
    ),
    (&[("role", "web")], &[PASSWORD], true),
];

#[test]
fn pod_of_vault_k8s_is_treated_as_before() {
    for (annotations, variables, is_ours) in OF_VAULT_K8S {
        let keys: Vec<_> = annotations
            .iter()
            .map(|(key, value)| (format!("{VAULT_K8S}{key}"), *value))
            .collect();
        let annotations: Vec<_> = keys
            .iter()
            .map(|(key, value)| (key.as_str(), *value))
            .collect();
        let text = deployment(&annotations, variables);
        let object = |text: &str| -> Value { serde_yaml::from_str(text).unwrap() };
        let migrated = migrate(&text);
        let (old, new) = (object(&text), object(&migrated.text));
        assert_eq!(vault_k8s(&new), vault_k8s(&old), "{}", migrated.text);
        let login = tokenpipe(&new);
        assert_eq!(login.is_some(), *is_ours, "{}", migrated.text);
        if let Some(login) = login {
            let login = login.expect("admitted");
            let of = |key: &str| annotation(&new["spec"]["template"], VAULT_K8S, key);
            assert_eq!(login.role, "web", "{}", migrated.text);
            let mount = of("auth-path").unwrap_or("auth/kubernetes");
            assert_eq!(format!("auth/{}", login.mount), mount, "{}", migrated.text);
        }
    }
}

/// Objects whose own annotations are no pod's, and which bank-vaults' webhook changes by them.
#[test]
fn object_that_is_no_pod_stays_with_a_note() {
    for (kind, body) in [
        ("Ingress", "spec: {}\n"),
        ("Secret", "data:\n  A: b\n"),
        ("ConfigMap", "data:\n  A: vault:secret/data/db#password\n"),
        ("MutatingWebhookConfiguration", "webhooks: []\n"),
        ("Logging", "spec:\n  url: vault:secret/data/es#url\n"),
        ("Deployment", "spec: {}\n"),
    ] {
        for ends in ["metadata", "kind"] {
            let metadata = format!(
                "metadata:\n  name: web\n  annotations:\n    {BANK_VAULTS}vault-role: web\n    \
                 {BANK_VAULTS}vault-path: k8s\n"
            );
            let kind_line = format!("kind: {kind}\n");
            let text = if ends == "kind" {
                format!("apiVersion: v1\n{body}{metadata}{kind_line}")
            } else {
                format!("apiVersion: v1\n{kind_line}{metadata}{body}")
            };
            let migrated = migrate(&text);
            assert_eq!(migrated.text, text);
            let stays = format!(
                "vault-role stays: tokenpipe reads annotations of pods alone, and this one is the {kind}'s own"
            );
            let notes = migrated.notes.iter();
            assert_eq!(
                notes.filter(|note| note.text.ends_with(&stays)).count(),
                1,
                "{text}"
            );
        }
    }
}
