//! A pod with every field that an API server knows, made from its own schema.

use serde_json::{Map, Value, json};

use super::{Cluster, ClusterError};

/// The only key of a map. No field of an object has a slash in its name.
const MAP_KEY: &str = "example.com/key";

/// Deeper than any field of a pod.
const DEPTH: usize = 20;

/// A pod with every field of `io.k8s.api.core.v1.Pod` but for its status: one element in each list,
/// one entry in each map, and the smallest value of each type.
pub fn pod_with_every_field(cluster: &Cluster) -> Result<Value, ClusterError> {
    let document = cluster.request(&reqwest::Method::GET, "openapi/v3/api/v1", None)?;
    let schemas = &document["components"]["schemas"];
    let mut pod = sample(schemas, &schemas["io.k8s.api.core.v1.Pod"], DEPTH);
    if let Some(fields) = pod.as_object_mut() {
        fields.remove("status");
    }
    Ok(pod)
}

fn sample(schemas: &Value, schema: &Value, depth: usize) -> Value {
    let Some(depth) = depth.checked_sub(1) else {
        return Value::Null;
    };
    // A reference that has a default stands in a list of one.
    let target = schema["$ref"]
        .as_str()
        .or_else(|| schema["allOf"][0]["$ref"].as_str());
    if let Some(target) = target {
        let name = target.rsplit('/').next().unwrap_or_default();
        return sample(schemas, &schemas[name], depth);
    }
    match schema["type"].as_str() {
        Some("array") => json!([sample(schemas, &schema["items"], depth)]),
        Some("object") => object(schemas, schema, depth),
        Some("boolean") => json!(false),
        Some("integer" | "number") => json!(1),
        // Quantities and IntOrString have several types.
        _ => json!("x"),
    }
}

fn object(schemas: &Value, schema: &Value, depth: usize) -> Value {
    let values = &schema["additionalProperties"];
    if values.is_object() {
        return json!({ MAP_KEY: sample(schemas, values, depth) });
    }
    let fields = schema["properties"].as_object();
    let fields = fields.into_iter().flatten();
    let all = fields.map(|(name, field)| (name.clone(), sample(schemas, field, depth)));
    Value::Object(all.collect::<Map<_, _>>())
}
