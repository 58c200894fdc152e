//! Where the injected init containers stand.

use std::collections::BTreeSet;

use contract::names::ANNOTATION_PREFIX as P;

use super::access::Access;
use super::context::Context;
use super::identity::{self, Identity};
use super::neighbours;
use super::ours::is_ours;
use super::refusal::Refusal;
use super::surveyed::Surveyed;
use crate::annotations::InitPosition;
use crate::excerpt::excerpt;
use crate::pod::{Container, Place, PodView};

/// The annotation.
const KEY: &str = "init-position";

/// Where ours stand.
pub(super) struct Position {
    /// How many of the pod's other init containers come before them.
    pub(super) index: usize,
    /// What the author should know.
    pub(super) warnings: Vec<String>,
}

/// Chooses the position, or refuses the one that the author wants.
pub(super) fn choose(context: &Context<'_>, access: &Access<'_>) -> Result<Position, Refusal> {
    let inputs = Inputs {
        context,
        login: access.agent().map(|_| context.identity()),
    };
    let others = inputs.others();
    let latest = inputs.before_wrapped(&others);
    let mut warnings = Vec::new();
    let index = match context.annotations.init_position.as_ref() {
        None | Some(InitPosition::Auto) => inputs.auto(&others, latest),
        Some(InitPosition::First) => 0,
        Some(InitPosition::Last) => others.len(),
        Some(InitPosition::After(name)) => match find(&others, name) {
            Some(at) => at + 1,
            None if neighbours::may_bring_init(context.pod, name) => {
                warnings.push(format!(
                    "{P}{KEY}: the pod does not have init container {name} yet; the login moves behind \
                     it when a later webhook adds it"
                ));
                inputs.auto(&others, latest)
            }
            None => return Err(unknown(&others, name)),
        },
    };
    if index > latest {
        return Err(too_late(&others[latest].name));
    }
    warnings.extend(inputs.warn_of_readers(&others[..index]));
    Ok(Position { index, warnings })
}

/// What a position is chosen by.
struct Inputs<'i> {
    context: &'i Context<'i>,
    /// As whom the agent logs in, where one does.
    login: Option<Identity>,
}

impl<'i> Inputs<'i> {
    /// The init containers that are not ours.
    fn others(&self) -> Vec<&'i Container<'i>> {
        let init = self.context.pod.spec.init_containers.iter().enumerate();
        init.filter(|(index, container)| !is_ours(Place::Init(*index), &container.name))
            .map(|(_, container)| container)
            .collect()
    }

    /// The last place at which the login is early enough.
    fn before_wrapped(&self, others: &[&Container<'_>]) -> usize {
        let inits = self
            .context
            .wrapped
            .iter()
            .filter(|surveyed| is_init(surveyed));
        let inits: BTreeSet<_> = inits.map(|surveyed| surveyed.name()).collect();
        let is_wrapped = |container: &&Container<'_>| inits.contains(container.name.as_str());
        others.iter().position(is_wrapped).unwrap_or(others.len())
    }

    /// Where they stand is right as long as it is early enough: what another webhook put behind them (a
    /// mesh's init container, say) was meant to be there.
    fn auto(&self, others: &[&Container<'_>], latest: usize) -> usize {
        let before_readers = others[..latest]
            .iter()
            .position(|container| self.can_read_login(container))
            .unwrap_or(latest);
        current(self.context.pod)
            .filter(|at| *at <= before_readers)
            .unwrap_or(before_readers)
    }

    /// Whether this container runs while the agent logs in, and may read its files and memory by
    /// `/proc`: the vendor's agent lets every process of its UID do so.
    fn can_read_login(&self, container: &Container<'_>) -> bool {
        let spec = &self.context.pod.spec;
        let sees_processes =
            spec.share_process_namespace == Some(true) || spec.host_pid == Some(true);
        let is_sidecar = container
            .restart_policy
            .as_ref()
            .is_some_and(|policy| policy.as_str() == "Always");
        let uid = identity::uid(self.context.pod, container);
        self.login.is_some_and(|login| {
            // A UID that only the image or the platform knows may be the agent's.
            sees_processes
                && is_sidecar
                && login.uid.is_none_or(|own| uid.is_none_or(|uid| uid == own))
        })
    }

    fn warn_of_readers(&self, before: &[&Container<'_>]) -> Option<String> {
        let mut readers = before
            .iter()
            .filter(|container| self.can_read_login(container));
        let name = excerpt(&readers.next()?.name);
        Some(format!(
            "native sidecar {name} can read the login in /proc if it has the agent's UID; set \
             {P}{KEY} to first, or give it another runAsUser"
        ))
    }
}

fn find(others: &[&Container<'_>], name: &str) -> Option<usize> {
    others.iter().position(|other| other.name.as_str() == name)
}

fn unknown(others: &[&Container<'_>], name: &str) -> Refusal {
    let names: Vec<_> = others.iter().map(|other| other.name.as_str()).collect();
    Refusal::Combination {
        key: KEY,
        reason: format!(
            "names init container {name}, which the pod does not have: it has {}",
            if names.is_empty() {
                "none".into()
            } else {
                names.join(", ")
            }
        ),
    }
}

fn too_late(wrapped: &str) -> Refusal {
    Refusal::Combination {
        key: KEY,
        reason: format!(
            "puts the login behind init container {wrapped}, which needs its token; set it to auto \
             or first, or list {wrapped} in {P}skip-containers"
        ),
    }
}

fn is_init(surveyed: &Surveyed<'_, '_>) -> bool {
    matches!(surveyed.place, Place::Init(_))
}

/// Where an earlier admission put them.
fn current(pod: &PodView<'_>) -> Option<usize> {
    pod.spec
        .init_containers
        .iter()
        .enumerate()
        .position(|(index, container)| is_ours(Place::Init(index), &container.name))
}
