//! Where the pod is in an object.

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation};
use serde_json::{Value, json};

/// Kinds with a pod template, and where it is.
const TEMPLATES: [(&str, &str, &[&str]); 7] = [
    ("v1", "Pod", &[]),
    ("apps/v1", "Deployment", &["spec", "template"]),
    ("apps/v1", "StatefulSet", &["spec", "template"]),
    ("apps/v1", "DaemonSet", &["spec", "template"]),
    ("apps/v1", "ReplicaSet", &["spec", "template"]),
    ("batch/v1", "Job", &["spec", "template"]),
    (
        "batch/v1",
        "CronJob",
        &["spec", "jobTemplate", "spec", "template"],
    ),
];

/// A pod as the API server would ask about it.
pub(super) struct PodTemplate {
    /// Kind, namespace and name of the object.
    pub(super) object: String,
    pub(super) namespace: String,
    /// The pod's JSON.
    pub(super) pod: String,
    path: &'static [&'static str],
    /// The API server gives every pod its metadata; a template may have none.
    has_metadata: bool,
}

impl PodTemplate {
    /// The pod of an object, if it has one.
    pub(super) fn find(object: &Value, default_namespace: &str) -> Option<Self> {
        let text = |field: &str| {
            object
                .get(field)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let (_, kind, path) = TEMPLATES
            .iter()
            .find(|(version, kind, _)| *version == text("apiVersion") && *kind == text("kind"))?;
        let mut template = object;
        for field in *path {
            template = template.get(field)?;
        }
        let namespace = namespace(object, default_namespace);
        Some(Self {
            object: title(object, namespace),
            pod: pod(template, matches!(*kind, "Job" | "CronJob")).to_string(),
            namespace: namespace.to_owned(),
            path,
            has_metadata: template["metadata"].is_object(),
        })
    }

    /// The pod's patch as one of the whole object.
    pub(super) fn relocate(&self, patch: Patch) -> Patch {
        let base = PointerBuf::from_tokens(self.path.iter().copied());
        let relocated = |path: &PointerBuf| base.concat(path);
        let metadata = (!self.has_metadata).then(|| {
            PatchOperation::Add(AddOperation {
                path: PointerBuf::from_tokens(["metadata"]),
                value: json!({}),
            })
        });
        Patch(
            metadata
                .into_iter()
                .chain(patch.0)
                .map(|mut operation| {
                    match &mut operation {
                        PatchOperation::Add(add) => add.path = relocated(&add.path),
                        PatchOperation::Replace(replace) => replace.path = relocated(&replace.path),
                        PatchOperation::Remove(remove) => remove.path = relocated(&remove.path),
                        PatchOperation::Move(_)
                        | PatchOperation::Copy(_)
                        | PatchOperation::Test(_) => {}
                    }
                    operation
                })
                .collect(),
        )
    }
}

/// A warning about an object of another kind that seems to have pods.
pub(super) fn unread(object: &Value, default_namespace: &str) -> Option<String> {
    let containers = object.pointer("/spec/template/spec/containers")?;
    let title = title(object, namespace(object, default_namespace));
    let version = object["apiVersion"].as_str().unwrap_or("(none)");
    containers.is_array().then(|| {
        format!(
            "{title}: its pod was not looked into, as that of any object of apiVersion {version} and \
             this kind: render it as a Pod"
        )
    })
}

/// How an object is named in messages.
fn title(object: &Value, namespace: &str) -> String {
    let kind = object["kind"].as_str().unwrap_or("(no kind)");
    let metadata = |field: &str| object["metadata"].get(field).and_then(Value::as_str);
    let name = metadata("name")
        .or_else(|| metadata("generateName"))
        .unwrap_or("(no name)");
    format!("{kind} {namespace}/{name}")
}

fn namespace<'o>(object: &'o Value, default: &'o str) -> &'o str {
    object["metadata"]["namespace"].as_str().unwrap_or(default)
}

/// `items` of a `List`.
pub(super) fn items(object: &mut Value) -> Option<&mut Vec<Value>> {
    let is_list = object.get("kind").and_then(Value::as_str) == Some("List");
    object.get_mut("items").filter(|_| is_list)?.as_array_mut()
}

/// With the owner that the pod will have, where a decision depends on it.
fn pod(template: &Value, is_of_job: bool) -> Value {
    let mut pod = json!({"metadata": template.get("metadata"), "spec": template.get("spec")});
    if is_of_job {
        if !pod["metadata"].is_object() {
            pod["metadata"] = json!({});
        }
        pod["metadata"]["ownerReferences"] = json!([{"kind": "Job"}]);
    }
    pod
}
