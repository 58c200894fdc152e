//! The init containers that are added.

use std::collections::BTreeMap;

use contract::names::{self, SETTINGS_VARIABLE};
use contract::{Settings, paths};
use k8s_openapi::api::core::v1::{
    Capabilities, Container, EnvVar, ResourceRequirements, SeccompProfile, SecurityContext,
    VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::access::{Access, AuthFiles};
use super::identity::Identity;
use super::quality::Resources;
use super::wrap::token_volume;
use crate::config::{Delivery, Images, ResourceList};

/// What the containers are made of.
pub(super) struct Parts<'i> {
    pub(super) access: &'i Access<'i>,
    pub(super) delivery: Delivery,
    pub(super) images: &'i Images,
    pub(super) identity: Identity,
    pub(super) agent_resources: Resources,
    pub(super) prepare_resources: Resources,
    /// Names of the containers that get a token.
    pub(super) wrapped: Vec<&'i str>,
    /// [`settings_text`] of the agent container.
    pub(super) settings: String,
}

/// `tokenpipe-prepare`, where the delivery needs it, and `tokenpipe-agent`.
pub(super) fn containers(parts: &Parts<'_>) -> Vec<Container> {
    let prepare = (parts.delivery == Delivery::Copy).then(|| prepare(parts));
    prepare.into_iter().chain([agent(parts)]).collect()
}

fn prepare(parts: &Parts<'_>) -> Container {
    Container {
        // An image made from scratch: the program lies in its root.
        command: Some(words(&[paths::IMAGE_ENV_EXEC, "prepare"])),
        volume_mounts: Some(vec![
            mount(names::BIN_VOLUME, paths::BIN, false),
            mount(names::NO_API_TOKEN_VOLUME, paths::API_TOKEN, true),
        ]),
        ..container(
            names::PREPARE_CONTAINER,
            &parts.images.env_exec,
            parts,
            &parts.prepare_resources,
        )
    }
}

fn agent(parts: &Parts<'_>) -> Container {
    let env_exec = match parts.delivery {
        Delivery::Copy | Delivery::ImageVolume => paths::ENV_EXEC,
        Delivery::AgentImage => paths::AGENT_IMAGE_ENV_EXEC,
    };
    let program = parts.access.agent_program();
    let config = format!("-config={}", paths::AGENT_CONFIG);
    let variables = parts.access.variables();
    let env = [(SETTINGS_VARIABLE, parts.settings.as_str())]
        .into_iter()
        .chain(variables)
        .map(|(name, value)| variable(name, value));
    Container {
        command: Some(words(&[env_exec, "agent", "--", program, "agent", &config])),
        env: Some(env.collect()),
        volume_mounts: Some(agent_mounts(parts)),
        ..container(
            names::AGENT_CONTAINER,
            &parts.images.agent,
            parts,
            &parts.agent_resources,
        )
    }
}

fn agent_mounts(parts: &Parts<'_>) -> Vec<VolumeMount> {
    let installs = parts.delivery == Delivery::AgentImage;
    let mut mounts = vec![
        mount(names::BIN_VOLUME, paths::BIN, !installs),
        mount(names::AGENT_VOLUME, paths::AGENT, false),
        mount(names::NO_API_TOKEN_VOLUME, paths::API_TOKEN, true),
    ];
    if parts.access.service_account_token().is_some() {
        mounts.push(mount(names::AUTH_TOKEN_VOLUME, paths::AUTH_TOKEN, true));
    }
    mounts.extend(parts.access.files.as_ref().map(|files| match files {
        AuthFiles::Secret(_) => mount(names::AUTH_VOLUME, paths::AUTH, true),
        AuthFiles::Volume { name, .. } => mount(name, paths::AUTH, !parts.access.removes_files()),
    }));
    mounts.extend_from_slice(parts.access.cloud_mounts());
    mounts.extend(parts.wrapped.iter().map(|container| {
        mount(
            &token_volume(container),
            &format!("{}/{container}", paths::TOKENS),
            false,
        )
    }));
    mounts
}

/// What both have in common: all that Pod Security "restricted" asks for, and a read-only root.
fn container(name: &str, image: &str, parts: &Parts<'_>, resources: &Resources) -> Container {
    Container {
        name: name.into(),
        image: Some(image.into()),
        image_pull_policy: parts.images.pull_policy.clone(),
        resources: resource_requirements(resources),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities {
                drop: Some(vec!["ALL".into()]),
                ..Capabilities::default()
            }),
            read_only_root_filesystem: Some(true),
            run_as_non_root: Some(true),
            run_as_user: parts.identity.uid,
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".into(),
                ..SeccompProfile::default()
            }),
            ..SecurityContext::default()
        }),
        // What the agent printed last, should env-exec end without a message of its own.
        termination_message_policy: Some("FallbackToLogsOnError".into()),
        ..Container::default()
    }
}

/// The settings variable's value as a manifest has it: kubelet makes one dollar of two.
pub(crate) fn settings_text(settings: &Settings) -> String {
    settings_json(settings).replace('$', "$$")
}

/// The settings variable's value as env-exec has it.
#[expect(
    clippy::expect_used,
    reason = "all keys are strings, and nothing in it can fail"
)]
pub(super) fn settings_json(settings: &Settings) -> String {
    serde_json::to_string(settings).expect("settings are JSON")
}

fn resource_requirements(resources: &Resources) -> Option<ResourceRequirements> {
    let list = |list: &ResourceList| {
        let quantities: BTreeMap<_, _> = list
            .iter()
            .map(|(name, quantity)| (name.clone(), Quantity(quantity.clone())))
            .collect();
        (!quantities.is_empty()).then_some(quantities)
    };
    let (requests, limits) = (list(&resources.requests), list(&resources.limits));
    (requests.is_some() || limits.is_some()).then(|| ResourceRequirements {
        requests,
        limits,
        ..ResourceRequirements::default()
    })
}

fn variable(name: &str, value: &str) -> EnvVar {
    EnvVar {
        name: name.into(),
        value: Some(value.into()),
        ..EnvVar::default()
    }
}

fn mount(name: &str, path: &str, read_only: bool) -> VolumeMount {
    VolumeMount {
        name: name.into(),
        mount_path: path.into(),
        read_only: read_only.then_some(true),
        ..VolumeMount::default()
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
