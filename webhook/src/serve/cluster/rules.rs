//! Whether the API server keeps a restart rule.
//!
//! Its version says what is on by default, not what an operator has switched off, and neither does
//! its `OpenAPI`. A `PodTemplate` is validated like a pod and does nothing, so the right to create
//! one, here as a dry run, is worth nothing to whoever steals it.

use contract::{ExitCode, names};
use k8s_openapi::api::core::v1::PodTemplate;
use kube::Client;
use kube::api::{Api, PostParams};
use serde_json::{from_value, json};

use crate::serve::api;

/// The action that a rerun needs.
const ACTION: &str = "RestartAllContainers";

pub(super) async fn are_kept(client: &Client, namespace: &str) -> anyhow::Result<bool> {
    let templates: Api<PodTemplate> = Api::namespaced(client.clone(), namespace);
    let parameters = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    match templates.create(&parameters, &template()?).await {
        Ok(template) => Ok(has_rule(&template)),
        // A server that knows rules but not this action (1.35).
        Err(kube::Error::Api(status)) if status.is_invalid() => Ok(false),
        result => api::told(result).map(|_| false),
    }
}

fn template() -> anyhow::Result<PodTemplate> {
    let template = json!({
        "metadata": { "generateName": format!("{}probe-", names::PREFIX) },
        "template": { "spec": { "containers": [{
            "name": "probe",
            "image": "probe",
            "restartPolicy": "Always",
            "restartPolicyRules": [{
                "action": ACTION,
                "exitCodes": { "operator": "In", "values": [ExitCode::Rerun.code()] },
            }],
        }] } },
    });
    Ok(from_value(template)?)
}

/// An older server drops what it does not know.
fn has_rule(template: &PodTemplate) -> bool {
    let spec = template
        .template
        .as_ref()
        .and_then(|template| template.spec.as_ref());
    let containers = spec.map_or(&[][..], |spec| &spec.containers);
    containers
        .iter()
        .flat_map(|container| container.restart_policy_rules.iter().flatten())
        .any(|rule| rule.action == ACTION)
}
