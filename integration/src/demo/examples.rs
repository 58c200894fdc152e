//! The files of `examples/`, and what somebody makes of them before a pod is admitted.

use serde_json::{Value, json};

use super::DemoError;
use crate::vault::Vault;

const MANIFEST: &str = include_str!("../../../examples/web.yaml");
const CONFIG: &str = include_str!("../../../examples/config.yaml");

/// The policy of the pods.
pub const POLICY: &str = include_str!("../../../examples/policy.hcl");

const ROLE: &str = include_str!("../../../examples/jwt-role.json");

/// The pod that a controller would make of the example's Deployment.
pub fn build_pod() -> Result<Value, DemoError> {
    let deployment: Value = parse_yaml("web.yaml", MANIFEST)?;
    let (metadata, template) = (&deployment["metadata"], &deployment["spec"]["template"]);
    // As a ReplicaSet's controller and the API server name it.
    let name = format!(
        "{}-7c9f6d5b8-x2k4p",
        metadata["name"].as_str().unwrap_or_default()
    );
    Ok(json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": metadata["namespace"],
            "labels": template["metadata"]["labels"],
            "annotations": template["metadata"]["annotations"],
        },
        "spec": template["spec"],
    }))
}

/// The operator's file, for this Vault.
pub fn build_config(vault: &Vault) -> Result<Value, DemoError> {
    let mut config: Value = parse_yaml("config.yaml", CONFIG)?;
    let connection = &mut config["connections"]["default"];
    connection["address"] = json!(vault.tls_address());
    connection["ca"] = json!(vault.authority().certificate());
    // Vault's method kubernetes has an API server review the token, and here is none.
    connection["auth"]["method"] = json!("jwt");
    // In a cluster the API server is asked.
    config["kubernetesVersion"] = json!("1.37");
    Ok(config)
}

/// The role that the pods log in as, for the method `jwt`.
pub fn read_role() -> Result<Value, DemoError> {
    parse_yaml("jwt-role.json", ROLE)
}

fn parse_yaml(file: &str, text: &str) -> Result<Value, DemoError> {
    serde_yaml::from_str(text).map_err(|error| DemoError::Example {
        file: file.to_owned(),
        reason: error.to_string(),
    })
}
