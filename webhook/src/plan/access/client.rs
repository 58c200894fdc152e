//! The Secret with the TLS client certificate that the connection's Vault wants to see.
//!
//! Only the agent's container mounts it. The others get the certificate as they get the token, because a
//! mounted Secret cannot be removed before the program starts.

use contract::{names, paths};
use k8s_openapi::api::core::v1::{SecretVolumeSource, Volume, VolumeMount};

use super::agent::Agent;
use super::token_file;
use crate::config::VaultConnection;
use crate::plan::refusal::Refusal;

/// Has the agent's container mount it, where there is one. All keys of the Secret: kubelet would
/// leave a pod hanging for one that is asked for and missing, and env-exec says so.
pub(super) fn mount(agent: &mut Agent, connection: &VaultConnection) {
    let Some(secret) = &connection.client_cert_secret else {
        return;
    };
    agent.volumes.push(Volume {
        name: names::CLIENT_VOLUME.into(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(secret.clone()),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    });
    agent.mounts.push(VolumeMount {
        name: names::CLIENT_VOLUME.into(),
        mount_path: paths::CLIENT.into(),
        read_only: Some(true),
        ..VolumeMount::default()
    });
}

/// Refuses such a connection where there is no agent's container: no other mounts a credential.
pub(super) fn check_none(name: &str, connection: &VaultConnection) -> Result<(), Refusal> {
    if connection.client_cert_secret.is_none() {
        return Ok(());
    }
    Err(Refusal::Combination {
        key: token_file::KEY,
        reason: format!(
            "cannot be used with connection {name}, whose Vault requires a TLS client certificate; \
             log in with an auth method, or choose another connection"
        ),
    })
}
