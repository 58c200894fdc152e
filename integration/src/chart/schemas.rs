//! JSON Schemas of the kinds that an API server has, for kubeconform: there is no other place to
//! have them from.

use std::fs;
use std::path::Path;

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::ChartError;
use crate::cluster::Cluster;

/// The name of a kind's file, as kubeconform spells it.
pub const LOCATION: &str = "{{.ResourceKind}}{{.KindSuffix}}.json";

/// Writes the schema of every kind below one of these paths of the API, such as `apis/apps/v1`, into
/// a directory, as [`LOCATION`] names it.
pub fn write_schemas(cluster: &Cluster, paths: &[&str], into: &Path) -> Result<(), ChartError> {
    for path in paths {
        let answer = cluster.request(&Method::GET, &format!("openapi/v3/{path}"), None)?;
        let Some(schemas) = answer["components"]["schemas"].as_object() else {
            continue;
        };
        let mut strict = Value::Object(schemas.clone());
        make_strict(&mut strict);
        for (name, schema) in schemas {
            for kind in schema["x-kubernetes-group-version-kind"]
                .as_array()
                .into_iter()
                .flatten()
            {
                let part = |key: &str| kind[key].as_str().unwrap_or_default().to_lowercase();
                let group = part("group");
                let group = group.split('.').next().unwrap_or_default();
                let dash = if group.is_empty() { "" } else { "-" };
                let file = format!("{}{dash}{group}-{}.json", part("kind"), part("version"));
                let schema = json!({
                    "$ref": format!("#/components/schemas/{name}"),
                    "components": { "schemas": strict },
                });
                fs::write(into.join(file), schema.to_string())?;
            }
        }
    }
    Ok(())
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

fn is_closed(map: &Map<String, Value>) -> bool {
    map.get("type") == Some(&json!("object"))
        && map.get("properties").is_some_and(Value::is_object)
        && !map.contains_key("additionalProperties")
        && map.get("x-kubernetes-preserve-unknown-fields") != Some(&json!(true))
}
