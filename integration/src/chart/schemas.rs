//! JSON Schemas of Kubernetes' kinds, for kubeconform: what a real API server serves, and what older
//! ones did, of which no more is kept than the kinds of the chart.

use std::fs;
use std::path::Path;

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::ChartError;
use crate::cluster::Cluster;

/// The name of a kind's file, as kubeconform spells it.
pub const LOCATION: &str = "{{.ResourceKind}}{{.KindSuffix}}.json";

/// Where those lie that no server here serves: `api/openapi-spec/v3` of the Go module
/// `k8s.io/kubernetes`, and in `others/` what the CRDs in the modules of cert-manager
/// (`deploy/crds`) and of prometheus-operator (`example/prometheus-operator-crd`) have. Without
/// descriptions, and without what the chart's kinds do not lead to.
const STORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas");

/// The schemas of a version of Kubernetes, or of somebody's CRDs.
#[derive(Debug)]
pub struct Schemas {
    /// `1.30.14`, what the API server calls itself, or whose CRDs these are.
    pub version: String,
    /// By path of the API, as `apis/apps/v1`: what `/openapi/v3/PATH` answers.
    groups: Map<String, Value>,
}

impl Schemas {
    /// As an API server serves them for these paths.
    pub fn request_from(cluster: &Cluster, paths: &[&str]) -> Result<Self, ChartError> {
        let ask = |path: &str| cluster.request(&Method::GET, path, None);
        let version = ask("version")?["gitVersion"].to_string();
        let mut groups = Map::new();
        for path in paths {
            groups.insert((*path).to_owned(), ask(&format!("openapi/v3/{path}"))?);
        }
        Ok(Self { version, groups })
    }

    /// Those of older versions, the oldest first.
    pub fn read_older() -> Result<Vec<Self>, ChartError> {
        Self::read_directory(Path::new(STORED))
    }

    /// Those of kinds that an API server knows by somebody's CRDs.
    pub fn of_others() -> Result<Vec<Self>, ChartError> {
        Self::read_directory(&Path::new(STORED).join("others"))
    }

    fn read_directory(directory: &Path) -> Result<Vec<Self>, ChartError> {
        let mut all = Vec::new();
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.is_dir() {
                continue;
            }
            let mut file: Value = serde_json::from_slice(&fs::read(path)?)?;
            let Value::Object(groups) = file["groups"].take() else {
                continue;
            };
            let version = file["version"].as_str().unwrap_or_default().to_owned();
            all.push(Self { version, groups });
        }
        all.sort_by(|one, other| one.version.cmp(&other.version));
        Ok(all)
    }

    /// The schemas with these names and all that they lead to, as the `$defs` of another schema.
    pub fn collect_definitions(&self, names: &[&str]) -> Map<String, Value> {
        let groups = self.groups.values();
        let schemas = groups.filter_map(|group| group["components"]["schemas"].as_object());
        let schemas: Map<_, _> = schemas.flat_map(Clone::clone).collect();
        let mut left: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut found = Map::new();
        while let Some(name) = left.pop() {
            if found.contains_key(&name) {
                continue;
            }
            let mut schema = schemas.get(&name).cloned().unwrap_or_default();
            make_strict(&mut schema);
            lead_to_definitions(&mut schema, &mut left);
            found.insert(name, schema);
        }
        found.sort_keys();
        found
    }

    /// Writes the schema of every kind into a directory, as [`LOCATION`] names it.
    pub fn write_files(&self, into: &Path) -> Result<(), ChartError> {
        for answer in self.groups.values() {
            let Some(schemas) = answer["components"]["schemas"].as_object() else {
                continue;
            };
            let mut strict = Value::Object(schemas.clone());
            make_strict(&mut strict);
            for (name, schema) in schemas {
                let kinds = schema["x-kubernetes-group-version-kind"].as_array();
                for kind in kinds.into_iter().flatten() {
                    let schema = json!({
                        "$ref": format!("#/components/schemas/{name}"),
                        "components": { "schemas": strict },
                    });
                    fs::write(into.join(file_name(kind)), schema.to_string())?;
                }
            }
        }
        Ok(())
    }
}

fn file_name(kind: &Value) -> String {
    let part = |key: &str| kind[key].as_str().unwrap_or_default().to_lowercase();
    let group = part("group");
    let group = group.split('.').next().unwrap_or_default();
    let dash = if group.is_empty() { "" } else { "-" };
    format!("{}{dash}{group}-{}.json", part("kind"), part("version"))
}

/// `OpenAPI` says which fields there are; a schema must also say that there are no others. And what
/// may be a number or a text has no type there.
fn make_strict(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if is_closed(map) {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
            map.remove("x-kubernetes-group-version-kind");
            map.remove("format");
            map.values_mut().for_each(make_strict);
        }
        Value::Array(items) => items.iter_mut().for_each(make_strict),
        _ => {}
    }
}

/// Has references lead to `$defs`, and tells where to.
fn lead_to_definitions(schema: &mut Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get_mut("$ref") {
                let name = reference.rsplit('/').next().unwrap_or_default().to_owned();
                *reference = format!("#/$defs/{name}");
                names.push(name);
            }
            map.values_mut()
                .for_each(|schema| lead_to_definitions(schema, names));
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|schema| lead_to_definitions(schema, names)),
        _ => {}
    }
}

fn is_closed(map: &Map<String, Value>) -> bool {
    map.get("type") == Some(&json!("object"))
        && map.get("properties").is_some_and(Value::is_object)
        && !map.contains_key("additionalProperties")
        && map.get("x-kubernetes-preserve-unknown-fields") != Some(&json!(true))
}
