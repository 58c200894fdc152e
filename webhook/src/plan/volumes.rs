//! The volumes that are added.

use agent_config::ProjectedToken;
use contract::{names, paths};
use k8s_openapi::api::core::v1::{
    EmptyDirVolumeSource, ImageVolumeSource, ProjectedVolumeSource, SecretVolumeSource,
    ServiceAccountTokenProjection, Volume, VolumeProjection,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::access::{Access, AuthFiles};
use super::wrap::token_volume;
use crate::config::{Delivery, Images};

/// A configuration and a few tokens; tmpfs counts only what is used.
const MEMORY_LIMIT: &str = "1Mi";
/// env-exec is at most 5 MB, and is replaced by a rename.
const BIN_LIMIT: &str = "16Mi";

/// All volumes of an injected pod, in the order in which they are added.
pub(super) fn volumes(
    wrapped: &[&str],
    access: &Access<'_>,
    delivery: Delivery,
    images: &Images,
) -> Vec<Volume> {
    let mut volumes = vec![bin(delivery, images), memory(names::AGENT_VOLUME.into())];
    volumes.push(empty(
        names::NO_API_TOKEN_VOLUME.into(),
        Some("Memory"),
        MEMORY_LIMIT,
    ));
    volumes.extend(access.service_account_token().map(projected_token));
    if let Some(AuthFiles::Secret(name)) = &access.files {
        volumes.push(secret(name));
    }
    volumes.extend(
        wrapped
            .iter()
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

fn projected_token(token: &ProjectedToken) -> Volume {
    let token = ServiceAccountTokenProjection {
        audience: token.audience.clone(),
        expiration_seconds: i64::try_from(token.expiration_seconds).ok(),
        path: paths::AUTH_TOKEN_FILE.into(),
        ..ServiceAccountTokenProjection::default()
    };
    let source = VolumeProjection {
        service_account_token: Some(token),
        ..VolumeProjection::default()
    };
    Volume {
        name: names::AUTH_TOKEN_VOLUME.into(),
        projected: Some(ProjectedVolumeSource {
            sources: Some(vec![source]),
            ..ProjectedVolumeSource::default()
        }),
        ..Volume::default()
    }
}
