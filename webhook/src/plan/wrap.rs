//! What changes in a wrapped container.

use contract::{Permissions, Restart, Settings, paths};
use serde::Serialize;

use super::access::Access;
use super::context::Context;
use super::limits::SettingsRoom;
use super::mounts::{AddedMount, WrapMounts};
use super::refusal::{Refusal, Refusals};
use super::restart::rule::RestartChange;
use super::surveyed::Surveyed;
use super::{expansion, restart, sources};
use crate::pod::Place;

/// The changes to one wrapped container.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Wrap {
    /// The container.
    pub container: String,
    /// Where it stands.
    #[serde(skip)]
    pub place: Place,
    /// Its whole command, with env-exec before the author's.
    pub command: Vec<String>,
    /// Values of the author's variables that must be written otherwise, by index in `env`.
    pub values: Vec<(usize, String)>,
    /// What env-exec is told.
    pub settings: Settings,
    /// Mounts to have.
    pub mounts: [AddedMount; 2],
    /// What changes in `restartPolicy` and `restartPolicyRules`.
    pub restart: RestartChange,
}

/// Wraps each selected container; `None` where one cannot be.
pub(super) fn wrap_all(
    context: &Context<'_>,
    access: &Access<'_>,
    restart: Restart,
    permissions: Permissions,
    wrong: &mut Refusals,
) -> Option<Vec<Wrap>> {
    let mut wrapping = Wrapping {
        context,
        access,
        restart,
        permissions,
        revoke: access.owns_token() && context.revokes(restart),
        settings_room: SettingsRoom::of_a_pod(),
        texts_room: expansion::Room::of_a_pod(),
    };
    let containers = context.wrapped.iter();
    let wraps: Vec<_> = containers
        .map(|surveyed| wrong.take(wrapping.wrap(surveyed)))
        .collect();
    wraps.into_iter().collect()
}

/// What all wrapped containers of a pod share.
struct Wrapping<'w> {
    context: &'w Context<'w>,
    access: &'w Access<'w>,
    restart: Restart,
    permissions: Permissions,
    revoke: bool,
    settings_room: SettingsRoom,
    texts_room: expansion::Room,
}

impl Wrapping<'_> {
    fn wrap(&mut self, surveyed: &Surveyed<'_, '_>) -> Result<Wrap, Refusal> {
        let restart = restart::change(self.context, surveyed, self.restart)?;
        let settings = self.settings(surveyed)?;
        self.settings_room.take(surveyed.name(), &settings)?;
        let command = [paths::ENV_EXEC, "--"].iter().chain(&surveyed.command);
        let rewritten = surveyed
            .variables
            .iter()
            .filter_map(|variable| Some((variable.index, variable.rewritten.clone()?)));
        let mounts = WrapMounts {
            container: surveyed.name(),
            token: self.access.token_volume(),
        };
        Ok(Wrap {
            container: surveyed.name().into(),
            place: surveyed.place,
            command: command.map(|word| (*word).to_owned()).collect(),
            values: rewritten.collect(),
            settings,
            mounts: mounts.to_mounts(),
            restart,
        })
    }

    fn settings(&mut self, surveyed: &Surveyed<'_, '_>) -> Result<Settings, Refusal> {
        let annotations = self.context.annotations;
        let (permissions, room) = (self.permissions, &mut self.texts_room);
        let sources = sources::sources(surveyed, annotations, permissions, room)?;
        let (access, restart, revoke) = (self.access, self.restart, self.revoke);
        let context = self.context;
        Ok(context.exec_settings(surveyed, access, restart, revoke, sources))
    }
}
