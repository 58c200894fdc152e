//! tokenpipe in the cluster, installed by its chart.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use reqwest::Method;
use serde_json::{Value, json};

use super::options::{Options, Scope};
use super::{Cluster, E2eError, Namespace, Vault, is_kept};
use crate::images::Image;
use crate::wait::{Probe, wait_for};
use crate::{chart, temp};

/// The label of namespaces whose pods an installation admits; its value is the release's name. So
/// scenarios are in nobody's way.
const SELECTED: &str = "e2e.tokenpipe.dev/installation";
/// The same as the chart has it.
const OPTED_IN: &str = "tokenpipe.dev/injection";
/// What helm installs that is in no namespace.
const CLUSTER_WIDE: &str = "mutatingwebhookconfigurations,validatingadmissionpolicies,\
    validatingadmissionpolicybindings,clusterroles,clusterrolebindings,namespaces";
/// As many as the chart has.
const REPLICAS: u64 = 2;
const READY: Duration = Duration::from_secs(120);

/// A webhook and a Vault, in a namespace of their own. They go with this.
pub struct Installation<'s> {
    // Before the namespace, through which its log is read.
    vault: Vault<'s>,
    system: Namespace<'s>,
    /// The label of namespaces whose pods it admits.
    selected: (&'static str, String),
}

impl<'s> Installation<'s> {
    /// Installs both, and waits until pods are admitted.
    pub fn install(
        cluster: &'s Cluster,
        scenario: &str,
        options: &Options,
    ) -> Result<Self, E2eError> {
        if options.scope != Scope::Own {
            is_alone(cluster)?;
        }
        let system = Namespace::create(cluster, &format!("{scenario}-system"), &json!({}))?;
        let vault = Vault::install(&system).map_err(|error| system.explain_error(&error))?;
        let selected = match options.scope {
            Scope::Own => (SELECTED, system.name().to_owned()),
            Scope::Everybody | Scope::Bare => (OPTED_IN, "enabled".to_owned()),
        };
        let installation = Self {
            vault,
            system,
            selected,
        };
        let started = installation.start_release(options);
        started.map_err(|error| installation.system.explain_error(&error))?;
        Ok(installation)
    }

    fn start_release(&self, options: &Options) -> Result<(), E2eError> {
        self.run_helm("install", options)?;
        let replicas = options.values["replicas"].as_u64().unwrap_or(REPLICAS);
        let replicas = usize::try_from(replicas).unwrap_or_default();
        self.system.wait_for_pods(Self::PODS, replicas)?;
        self.wait_until_in_force()
    }

    /// The label of the webhook's pods.
    pub const PODS: &'static str = "app.kubernetes.io/name=tokenpipe";

    /// `helm install` or `helm upgrade` with these options.
    pub fn run_helm(&self, verb: &str, options: &Options) -> Result<(), E2eError> {
        let cluster = self.system.cluster;
        let directory = temp::create_directory("values")?;
        let file = directory.path().join("values.json");
        let mut values = if options.scope == Scope::Bare {
            publish_images(cluster)?;
            json!({
                "vault": { "address": self.vault.clear_address() },
                "image": { "repository": Image::Tokenpipe.name() },
                "images": { "envExec": Image::EnvExec.published_name() },
            })
        } else {
            build_values(cluster, &self.vault, &options.values)?
        };
        if options.scope == Scope::Own {
            let selector = json!({ "matchLabels": { SELECTED: self.system.name() } });
            for part in ["webhook", "policy"] {
                values[part]["namespaceSelector"] = selector.clone();
            }
        }
        lay_over(&mut values, &options.values);
        std::fs::write(&file, values.to_string())?;
        let (file, chart) = (file.display().to_string(), chart::directory_text());
        let arguments = [verb, self.system.name(), &chart, "--values", &file];
        cluster
            .run_helm(&[&arguments[..], &["--namespace", self.system.name()]].concat())
            .map(drop)
    }

    /// Waits until no replica of an older state is left.
    pub fn rolled_out(&self) -> Result<(), E2eError> {
        self.system.wait_for_rollout(self.system.name(), READY)
    }

    /// The authorities by which the API server knows the webhook, PEM.
    pub fn read_authorities(&self) -> Result<String, E2eError> {
        let path = "apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
        let path = format!("{path}/{}", self.system.name());
        let configuration = self.system.cluster.api.request(&Method::GET, &path, None)?;
        let bundle = &configuration["webhooks"][0]["clientConfig"]["caBundle"];
        let bundle = BASE64_STANDARD.decode(bundle.as_str().unwrap_or_default());
        let bundle = bundle.map(String::from_utf8);
        match bundle {
            Ok(Ok(bundle)) => Ok(bundle),
            other => Err(E2eError::Unexpected(format!("a caBundle: {other:?}"))),
        }
    }

    /// Its Vault.
    pub fn vault(&self) -> &Vault<'s> {
        &self.vault
    }

    /// The namespace of webhook and Vault, whose name is the release's too.
    pub fn system(&self) -> &Namespace<'s> {
        &self.system
    }

    /// A namespace whose pods it admits, with further labels.
    pub fn create_namespace(
        &self,
        scenario: &str,
        labels: &Value,
    ) -> Result<Namespace<'s>, E2eError> {
        let mut labels = labels.clone();
        let (key, value) = &self.selected;
        labels[*key] = json!(value);
        Namespace::create(self.system.cluster, scenario, &labels)
    }

    /// The API server takes a moment to follow a configuration.
    fn wait_until_in_force(&self) -> Result<(), E2eError> {
        let namespace = self.create_namespace("probe", &json!({}))?;
        let mut pod = json!({
            "metadata": { "name": "probe", "annotations": { "tokenpipe.dev/auth-role": "probe" } },
        });
        let value = "vault:secret/data/probe#probe";
        pod["spec"] = json!({ "containers": [{
            "name": "probe", "image": "probe", "command": ["probe"],
            "env": [{ "name": "PROBE", "value": value }],
        }] });
        wait_for(
            "the API server to ask the webhook",
            READY,
            || match namespace.dry_run(&pod) {
                Ok(admitted) if admitted["spec"]["initContainers"].is_array() => Probe::Ready(()),
                Ok(_) => Probe::NotYet("the pod was admitted as it is".to_owned()),
                Err(error) => Probe::NotYet(error.to_string()),
            },
        )?;
        Ok(())
    }
}

impl Drop for Installation<'_> {
    fn drop(&mut self) {
        if is_kept() {
            return;
        }
        // The rest goes with the namespace, after it has been told about if the scenario failed. What
        // cannot be removed is in nobody's way: it is about namespaces with this one's label.
        let selector = format!(
            "--selector=app.kubernetes.io/instance={}",
            self.system.name()
        );
        let delete = ["delete", CLUSTER_WIDE, &selector, "--wait=false"];
        let _ = self.system.cluster.api.run_kubectl(&delete);
    }
}

/// Whether no other installation serves the namespaces that this one will.
fn is_alone(cluster: &Cluster) -> Result<(), E2eError> {
    let path = "apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
    let selector = "?labelSelector=app.kubernetes.io/name=tokenpipe";
    let path = format!("{path}{selector}");
    let all = cluster.api.request(&Method::GET, &path, None)?;
    for configuration in all["items"].as_array().into_iter().flatten() {
        let name = configuration["metadata"]["name"]
            .as_str()
            .unwrap_or_default();
        let webhooks = configuration["webhooks"].as_array().into_iter().flatten();
        let mut labels = webhooks.map(|webhook| &webhook["namespaceSelector"]["matchLabels"]);
        if labels.any(|labels| labels.get(SELECTED).is_none()) {
            return Err(E2eError::Unexpected(format!(
                "tokenpipe is installed in this cluster ({name}) for the namespaces that this scenario \
                 installs it for: uninstall it, or `make cluster-down`, first"
            )));
        }
    }
    Ok(())
}

/// Has the node have the chart's images under the names that it has for them.
fn publish_images(cluster: &Cluster) -> Result<(), E2eError> {
    let Some(node) = cluster.own_node() else {
        let needed = "the chart's own names of images need a node of this machine";
        return Err(E2eError::Unexpected(needed.to_owned()));
    };
    node.publish_images(&[Image::Tokenpipe, Image::EnvExec, Image::Vault])?;
    Ok(())
}

/// What leads to the scenario's Vault and to images of the repository's state.
pub(super) fn build_values(
    cluster: &Cluster,
    vault: &Vault<'_>,
    asked: &Value,
) -> Result<Value, E2eError> {
    let agent = if asked["delivery"] == "agent-image" {
        Image::Agent
    } else {
        Image::Vault
    };
    Ok(json!({
        "vault": { "address": vault.address(), "ca": vault.authority() },
        "image": cluster.provide_chart_image(Image::Tokenpipe)?,
        "images": {
            "envExec": cluster.provide_image(Image::EnvExec)?,
            "agent": cluster.provide_image(agent)?,
            "pullPolicy": cluster.pull_policy(),
        },
    }))
}

/// As helm lays values over others; null stays, because helm knows what it means.
fn lay_over(values: &mut Value, over: &Value) {
    match (values, over) {
        (Value::Object(values), Value::Object(over)) => {
            for (key, value) in over {
                lay_over(values.entry(key).or_insert(Value::Null), value);
            }
        }
        (values, over) => *values = over.clone(),
    }
}
