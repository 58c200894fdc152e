//! What env-exec is told in its variable, in a wrapped container and in the agent's.

use contract::names::ANNOTATION_PREFIX;
use contract::{AgentSettings, ExecSettings, Restart, Settings, Sources, paths, settings::Transit};
use templates::Reference;

use super::access::{Access, Agent};
use super::context::Context;
use super::refusal::Refusal;
use super::surveyed::Surveyed;
use crate::annotations::{Annotations, Revoke};
use crate::config::Delivery;

/// Keys of no path are a mistake of the author's.
pub(super) fn check_from_path_keys(annotations: &Annotations) -> Result<(), Refusal> {
    if annotations.from_path_keys.is_some() && annotations.from_path.is_none() {
        return Err(Refusal::Combination {
            key: "from-path-keys",
            reason: format!("is about keys of {ANNOTATION_PREFIX}from-path; set that too"),
        });
    }
    Ok(())
}

impl Context<'_> {
    /// A token that nobody can need any more: one container, which asks for no token of its own
    /// and keeps none.
    pub(super) fn revokes(&self, restart: Restart) -> bool {
        let wants_token = |surveyed: &&Surveyed<'_, '_>| {
            surveyed.variables.iter().any(|variable| {
                variable.value.as_ref().is_none_or(|value| {
                    value
                        .references()
                        .any(|reference| *reference == Reference::Login)
                })
            })
        };
        self.annotations.revoke != Some(Revoke::Never)
            && restart != Restart::Retain
            && self.wrapped.len() == 1
            && !self.wrapped.iter().any(wants_token)
    }

    pub(super) fn exec_settings(
        &self,
        surveyed: &Surveyed<'_, '_>,
        access: &Access<'_>,
        restart: Restart,
        revoke: bool,
        sources: Sources,
    ) -> Settings {
        let annotations = self.annotations;
        let transit_path = annotations.transit_path.as_ref();
        Settings::Exec(ExecSettings {
            vault: access.settings(),
            token_volume: paths::TOKEN.into(),
            token_file: access.token_file().map(|from| from.file.clone()),
            wrapped_by: access.agent().and_then(|agent| agent.wrapped_by.clone()),
            restart,
            sources,
            from_path: annotations
                .from_path
                .iter()
                .flatten()
                .map(ToString::to_string)
                .collect(),
            from_path_keys: annotations
                .from_path_keys
                .as_ref()
                .map(|keys| keys.0.clone())
                .unwrap_or_default(),
            ignore_missing: annotations.ignore_missing.unwrap_or_default(),
            transit: annotations.transit_key.as_ref().map(|key| Transit {
                path: transit_path
                    .map_or("transit", |path| path.as_str())
                    .to_owned(),
                key: key.as_str().to_owned(),
            }),
            min_lease_seconds: annotations.min_lease.map(|seconds| seconds.0),
            revoke,
            deadline_seconds: self.config.defaults.exec_deadline_seconds,
            termination_message: surveyed
                .container
                .termination_message_path
                .as_deref()
                .unwrap_or(paths::TERMINATION_MESSAGE)
                .to_owned(),
            log: self.config.defaults.log,
        })
    }

    pub(super) fn agent_settings(
        &self,
        agent: &Agent,
        access: &Access<'_>,
        delivery: Delivery,
    ) -> Settings {
        Settings::Agent(AgentSettings {
            vault: access.settings(),
            config: agent.config.clone(),
            sink: agent.sink.clone(),
            containers: self.wrapped_names().map(str::to_owned).collect(),
            same_uid: self.identity().is_common,
            deadline_seconds: self.config.defaults.login_deadline_seconds,
            install: delivery == Delivery::AgentImage,
            log: self.config.defaults.log,
        })
    }
}
