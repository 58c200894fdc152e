//! tokenpipe in the cluster.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use reqwest::Method;
use serde_json::{Value, json};

use super::site::restricted;
use super::{E2eError, Site, Space, Vault};
use crate::certificates::Authority;
use crate::images::Image;
use crate::wait::{Probe, wait_for};

const NAME: &str = "tokenpipe";
/// The label of namespaces whose pods an installation admits; its value is the installation's name.
const SELECTED: &str = "e2e.tokenpipe.dev/installation";
const CONFIGURATIONS: &str = "apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
const READY: Duration = Duration::from_secs(120);

/// How the operator has set it up.
#[derive(Clone, Default)]
pub struct Options {
    /// `copy`, `image-volume` or `agent-image`; the product's default if absent.
    pub delivery: Option<&'static str>,
    /// `defaults` of the configuration file.
    pub defaults: Option<Value>,
}

/// A webhook and a Vault, in a namespace of their own. They go with this.
pub struct Installation<'s> {
    // Before the namespace, through which its log is read.
    vault: Vault<'s>,
    system: Space<'s>,
}

impl<'s> Installation<'s> {
    /// Installs both, and waits until pods are admitted.
    pub fn install(site: &'s Site, scenario: &str, options: &Options) -> Result<Self, E2eError> {
        let system = Space::create(site, &format!("{scenario}-system"), &json!({}))?;
        let vault = Vault::install(&system)?;
        let authority = Authority::new("tokenpipe of the scenario")?;
        let host = format!("{NAME}.{}.svc", system.name());
        let server = authority.server(&[&host])?;
        let files = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": { "name": NAME },
            "stringData": {
                "tls.crt": server.certificate, "tls.key": server.key,
                "config.yaml": configuration(site, &vault, options)?.to_string(),
            },
        });
        system.apply(&[files, service(), deployment(site)?])?;
        system.ready(&format!("app={NAME}"), 1)?;
        let registration = registration(system.name(), authority.certificate());
        site.cluster.create(CONFIGURATIONS, &registration)?;
        let installation = Self { vault, system };
        installation.wait_until_in_force()?;
        Ok(installation)
    }

    /// Its Vault.
    pub fn vault(&self) -> &Vault<'s> {
        &self.vault
    }

    /// The namespace of webhook and Vault.
    pub fn system(&self) -> &Space<'s> {
        &self.system
    }

    /// A namespace whose pods it admits, with further labels.
    pub fn space(&self, scenario: &str, labels: &Value) -> Result<Space<'s>, E2eError> {
        let mut labels = labels.clone();
        labels[SELECTED] = json!(self.system.name());
        Space::create(self.system.site, scenario, &labels)
    }

    /// The API server takes a moment to follow a configuration.
    fn wait_until_in_force(&self) -> Result<(), E2eError> {
        let space = self.space("probe", &json!({}))?;
        let mut pod = json!({
            "metadata": { "name": "probe", "annotations": { "tokenpipe.dev/auth-role": "probe" } },
        });
        let value = "vault:secret/data/probe#probe";
        pod["spec"] = json!({ "containers": [{
            "name": "probe", "image": "probe", "command": ["probe"],
            "env": [{ "name": "PROBE", "value": value }],
        }] });
        let path = format!("api/v1/namespaces/{}/pods?dryRun=All", space.name());
        wait_for("the API server to ask the webhook", READY, || {
            match space.site.cluster.create(&path, &pod) {
                Ok(admitted) if admitted["spec"]["initContainers"].is_array() => Probe::Ready(()),
                Ok(_) => Probe::NotYet("the pod was admitted as it is".to_owned()),
                Err(error) => Probe::NotYet(error.to_string()),
            }
        })?;
        Ok(())
    }
}

impl Drop for Installation<'_> {
    fn drop(&mut self) {
        let path = format!("{CONFIGURATIONS}/{}", self.system.name());
        // No namespace with its label is left, so it stands in nobody's way.
        let _ = self
            .system
            .site
            .cluster
            .request(&Method::DELETE, &path, None);
    }
}

fn configuration(site: &Site, vault: &Vault<'_>, options: &Options) -> Result<Value, E2eError> {
    let delivery = options.delivery.unwrap_or("copy");
    let agent = if delivery == "agent-image" {
        Image::Agent
    } else {
        Image::Vault
    };
    let mut configuration = json!({
        "connections": { "default": {
            "address": vault.address(),
            "ca": vault.authority(),
            "auth": { "method": "kubernetes", "audience": "vault" },
        } },
        "images": {
            "envExec": site.image(Image::EnvExec)?,
            "agent": site.image(agent)?,
            "pullPolicy": site.pull_policy(),
        },
        "delivery": delivery,
        "server": {
            "listen": "0.0.0.0:8443",
            "listenMetrics": "0.0.0.0:9090",
            "tls": { "files": {
                "certificate": "/etc/tokenpipe/tls.crt", "key": "/etc/tokenpipe/tls.key",
            } },
        },
    });
    if let Some(defaults) = &options.defaults {
        configuration["defaults"] = defaults.clone();
    }
    Ok(configuration)
}

fn service() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": NAME },
        "spec": { "selector": { "app": NAME }, "ports": [{ "port": 443, "targetPort": 8443 }] },
    })
}

fn deployment(site: &Site) -> Result<Value, E2eError> {
    let labels = json!({ "app": NAME });
    Ok(json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": NAME },
        "spec": {
            "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": {
                    "containers": [{
                        "name": NAME,
                        "image": site.image(Image::Tokenpipe)?,
                        "imagePullPolicy": site.pull_policy(),
                        "readinessProbe": {
                            "httpGet": { "path": "/readyz", "port": 9090 }, "periodSeconds": 1,
                        },
                        "securityContext": restricted(),
                        "volumeMounts": [{ "name": "configuration", "mountPath": "/etc/tokenpipe" }],
                    }],
                    "volumes": [{ "name": "configuration", "secret": { "secretName": NAME } }],
                },
            },
        },
    }))
}

fn registration(namespace: &str, authority: &str) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": { "name": namespace },
        "webhooks": [{
            "name": "pods.tokenpipe.dev",
            "admissionReviewVersions": ["v1"],
            "clientConfig": {
                "service": { "name": NAME, "namespace": namespace, "path": "/mutate" },
                "caBundle": BASE64_STANDARD.encode(authority),
            },
            "rules": [{
                "apiGroups": [""], "apiVersions": ["v1"],
                "operations": ["CREATE"], "resources": ["pods"], "scope": "Namespaced",
            }],
            "namespaceSelector": { "matchLabels": { SELECTED: namespace } },
            "failurePolicy": "Fail",
            "reinvocationPolicy": "IfNeeded",
            "sideEffects": "None",
            "timeoutSeconds": 5,
        }],
    })
}
