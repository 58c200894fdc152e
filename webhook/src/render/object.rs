//! An object: its name in messages, its items, and its pods.

use std::fmt;

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation};
use serde_json::{Map, Value, json};

use super::kinds;

/// Kind, namespace and name of an object.
#[derive(Clone, Debug)]
pub(super) struct Title {
    kind: String,
    pub(super) namespace: String,
    name: String,
}

impl Title {
    pub(super) fn of(object: &Value, default_namespace: &str) -> Self {
        let metadata = |field: &str| object["metadata"].get(field).and_then(Value::as_str);
        let name = metadata("name").or_else(|| metadata("generateName"));
        Self {
            kind: object["kind"].as_str().unwrap_or("(no kind)").to_owned(),
            namespace: metadata("namespace")
                .unwrap_or(default_namespace)
                .to_owned(),
            name: name.unwrap_or("(no name)").to_owned(),
        }
    }
}

impl fmt::Display for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            namespace,
            name,
        } = self;
        write!(f, "{kind} {namespace}/{name}")
    }
}

/// A pod as the API server would ask about it.
pub(super) struct PodTemplate {
    pub(super) title: Title,
    /// The pod's JSON.
    pub(super) pod: String,
    path: Vec<String>,
    /// The API server gives every pod its metadata; a template may have none.
    has_metadata: bool,
}

impl PodTemplate {
    /// The pods at these paths.
    pub(super) fn find_all(
        object: &Value,
        paths: &[Vec<String>],
        default_namespace: &str,
    ) -> Vec<Self> {
        let of_job = kinds::is_of_job(object);
        let at = |path: &Vec<String>| {
            let template = object.pointer(&pointer(path).to_string())?;
            Some(Self {
                title: Title::of(object, default_namespace),
                pod: pod(template, of_job).to_string(),
                path: path.clone(),
                has_metadata: template["metadata"].is_object(),
            })
        };
        paths.iter().filter_map(at).collect()
    }

    /// The pod's patch as one of the whole object.
    pub(super) fn relocate(&self, patch: Patch) -> Patch {
        let base = pointer(&self.path);
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

fn pointer(path: &[String]) -> PointerBuf {
    PointerBuf::from_tokens(path.iter().map(String::as_str))
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

/// The items of a `List`, or of a list of one kind, and what they are where they do not say it.
pub(super) fn items(object: &mut Value) -> Option<(&mut Vec<Value>, Item)> {
    let text = |field: &str| object.get(field).and_then(Value::as_str);
    let kind = text("kind")?.strip_suffix("List")?;
    let item = Item {
        version: text("apiVersion").unwrap_or_default().to_owned(),
        kind: kind.to_owned(),
    };
    Some((object.get_mut("items")?.as_array_mut()?, item))
}

/// The items of a list, or the object itself: kubectl takes no list in a list.
pub(super) fn flatten(mut object: Value) -> Vec<Value> {
    let Some((items, item)) = items(&mut object) else {
        return vec![object];
    };
    let items = std::mem::take(items);
    let completed = items.into_iter().map(|mut object| {
        item.complete(&mut object);
        object
    });
    completed.flat_map(flatten).collect()
}

/// What the items of a list are.
pub(super) struct Item {
    version: String,
    kind: String,
}

/// Whether an item has got its kind from the list.
pub(super) struct Inferred(bool);

impl Item {
    /// Gives an item its kind, as kubectl does.
    pub(super) fn complete(&self, object: &mut Value) -> Inferred {
        let is_empty = |map: &Map<String, Value>| {
            let text = |field: &str| map.get(field).and_then(Value::as_str).unwrap_or_default();
            text("kind").is_empty() && text("apiVersion").is_empty()
        };
        let map = object.as_object_mut().filter(|map| is_empty(map));
        let Some(map) = map.filter(|_| !self.kind.is_empty()) else {
            return Inferred(false);
        };
        map.insert("apiVersion".into(), self.version.clone().into());
        map.insert("kind".into(), self.kind.clone().into());
        Inferred(true)
    }
}

impl Inferred {
    /// Takes away what the item does not say itself.
    pub(super) fn undo(self, object: &mut Value) {
        if let (true, Some(map)) = (self.0, object.as_object_mut()) {
            map.shift_remove("apiVersion");
            map.shift_remove("kind");
        }
    }
}
