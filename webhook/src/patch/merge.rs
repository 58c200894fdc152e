//! An earlier copy of something of ours, made what it must be now.
//!
//! Between two admissions the API server has set defaults in our containers, and platforms' own
//! webhooks have added what they add to every container: a region and a token file for a cloud's
//! identity, a proxy, the name of a mirror before an image. That stays, as far as it can be told
//! from what a pod's author wrote there: variables by their names, mounts by their place, mirrors by
//! the operator's list. [`KEPT`] lists what may stay; everything else is as we make it, also fields that
//! no version of Kubernetes has yet.

use contract::{names, paths};
use serde_json::{Map, Value, json};

use crate::plan::is_of_platform;
use crate::pod::ContainerPath;

/// Below it the webhooks of EKS, Azure and Google mount the tokens of an identity, and nobody has
/// programs or authorities there.
const IDENTITIES: &str = "/var/run/secrets";

/// What the API server makes of a mode that is not given.
const DEFAULT_MODE: u32 = 0o644;

/// Decides what stays of a field: from the submitted value and ours, what the field will hold.
type Keep = fn(there: &Value, wanted: Option<&Value>) -> Option<Value>;

/// All fields of a container of which something submitted may stay. Every other field is ours alone.
const KEPT: [(&str, Keep); 6] = [
    ("env", keep_variables),
    ("volumeMounts", keep_mounts),
    ("resources", keep_amounts),
    ("securityContext", keep_assigned),
    ("imagePullPolicy", keep_pull_policy),
    ("terminationMessagePath", keep_default_message_path),
];

/// Whether a value assigns and does not loosen.
type Assigns = fn(&Value) -> bool;

/// Fields of a security context that a platform assigns (OpenShift's constraints, for one).
const ASSIGNED: [(&str, Assigns); 4] = [
    ("runAsUser", Value::is_u64),
    ("runAsGroup", Value::is_u64),
    ("seLinuxOptions", is_level),
    ("appArmorProfile", is_runtime_default),
];

/// Fields of a platform's mount that stay with it.
const MOUNT_FIELDS: [&str; 4] = ["name", "mountPath", "readOnly", "subPath"];

/// A container of ours.
pub(super) fn container(there: &Value, wanted: Value, mirrors: &[String]) -> Value {
    let Value::Object(mut merged) = wanted else {
        return wanted;
    };
    for (field, keep) in KEPT {
        if let Some(kept) = keep(&there[field], merged.get(field)) {
            merged.insert(field.to_owned(), kept);
        }
    }
    if is_mirror_of(&there["image"], &merged["image"], mirrors) {
        merged["image"] = there["image"].clone();
    }
    Value::Object(merged)
}

/// A volume of ours: its source is set again, but for what the API server has set in it.
pub(super) fn volume(there: &Value, wanted: Value) -> Value {
    let Value::Object(mut merged) = wanted else {
        return wanted;
    };
    for (field, value) in &mut merged {
        let defaults = [
            ("defaultMode", there[field]["defaultMode"] == DEFAULT_MODE),
            ("pullPolicy", is_pulled(&there[field]["pullPolicy"])),
        ];
        for (default, _) in defaults.iter().filter(|(_, is_default)| *is_default) {
            if let Value::Object(source) = value {
                let set = there[field][*default].clone();
                source.entry(*default).or_insert(set);
            }
        }
    }
    Value::Object(merged)
}

fn keep_variables(there: &Value, wanted: Option<&Value>) -> Option<Value> {
    entries(there, wanted, |variable| {
        let is_known = variable["name"].as_str().is_some_and(is_of_platform);
        let is_literal = variable["valueFrom"].is_null() && variable["value"].is_string();
        (is_known && is_literal).then(|| only(variable, &["name", "value"]))
    })
}

fn keep_mounts(there: &Value, wanted: Option<&Value>) -> Option<Value> {
    entries(there, wanted, |mount| {
        is_platforms_mount(mount).then(|| only(mount, &MOUNT_FIELDS))
    })
}

/// Entries by name: ours as they must be, and what stays of others, in the order in which they stand.
fn entries(
    there: &Value,
    wanted: Option<&Value>,
    keep: fn(&Value) -> Option<Value>,
) -> Option<Value> {
    let mut wanted = wanted
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut merged = Vec::new();
    for entry in there.as_array().into_iter().flatten() {
        match wanted.iter().position(|ours| ours["name"] == entry["name"]) {
            Some(index) => merged.push(wanted.remove(index)),
            None => merged.extend(keep(entry)),
        }
    }
    merged.append(&mut wanted);
    (!merged.is_empty()).then(|| Value::Array(merged))
}

/// These fields of it.
fn only(entry: &Value, fields: &[&str]) -> Value {
    let kept = fields
        .iter()
        .filter_map(|field| Some(((*field).to_owned(), entry.get(field)?.clone())));
    Value::Object(kept.collect())
}

fn is_platforms_mount(mount: &Value) -> bool {
    let path = ContainerPath::new(mount["mountPath"].as_str().unwrap_or_default());
    let is_below = path.is_at_or_below(IDENTITIES) && path.as_str() != IDENTITIES;
    let is_ours = mount["name"]
        .as_str()
        .is_none_or(|name| name.starts_with(names::PREFIX));
    // Neither the API token's place nor what is above or below it.
    let token = ContainerPath::new(paths::API_TOKEN);
    let is_apart = !token.is_at_or_below(path.as_str()) && !path.is_at_or_below(paths::API_TOKEN);
    is_below && is_apart && !is_ours && mount["subPathExpr"].is_null()
}

/// Amounts that a `LimitRange`, or the API server by its limits, gives a container that has none.
fn keep_amounts(there: &Value, wanted: Option<&Value>) -> Option<Value> {
    let mut merged = wanted
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    for list in ["requests", "limits"] {
        let mut amounts: Map<_, _> = there[list]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, amount)| amount.is_string() || amount.is_number())
            .map(|(name, amount)| (name.clone(), amount.clone()))
            .collect();
        if let Some(Value::Object(ours)) = merged.remove(list) {
            amounts.extend(ours);
        }
        if !amounts.is_empty() {
            merged.insert(list.to_owned(), Value::Object(amounts));
        }
    }
    (!merged.is_empty()).then(|| Value::Object(merged))
}

fn keep_assigned(there: &Value, wanted: Option<&Value>) -> Option<Value> {
    let mut merged = wanted?.as_object()?.clone();
    for (field, assigns) in ASSIGNED {
        if assigns(&there[field]) {
            let assigned = there[field].clone();
            merged.entry(field).or_insert(assigned);
        }
    }
    Some(Value::Object(merged))
}

fn is_level(options: &Value) -> bool {
    let fields = options.as_object();
    fields.is_some_and(|fields| fields.len() == 1 && fields.contains_key("level"))
        && options["level"].is_string()
}

fn is_runtime_default(profile: &Value) -> bool {
    *profile == json!({"type": "RuntimeDefault"})
}

fn keep_pull_policy(there: &Value, wanted: Option<&Value>) -> Option<Value> {
    (wanted.is_none() && is_pulled(there)).then(|| there.clone())
}

/// As the API server or its plugin `AlwaysPullImages` sets it. `Never` would run what a node happens to
/// have.
fn is_pulled(policy: &Value) -> bool {
    matches!(policy.as_str(), Some("Always" | "IfNotPresent"))
}

fn keep_default_message_path(there: &Value, _: Option<&Value>) -> Option<Value> {
    (*there == paths::TERMINATION_MESSAGE).then(|| there.clone())
}

/// `mirror.example/hashicorp/vault:1` is `hashicorp/vault:1`, where the operator says so.
fn is_mirror_of(before: &Value, wanted: &Value, mirrors: &[String]) -> bool {
    let prefix = match (before.as_str(), wanted.as_str()) {
        (Some(before), Some(wanted)) => before.strip_suffix(wanted),
        _ => None,
    };
    let Some(prefix) = prefix.and_then(|prefix| prefix.strip_suffix('/')) else {
        return false;
    };
    mirrors
        .iter()
        .any(|mirror| mirror.trim_end_matches('/') == prefix)
}
