//! The init containers that are added.

use std::collections::BTreeMap;

use contract::names::{self, SETTINGS_VARIABLE};
use contract::paths;
use k8s_openapi::api::core::v1::{
    Capabilities, Container, EnvVar, ResourceRequirements, SeccompProfile, SecurityContext,
    VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::access::{Access, Agent, AuthFiles, TokenMount};
use super::context::Context;
use super::identity::Identity;
use super::limits::SettingsRoom;
use super::mounts::token_volume;
use super::qos_class::{self, Resources};
use super::refusal::Refusal;
use super::settings_text::settings_text;
use crate::config::{Delivery, Images, ResourceList};

/// `tokenpipe-prepare`, where the delivery needs it, and `tokenpipe-agent`, where somebody logs in.
pub(super) fn containers(
    context: &Context<'_>,
    access: &Access<'_>,
    delivery: Delivery,
) -> Result<Vec<Container>, Refusal> {
    let (agent_resources, prepare_resources) = qos_class::resources(
        context.pod,
        context.wrapped[0].container,
        &context.config.resources,
    );
    let parts = Parts {
        context,
        delivery,
        images: &context.config.images,
        identity: context.identity(),
        agent_resources,
        prepare_resources,
    };
    let agent = access
        .agent()
        .map(|agent| AgentParts::new(agent, context, access, delivery))
        .transpose()?;
    let prepare = match (delivery, &agent) {
        // An image made from scratch: the program lies in its root.
        (Delivery::Copy, _) => Some((paths::IMAGE_ENV_EXEC, &parts.images.env_exec)),
        // The agent's container would have brought it.
        (Delivery::AgentImage, None) => Some((paths::AGENT_IMAGE_ENV_EXEC, &parts.images.agent)),
        (Delivery::AgentImage, Some(_)) | (Delivery::ImageVolume, _) => None,
    };
    let prepare = prepare.map(|(program, image)| prepare_from(program, image, &parts));
    let agent = agent.map(|agent| agent_of(&agent, &parts));
    Ok(prepare.into_iter().chain(agent).collect())
}

/// What both containers are made of.
struct Parts<'i> {
    context: &'i Context<'i>,
    delivery: Delivery,
    images: &'i Images,
    identity: Identity,
    agent_resources: Resources,
    prepare_resources: Resources,
}

/// What the agent's container is made of.
struct AgentParts<'i> {
    agent: &'i Agent,
    /// The agent's program in its image.
    program: &'static str,
    /// [`settings_text`] of the agent container.
    settings: String,
}

impl<'i> AgentParts<'i> {
    fn new(
        agent: &'i Agent,
        context: &Context<'_>,
        access: &Access<'_>,
        delivery: Delivery,
    ) -> Result<Self, Refusal> {
        let settings = context.agent_settings(agent, access, delivery);
        SettingsRoom::of_a_pod().take(names::AGENT_CONTAINER, &settings)?;
        Ok(Self {
            agent,
            program: access.agent_program(),
            settings: settings_text(&settings),
        })
    }
}

fn prepare_from(program: &str, image: &str, parts: &Parts<'_>) -> Container {
    Container {
        command: Some(words(&[program, "prepare"])),
        volume_mounts: Some(vec![
            mount(names::BIN_VOLUME, paths::BIN, false),
            mount(names::NO_API_TOKEN_VOLUME, paths::API_TOKEN, true),
        ]),
        ..container(
            names::PREPARE_CONTAINER,
            image,
            parts,
            &parts.prepare_resources,
        )
    }
}

fn agent_of(own: &AgentParts<'_>, parts: &Parts<'_>) -> Container {
    let env_exec = match parts.delivery {
        Delivery::Copy | Delivery::ImageVolume => paths::ENV_EXEC,
        Delivery::AgentImage => paths::AGENT_IMAGE_ENV_EXEC,
    };
    let command = words(&[env_exec, "agent", "--", own.program, "agent"]);
    let variables = own.agent.variables.iter();
    let env = [variable(SETTINGS_VARIABLE, &own.settings)]
        .into_iter()
        .chain(variables.map(|(name, value)| variable(name, value)));
    Container {
        command: Some([command, own.agent.arguments.clone()].concat()),
        env: Some(env.collect()),
        volume_mounts: Some(agent_mounts(own, parts)),
        ..container(
            names::AGENT_CONTAINER,
            &parts.images.agent,
            parts,
            &parts.agent_resources,
        )
    }
}

fn agent_mounts(own: &AgentParts<'_>, parts: &Parts<'_>) -> Vec<VolumeMount> {
    let (agent, installs) = (own.agent, parts.delivery == Delivery::AgentImage);
    let mut mounts = vec![
        mount(names::BIN_VOLUME, paths::BIN, !installs),
        mount(names::AGENT_VOLUME, paths::AGENT, false),
    ];
    let token = agent.token.as_ref().map(|(_, place)| *place);
    if token != Some(TokenMount::Conventional) {
        mounts.push(mount(names::NO_API_TOKEN_VOLUME, paths::API_TOKEN, true));
    }
    mounts.extend(token.map(|place| mount(names::AUTH_TOKEN_VOLUME, place.path(), true)));
    mounts.extend(agent.files.as_ref().map(|files| match files {
        AuthFiles::Secret(_) | AuthFiles::PodCertificate(_) => {
            mount(names::AUTH_VOLUME, paths::AUTH, true)
        }
        AuthFiles::Volume { name, .. } => mount(name, paths::AUTH, !agent.removes_files),
    }));
    mounts.extend_from_slice(&agent.mounts);
    mounts.extend(parts.context.wrapped_names().map(|container| {
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
