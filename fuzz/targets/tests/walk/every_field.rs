//! A pod with every field that Kubernetes has, in which one list, map or text after the other grows.
//!
//! `every-field.json` is made from the schema of a real API server, and
//! `integration/tests/cluster.rs` fails when a field of it is missing.

use contract::limits::POD_LIST;
use serde_json::{Value, json};

use super::{Row, repeated, row};

/// Bytes of a grown part: enough for whatever is not linear to be seen, at hundreds of parts.
const BYTES: usize = 256 * 1024;

/// What takes the place of the part that grows.
const MARK: &str = "the part that grows";

/// The pod, with values where others would end the decision early, and with something to decide.
fn pod() -> Value {
    let mut pod: Value = serde_json::from_str(include_str!("every-field.json")).unwrap();
    let spec = &mut pod["spec"];
    spec["restartPolicy"] = json!("Always");
    spec["os"]["name"] = json!("linux");
    for list in ["containers", "initContainers"] {
        let container = &mut spec[list][0];
        container["name"] = json!(list.to_ascii_lowercase());
        container["restartPolicy"] = json!("Always");
        let env = container["env"].as_array_mut().unwrap();
        env.push(json!({ "name": "P", "value": "vault:secret/data/db#p" }));
    }
    pod
}

/// One row for each list, map and text of the pod: `read` decides about it.
pub(crate) fn rows(read: fn(&str) -> usize) -> Vec<Row> {
    let pod = pod();
    let mut parts = Vec::new();
    collect_parts(&pod, "", &mut parts);
    let rows = parts.into_iter().map(|(pointer, part)| {
        let element = part.element();
        let mut marked = pod.clone();
        *marked.pointer_mut(&pointer).unwrap() = json!(MARK);
        let marked = marked.to_string();
        // Twice of it is still read: beyond their bound lists are rejected, which costs nothing.
        let most = BYTES / (element.len() + 1);
        let count = match part {
            Part::Text => most,
            Part::List(_) | Part::Map(_) => most.min(POD_LIST / 2),
        };
        let make = move |count: usize| {
            let grown = part.grown(&element, count);
            marked.replacen(&format!("\"{MARK}\""), &grown, 1)
        };
        row(pointer, count, make, read)
    });
    rows.collect()
}

/// What can be long.
enum Part {
    /// The JSON of its element.
    List(String),
    /// The JSON of its value.
    Map(String),
    Text,
}

impl Part {
    /// One of it, with `#` where each has its number.
    fn element(&self) -> String {
        match self {
            Self::List(element) => element.replacen("\"name\":\"x\"", "\"name\":\"x#\"", 1),
            Self::Map(value) => format!("\"example.com/key-#\":{value}"),
            Self::Text => "x".to_owned(),
        }
    }

    fn grown(&self, element: &str, count: usize) -> String {
        match self {
            Self::List(_) => format!("[{}]", repeated(element, count)),
            Self::Map(_) => format!("{{{}}}", repeated(element, count)),
            Self::Text => format!("\"{}\"", element.repeat(count)),
        }
    }
}

fn collect_parts(value: &Value, pointer: &str, parts: &mut Vec<(String, Part)>) {
    match value {
        Value::Array(elements) => {
            parts.push((pointer.to_owned(), Part::List(elements[0].to_string())));
            for (index, element) in elements.iter().enumerate() {
                collect_parts(element, &format!("{pointer}/{index}"), parts);
            }
        }
        Value::Object(fields) => {
            // A field's name has no slash; the key of the only entry of a map has one.
            let entry = fields.iter().find(|(name, _)| name.contains('/'));
            if let Some((_, value)) = entry {
                parts.push((pointer.to_owned(), Part::Map(value.to_string())));
                return;
            }
            for (name, field) in fields {
                collect_parts(field, &format!("{pointer}/{name}"), parts);
            }
        }
        Value::String(_) => parts.push((pointer.to_owned(), Part::Text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn every_field_pod_is_injected_as_it_is() {
    let pod = pod();
    let response = super::super::response(&pod.to_string());
    assert!(response["patch"].is_string(), "{response:#}");
    let mut parts = Vec::new();
    collect_parts(&pod, "", &mut parts);
    let has = |pointer: &str| parts.iter().any(|(other, _)| other == pointer);
    for pointer in [
        "/spec/nodeSelector",
        "/spec/containers/0/resources/limits",
        "/spec/containers/0/volumeDevices",
        "/spec/containers/0/lifecycle/preStop/exec/command",
        "/spec/ephemeralContainers/0/startupProbe/httpGet/httpHeaders",
        "/metadata/managedFields/0/manager",
    ] {
        assert!(has(pointer), "{pointer} of {}", parts.len());
    }
}
