//! A container and what was found in it.

use contract::names::SETTINGS_VARIABLE;
use templates::EnvValue;

use super::taken::Taken;
use super::text::TextRules;
use crate::annotations::Annotations;
use crate::pod::{Container, EnvVar, Place};

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
    pub(super) fn name(&self) -> &'p str {
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
