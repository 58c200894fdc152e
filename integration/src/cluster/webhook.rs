//! Registering admission webhooks that listen on loopback.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Cluster, ClusterError};
use crate::wait::{Probe, wait_for};

const CONFIGURATIONS: &str = "apis/admissionregistration.k8s.io/v1";
/// A label of objects that exist only to see whether a configuration is in force.
const PROBE: &str = "integration.tokenpipe.dev/probe";

/// A `MutatingWebhookConfiguration` that has the creation of pods in namespaces with these labels
/// reviewed at a URL, with what a test may want to change spelt out.
pub fn mutating_webhook(
    name: &str,
    url: &str,
    authority: &str,
    namespace_labels: &[(&str, &str)],
) -> Value {
    let labels: Value = namespace_labels
        .iter()
        .map(|(key, value)| (*key, Value::from(*value)))
        .collect();
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": { "name": name },
        "webhooks": [{
            "name": format!("{name}.tokenpipe.dev"),
            "admissionReviewVersions": ["v1"],
            "clientConfig": { "url": url, "caBundle": BASE64_STANDARD.encode(authority) },
            "rules": [{
                "apiGroups": [""],
                "apiVersions": ["v1"],
                "operations": ["CREATE"],
                "resources": ["pods"],
                "scope": "Namespaced",
            }],
            "namespaceSelector": { "matchLabels": labels },
            "failurePolicy": "Fail",
            "reinvocationPolicy": "IfNeeded",
            "sideEffects": "None",
            "timeoutSeconds": 5,
        }],
    })
}

/// A webhook configuration in force. It is taken back when this is dropped.
pub struct Registration<'cluster> {
    cluster: &'cluster Cluster,
    path: String,
    name: String,
}

impl Cluster {
    /// Creates a `MutatingWebhookConfiguration` or `ValidatingWebhookConfiguration`, and waits until
    /// the API server follows it, which takes it a moment.
    pub fn register_webhook(
        &self,
        configuration: &Value,
    ) -> Result<Registration<'_>, ClusterError> {
        let kind = configuration["kind"]
            .as_str()
            .unwrap_or_default()
            .to_lowercase();
        let name = configuration["metadata"]["name"]
            .as_str()
            .unwrap_or_default();
        let mut with_probe = configuration.clone();
        if let Some(webhooks) = with_probe["webhooks"].as_array_mut() {
            webhooks.push(build_probe_webhook(name));
        }
        self.create_object(&format!("{CONFIGURATIONS}/{kind}s"), &with_probe)?;
        let path = format!("{CONFIGURATIONS}/{kind}s/{name}");
        let registration = Registration {
            cluster: self,
            path,
            name: name.to_owned(),
        };
        registration.wait_until(true)?;
        Ok(registration)
    }
}

impl Registration<'_> {
    /// Takes the configuration back, and waits until the API server no longer follows it.
    pub fn remove(self) -> Result<(), ClusterError> {
        self.cluster.request(&Method::DELETE, &self.path, None)?;
        self.wait_until(false)
    }

    /// The API server loads a configuration as a whole, so all of it is in force when the probe's
    /// part is.
    fn wait_until(&self, in_force: bool) -> Result<(), ClusterError> {
        let object = json!({
            "metadata": { "generateName": "probe-", "labels": { PROBE: self.name } },
        });
        let path = "api/v1/namespaces/default/configmaps?dryRun=All";
        let what = format!(
            "the API server to {} {}",
            if in_force { "follow" } else { "forget" },
            self.name
        );
        wait_for(&what, Duration::from_secs(30), || {
            match self.cluster.create_object(path, &object) {
                Ok(_) => Probe::from(!in_force),
                Err(ClusterError::Refused { answer, .. })
                    if answer.contains("failed calling webhook") =>
                {
                    Probe::from(in_force)
                }
                Err(error) => Probe::NotYet(error.to_string()),
            }
        })?;
        Ok(())
    }
}

impl Drop for Registration<'_> {
    fn drop(&mut self) {
        // It is gone already where `remove` was called, and a drop has nobody to tell.
        let _ = self.cluster.request(&Method::DELETE, &self.path, None);
    }
}

/// A webhook that nobody listens for and nothing but an object made for it reaches: such an object is
/// refused as soon as, and as long as, the configuration is in force.
fn build_probe_webhook(name: &str) -> Value {
    json!({
        "name": "probe.integration.tokenpipe.dev",
        "admissionReviewVersions": ["v1"],
        "clientConfig": { "url": "https://127.0.0.1:1/" },
        "rules": [{
            "apiGroups": [""],
            "apiVersions": ["v1"],
            "operations": ["CREATE"],
            "resources": ["configmaps"],
        }],
        "objectSelector": { "matchLabels": { PROBE: name } },
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "timeoutSeconds": 1,
    })
}
