//! What a container's environment holds, as env-exec will see it.

mod variables;

use contract::names::SETTINGS_VARIABLE;
use contract::paths;
use templates::EnvValue;

use super::budget::Budget;
use super::expansion::Room;
use super::refusal::{Refusal, Refusals};
use super::taken::Taken;
use super::text::TextRules;
use crate::annotations::Annotations;
use crate::pod::{Container, EnvVar, Place, PodView, Text};

/// A container and what was found in it.
#[derive(Debug)]
pub(super) struct Surveyed<'p, 'a> {
    pub(super) place: Place,
    pub(super) container: &'p Container<'a>,
    /// The author's command: without what an earlier admission put before it.
    pub(super) command: Vec<&'p str>,
    /// The container's command begins with env-exec.
    pub(super) is_wrapped: bool,
    /// Variables with references or escapes.
    pub(super) variables: Vec<Variable<'p>>,
    /// Names of variables with references that are JSON, and so left as they are.
    pub(super) json: Vec<&'p str>,
}

/// A variable that env-exec will change.
#[derive(Debug)]
pub(super) struct Variable<'p> {
    /// Index in `env`.
    pub(super) index: usize,
    pub(super) name: &'p str,
    /// What env-exec reads, after kubelet's expansion; `None` where only kubelet knows.
    pub(super) value: Option<EnvValue>,
    /// The manifest's value in a form that survives kubelet's expansion, where it is another.
    pub(super) rewritten: Option<String>,
}

impl Variable<'_> {
    pub(super) fn has_reference(&self) -> bool {
        self.value
            .as_ref()
            .is_none_or(|value| value.references().next().is_some())
    }
}

impl<'p> Surveyed<'p, '_> {
    pub(super) fn name(&self) -> &str {
        &self.container.name
    }

    /// The one at this place in `env`.
    pub(super) fn variable(&self, index: usize) -> Option<&Variable<'p>> {
        let found = self.variables.binary_search_by_key(&index, |v| v.index);
        found.ok().map(|at| &self.variables[at])
    }

    /// The names of the variables with references.
    pub(super) fn references(&self) -> impl Iterator<Item = &str> {
        let variables = self.variables.iter();
        variables
            .filter(|variable| variable.has_reference())
            .map(|variable| variable.name)
    }

    /// A reference that can be seen in the manifest.
    pub(super) fn has_visible_reference(&self) -> bool {
        self.references().next().is_some()
    }

    /// Variables whose values only kubelet knows, and which may hold references.
    pub(super) fn has_hidden_values(&self, annotations: &Annotations) -> bool {
        let rules = TextRules::new(annotations);
        let from_object = |variable: &EnvVar<'_>| {
            variable.value_from.as_ref().is_some_and(|from| {
                from.config_map_key_ref.is_some() || from.secret_key_ref.is_some()
            }) && !rules.skip(&variable.name)
        };
        !self.container.env_from.is_empty() || self.container.env().iter().any(from_object)
    }
}

/// Looks at every container of the pod but our own. What is wrong with a variable is kept, so that all
/// of them are told; an error is only that the pod takes too much work.
pub(super) fn survey<'p, 'a>(
    pod: &'p PodView<'a>,
    rules: &TextRules<'_>,
    budget: &mut Budget,
    wrong: &mut Refusals,
) -> Result<Vec<Surveyed<'p, 'a>>, Refusal> {
    let mut room = Room::of_a_pod();
    pod.containers()
        .filter(|(place, container)| !super::is_ours(*place, &container.name))
        .map(|(place, container)| {
            let (command, is_wrapped) = unwrapped(container);
            let mut surveyed = Surveyed {
                place,
                container,
                command,
                is_wrapped,
                variables: Vec::new(),
                json: Vec::new(),
            };
            if may_hold_reference(container) {
                let found = variables::find(container, rules, &mut room, budget, wrong)?;
                surveyed.variables = found.variables;
                surveyed.json = found.json;
            }
            Ok(surveyed)
        })
        .collect()
}

/// The author's command, and whether env-exec stands before it.
fn unwrapped<'p>(container: &'p Container<'_>) -> (Vec<&'p str>, bool) {
    let command: Vec<_> = container.command.iter().map(Text::as_str).collect();
    match &command[..] {
        [paths::ENV_EXEC, "--", rest @ ..] => (rest.to_vec(), true),
        _ => (command, false),
    }
}

/// The variables with their places in `env`, without the settings of an earlier admission: their
/// texts may hold references, which env-exec does not look for there.
pub(super) fn author_variables<'p>(
    container: &'p Container<'_>,
) -> impl Iterator<Item = (usize, &'p EnvVar<'p>)> {
    let variables = container.env().iter().enumerate();
    variables.filter(|(_, variable)| variable.name.as_str() != SETTINGS_VARIABLE)
}

/// Which variables other values of the container take.
pub(super) fn taken<'p>(container: &'p Container<'_>) -> Taken<'p> {
    Taken::by(author_variables(container).filter_map(|(_, variable)| variable.value.as_deref()))
}

/// What most containers are not, decided without building anything. kubelet's expansion can put a
/// reference together, but not its scheme's name out of nothing.
fn may_hold_reference(container: &Container<'_>) -> bool {
    let holds = |part| {
        let holds = move |variable: &EnvVar<'_>| {
            variable.value.as_deref().is_some_and(|v| v.contains(part))
        };
        author_variables(container).any(|(_, variable)| holds(variable))
    };
    holds("vault:") || (holds("vault") && holds("$("))
}
