//! The authorities in our own webhook configuration, by which the API server knows us.

use anyhow::Context;
use k8s_openapi::api::admissionregistration::v1::MutatingWebhookConfiguration;
use kube::api::{Api, Patch, PatchParams};
use kube::{Client, ResourceExt};
use serde_json::{Value, json};

use crate::serve::api::{self, is_conflict};

use super::secret::FIELD_MANAGER;

/// Our webhook configuration.
pub(super) struct Publisher {
    configurations: Api<MutatingWebhookConfiguration>,
    name: String,
}

impl Publisher {
    pub(super) fn new(client: &Client, name: &str) -> Self {
        Self {
            configurations: Api::all(client.clone()),
            name: name.to_owned(),
        }
    }

    pub(super) async fn read(&self) -> anyhow::Result<MutatingWebhookConfiguration> {
        api::told(self.configurations.get(&self.name).await)
            .with_context(|| format!("MutatingWebhookConfiguration {} cannot be read", self.name))
    }

    /// Has the bundle in every webhook of the configuration; `false` where somebody else has
    /// changed the configuration since it was read.
    pub(super) async fn publish(
        &self,
        configuration: &MutatingWebhookConfiguration,
        bundle: &[u8],
    ) -> anyhow::Result<bool> {
        let Some(patch) = patch(configuration, bundle) else {
            return Ok(true);
        };
        anyhow::ensure!(
            !bundle.is_empty(),
            "the Secret has no ca.crt with a certificate in it"
        );
        let parameters = PatchParams {
            field_manager: Some(FIELD_MANAGER.into()),
            ..PatchParams::default()
        };
        let patched = self
            .configurations
            .patch(&self.name, &parameters, &Patch::Strategic(patch))
            .await;
        if is_conflict(&patched) {
            return Ok(false);
        }
        api::told(patched).with_context(|| {
            format!(
                "MutatingWebhookConfiguration {} cannot be changed",
                self.name
            )
        })?;
        tracing::info!(configuration = self.name, "caBundle written");
        Ok(true)
    }
}

/// The change, if there is one to be made. The resource version makes the API server refuse it
/// where the object is not the one that was read; `name` is the list's key.
fn patch(configuration: &MutatingWebhookConfiguration, bundle: &[u8]) -> Option<Value> {
    let webhooks = configuration.webhooks.as_deref().unwrap_or_default();
    let others: Vec<_> = webhooks
        .iter()
        .filter(|webhook| {
            let current = webhook.client_config.ca_bundle.as_ref();
            current.is_none_or(|current| current.0 != bundle)
        })
        .map(|webhook| {
            let bundle = k8s_openapi::ByteString(bundle.to_vec());
            json!({ "name": webhook.name, "clientConfig": { "caBundle": bundle } })
        })
        .collect();
    (!others.is_empty()).then(|| {
        json!({
            "metadata": { "resourceVersion": configuration.resource_version() },
            "webhooks": others,
        })
    })
}
