//! What the tests of the webhook share.
#![allow(dead_code, reason = "each test file uses its part")]

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use webhook::admission::{AdmissionError, mutate};
use webhook::config::{Config, KubernetesVersion};
use webhook::plan::Facts;
use webhook::review::Answer;

/// A set-up and a pod.
pub(crate) struct Case {
    pub(crate) pod: Value,
    namespace: String,
    facts: Facts,
    config: Config,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetUp {
    /// What the case shows.
    #[allow(dead_code, reason = "for the reader of the file")]
    about: String,
    #[serde(default)]
    kubernetes: Option<KubernetesVersion>,
    /// As in [`Facts`].
    #[serde(default)]
    rules_kept: Option<bool>,
    #[serde(default)]
    rules_run: Option<bool>,
    #[serde(default)]
    nodes: Option<KubernetesVersion>,
    #[serde(default = "namespace")]
    namespace: String,
    /// Laid over [`CONFIG`], key by key.
    #[serde(default)]
    config: Value,
}

fn namespace() -> String {
    "shop".into()
}

const CONFIG: &str = "
connections:
  default:
    address: https://vault.example:8200
    auth:
      role: shop
images:
  envExec: tokenpipe/env-exec:test
  agent: hashicorp/vault:1.21.1
";

impl Case {
    pub(crate) fn read(path: &Path) -> Self {
        Self::parse(&std::fs::read_to_string(path).expect("the case can be read"))
    }

    pub(crate) fn parse(text: &str) -> Self {
        let documents: Vec<Value> = serde_yaml::from_multiple(text).expect("the case is YAML");
        let [set_up, pod]: [Value; 2] = documents.try_into().expect("a set-up and a pod");
        let set_up: SetUp = serde_json::from_value(set_up).expect("the set-up");
        let mut config: Value = serde_yaml::from_str(CONFIG).unwrap();
        if !set_up.config.is_null() {
            overlay(&mut config, set_up.config);
        }
        Self {
            pod,
            namespace: set_up.namespace,
            facts: Facts {
                kubernetes: set_up.kubernetes,
                rules_kept: set_up.rules_kept,
                rules_run: set_up.rules_run,
                nodes: set_up.nodes,
            },
            config: Config::parse(&config.to_string()).expect("the configuration"),
        }
    }

    /// What admission answers for this or a changed pod.
    pub(crate) fn mutate(&self, pod: &Value) -> Result<Answer, AdmissionError> {
        mutate(&pod.to_string(), &self.namespace, &self.config, self.facts)
            .map(|outcome| outcome.answer)
    }

    /// The pod after admission.
    pub(crate) fn mutated(&self, pod: &Value) -> Value {
        let mut mutated = pod.clone();
        match self.mutate(pod).expect("admitted") {
            Answer::Patched { patch, .. } => json_patch::patch(&mut mutated, &patch).unwrap(),
            other => panic!("not patched: {other:?}"),
        }
        mutated
    }
}

fn overlay(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                overlay(
                    base.entry(key)
                        .or_insert(Value::Object(serde_json::Map::default())),
                    value,
                );
            }
        }
        (base, over) => *base = over,
    }
}

/// Everything that was submitted is still there, but for commands, rewritten values, and what
/// bears our names.
pub(crate) fn assert_kept(path: &str, before: &Value, after: &Value) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let key_of_status = format!("{}status", contract::names::ANNOTATION_PREFIX);
            for (key, value) in before.iter().filter(|(key, _)| **key != key_of_status) {
                let path = format!("{path}/{key}");
                let after = after.get(key).unwrap_or_else(|| panic!("{path} is gone"));
                assert_kept(&path, value, after);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.iter().all(Value::is_object) => {
            let name = |value: &Value| value.get("name").cloned();
            for entry in before.iter().filter(|entry| !is_ours(entry)) {
                let same = after
                    .iter()
                    .find(|other| name(entry).is_some() && name(other) == name(entry))
                    .or_else(|| after.iter().find(|other| *other == entry))
                    .unwrap_or_else(|| panic!("{path}: an entry is gone: {entry}"));
                assert_kept(path, entry, same);
            }
            let order = |list: &[Value]| {
                list.iter()
                    .filter(|entry| !is_ours(entry))
                    .filter_map(name)
                    .collect::<Vec<_>>()
            };
            assert_eq!(order(before), order(after), "{path}: the order changed");
        }
        _ if path.ends_with("/command") || path.ends_with("/env/value") => {}
        // A list as text, to which ours is added.
        (Value::String(before), Value::String(after))
            if path.ends_with(webhook::annotations::SAFE_TO_EVICT_VOLUMES) =>
        {
            assert!(after.starts_with(before.as_str()), "{path}: {after}");
        }
        // `null` and an empty list are filled.
        (Value::Null, _) => {}
        _ => assert_eq!(before, after, "{path}"),
    }
}

fn is_ours(entry: &Value) -> bool {
    entry["name"].as_str().is_some_and(|name| {
        name.starts_with(contract::names::PREFIX) || name == contract::names::SETTINGS_VARIABLE
    })
}
