//! An earlier copy of something of ours, made what it must be now.
//!
//! Between two admissions the API server has set defaults in our containers, and platforms' own
//! webhooks have added what they add to every container: a region and a token file for a cloud's
//! identity, a proxy, the name of a mirror before an image. That stays, as far as it can be told
//! from what a pod's author wrote there: variables by their names, mounts by their place, mirrors by
//! the operator's list. Everything that we set is set again, and all else that would change what our
//! container runs goes.

use contract::{names, paths};
use serde_json::{Value, json};

use crate::plan::is_of_platform;

/// Fields that would make our container do something else.
const FORBIDDEN: [&str; 13] = [
    "args",
    "envFrom",
    "lifecycle",
    "livenessProbe",
    "ports",
    "readinessProbe",
    "restartPolicy",
    "restartPolicyRules",
    "startupProbe",
    "stdin",
    "tty",
    "volumeDevices",
    "workingDir",
];

/// Fields of a security context that a platform assigns (OpenShift's constraints, for one).
const ASSIGNED: [&str; 4] = [
    "runAsUser",
    "runAsGroup",
    "seLinuxOptions",
    "appArmorProfile",
];

/// Below it the webhooks of EKS, Azure and Google mount the tokens of an identity, and nobody has
/// programs or authorities there.
const IDENTITIES: &str = "/var/run/secrets/";

/// A container of ours.
pub(super) fn container(there: &Value, wanted: Value, mirrors: &[String]) -> Value {
    let (Value::Object(there), Value::Object(mut wanted)) = (there, wanted) else {
        return Value::Null;
    };
    let mut merged = there.clone();
    merged.retain(|field, _| !FORBIDDEN.contains(&field.as_str()));
    for field in ["env", "volumeMounts"] {
        if merged.contains_key(field) {
            wanted.entry(field).or_insert_with(|| json!([]));
        }
    }
    for (field, value) in wanted {
        let before = merged.get(&field).cloned().unwrap_or(Value::Null);
        let after = match field.as_str() {
            "env" => list(&before, value, is_platforms_variable),
            "volumeMounts" => list(&before, value, is_platforms_mount),
            "resources" => overlay(&before, value),
            "securityContext" => security(&before, value),
            "image" if is_mirror_of(&before, &value, mirrors) => before,
            _ => value,
        };
        merged.insert(field, after);
    }
    merged.retain(|_, value| *value != json!([]));
    Value::Object(merged)
}

/// A volume of ours: its source is set again, but for what the API server has set in it.
pub(super) fn volume(there: &Value, wanted: Value) -> Value {
    let is_same_source = |field: &String| wanted.get(field).is_some();
    match there.as_object() {
        Some(fields) if fields.keys().all(is_same_source) => {
            let mut merged = there.clone();
            for (field, value) in wanted.as_object().into_iter().flatten() {
                merged[field] = defaulted(&there[field], value.clone());
            }
            merged
        }
        _ => wanted,
    }
}

/// Entries by name: ours as they must be, and those of others, in the order in which they stand.
fn list(before: &Value, wanted: Value, is_allowed: fn(&Value) -> bool) -> Value {
    let Value::Array(mut wanted) = wanted else {
        return wanted;
    };
    let mut merged = Vec::new();
    for entry in before.as_array().into_iter().flatten() {
        match wanted.iter().position(|ours| ours["name"] == entry["name"]) {
            Some(index) => merged.push(wanted.remove(index)),
            None if is_allowed(entry) => merged.push(entry.clone()),
            None => {}
        }
    }
    merged.append(&mut wanted);
    Value::Array(merged)
}

fn is_platforms_variable(variable: &Value) -> bool {
    let is_known = variable["name"].as_str().is_some_and(is_of_platform);
    is_known && variable["valueFrom"].is_null()
}

fn is_platforms_mount(mount: &Value) -> bool {
    let path = mount["mountPath"].as_str().unwrap_or_default();
    let is_plain = |below: &str| !below.split('/').any(|part| matches!(part, "" | "." | ".."));
    let is_below = path.strip_prefix(IDENTITIES).is_some_and(is_plain);
    let is_ours = mount["name"]
        .as_str()
        .is_none_or(|name| name.starts_with(names::PREFIX));
    // Neither the API token's place nor what is above or below it.
    let is_apart = !paths::API_TOKEN.starts_with(path) && !path.starts_with(paths::API_TOKEN);
    is_below && is_apart && !is_ours
}

/// Our fields over those that are there, at any depth.
fn overlay(before: &Value, wanted: Value) -> Value {
    match (before, wanted) {
        (Value::Object(before), Value::Object(wanted)) => {
            let mut merged = before.clone();
            for (field, value) in wanted {
                let inner = overlay(before.get(&field).unwrap_or(&Value::Null), value);
                merged.insert(field, inner);
            }
            Value::Object(merged)
        }
        (_, wanted) => wanted,
    }
}

fn security(before: &Value, wanted: Value) -> Value {
    let Value::Object(mut wanted) = wanted else {
        return wanted;
    };
    for field in ASSIGNED {
        if let (Some(value), false) = (before.get(field), wanted.contains_key(field)) {
            wanted.insert(field.to_owned(), value.clone());
        }
    }
    Value::Object(wanted)
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

/// Our source, with `defaultMode` and `pullPolicy` as the API server has set them.
fn defaulted(before: &Value, wanted: Value) -> Value {
    let Value::Object(mut wanted) = wanted else {
        return wanted;
    };
    for field in ["defaultMode", "pullPolicy"] {
        if let (Some(value), false) = (before.get(field), wanted.contains_key(field)) {
            wanted.insert(field.to_owned(), value.clone());
        }
    }
    Value::Object(wanted)
}
