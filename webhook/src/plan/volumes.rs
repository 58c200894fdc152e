//! The volumes that are added.

use agent_config::ProjectedToken;
use contract::{names, paths};
use k8s_openapi::api::core::v1::{
    EmptyDirVolumeSource, ImageVolumeSource, PodCertificateProjection, ProjectedVolumeSource,
    SecretVolumeSource, ServiceAccountTokenProjection, Volume, VolumeProjection,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::access::{Access, AuthFiles};
use super::context::Context;
use super::mounts::token_volume;
use crate::config::{Delivery, Images};

/// A configuration and a few tokens; tmpfs counts only what is used.
const MEMORY_LIMIT: &str = "1Mi";
/// The key that kubelet makes for a pod's certificate: small, and known to every TLS library.
const CERTIFICATE_KEY: &str = "ECDSAP256";
/// The longest life of that certificate.
const CERTIFICATE_SECONDS: i32 = 24 * 60 * 60;
/// env-exec is at most 5 MB, and is replaced by a rename.
const BIN_LIMIT: &str = "16Mi";

/// All volumes of an injected pod, in the order in which they are added.
pub(super) fn volumes(
    context: &Context<'_>,
    access: &Access<'_>,
    delivery: Delivery,
) -> Vec<Volume> {
    let agent = access.agent();
    let mut volumes = vec![bin(delivery, &context.config.images)];
    volumes.extend(agent.map(|_| memory(names::AGENT_VOLUME.into())));
    if agent.is_some() || delivery != Delivery::ImageVolume {
        volumes.push(memory(names::NO_API_TOKEN_VOLUME.into()));
    }
    let Some(agent) = agent else {
        return volumes;
    };
    volumes.extend(agent.token.iter().map(|(token, _)| projected_token(token)));
    match &agent.files {
        Some(AuthFiles::Secret(name)) => volumes.push(secret(name)),
        Some(AuthFiles::PodCertificate(signer)) => volumes.push(pod_certificate(signer)),
        Some(AuthFiles::Volume { .. }) | None => {}
    }
    volumes.extend(agent.volumes.iter().cloned());
    volumes.extend(
        context
            .wrapped_names()
            .map(|container| memory(token_volume(container))),
    );
    volumes
}

fn bin(delivery: Delivery, images: &Images) -> Volume {
    if delivery != Delivery::ImageVolume {
        // Never tmpfs: its pages would stay charged to the pod for its whole life.
        return empty(names::BIN_VOLUME.into(), None, BIN_LIMIT);
    }
    Volume {
        name: names::BIN_VOLUME.into(),
        image: Some(ImageVolumeSource {
            reference: Some(images.env_exec.clone()),
            pull_policy: images.pull_policy.clone(),
        }),
        ..Volume::default()
    }
}

fn memory(name: String) -> Volume {
    empty(name, Some("Memory"), MEMORY_LIMIT)
}

fn empty(name: String, medium: Option<&str>, limit: &str) -> Volume {
    Volume {
        name,
        empty_dir: Some(EmptyDirVolumeSource {
            medium: medium.map(str::to_owned),
            size_limit: Some(Quantity(limit.into())),
            ..EmptyDirVolumeSource::default()
        }),
        ..Volume::default()
    }
}

fn secret(name: &str) -> Volume {
    Volume {
        name: names::AUTH_VOLUME.into(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(name.into()),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    }
}

/// Under the names that a Secret of type `kubernetes.io/tls` has.
fn pod_certificate(signer: &str) -> Volume {
    let certificate = PodCertificateProjection {
        signer_name: signer.into(),
        key_type: CERTIFICATE_KEY.into(),
        certificate_chain_path: Some("tls.crt".into()),
        key_path: Some("tls.key".into()),
        // The API server's default, which an earlier copy of the volume has.
        max_expiration_seconds: Some(CERTIFICATE_SECONDS),
        ..PodCertificateProjection::default()
    };
    projected(
        names::AUTH_VOLUME,
        VolumeProjection {
            pod_certificate: Some(certificate),
            ..VolumeProjection::default()
        },
    )
}

fn projected_token(token: &ProjectedToken) -> Volume {
    let token = ServiceAccountTokenProjection {
        audience: token.audience.clone(),
        expiration_seconds: i64::try_from(token.expiration_seconds).ok(),
        path: paths::AUTH_TOKEN_FILE.into(),
        ..ServiceAccountTokenProjection::default()
    };
    projected(
        names::AUTH_TOKEN_VOLUME,
        VolumeProjection {
            service_account_token: Some(token),
            ..VolumeProjection::default()
        },
    )
}

fn projected(name: &str, source: VolumeProjection) -> Volume {
    Volume {
        name: name.into(),
        projected: Some(ProjectedVolumeSource {
            sources: Some(vec![source]),
            ..ProjectedVolumeSource::default()
        }),
        ..Volume::default()
    }
}
