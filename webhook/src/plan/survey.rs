//! What a container's environment holds, as env-exec will see it.

use std::collections::{BTreeMap, BTreeSet};

use contract::names::SETTINGS_VARIABLE;
use contract::paths;
use templates::reference::starts_reference;
use templates::{
    EnvValue, Part, Reference, ReferenceError, SecretReference, Selector, Template, TemplateError,
};

use super::budget::Budget;
use super::expand::{Meaning, pieces, variables as variables_of};
use super::expansion::{Expansion, Room, TooLong, check, push};
use super::refusal::{Refusal, Refusals};
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

impl Surveyed<'_, '_> {
    pub(super) fn name(&self) -> &str {
        &self.container.name
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

    /// Variables whose values only kubelet knows.
    pub(super) fn has_hidden_values(&self) -> bool {
        let from_object = |variable: &EnvVar<'_>| {
            variable.value_from.as_ref().is_some_and(|from| {
                from.config_map_key_ref.is_some() || from.secret_key_ref.is_some()
            })
        };
        !self.container.env_from.is_empty() || self.container.env().iter().any(from_object)
    }
}

/// Looks at every container of the pod but our own. What is wrong with a variable is kept, so that all
/// of them are told; an error is only that the pod takes too much work.
pub(super) fn survey<'p, 'a>(
    pod: &'p PodView<'a>,
    budget: &mut Budget,
    wrong: &mut Refusals,
) -> Result<Vec<Surveyed<'p, 'a>>, Refusal> {
    let mut room = Room::of_a_pod();
    pod.containers()
        .filter(|(place, container)| !super::is_ours(*place, &container.name))
        .map(|(place, container)| {
            let (command, is_wrapped) = unwrapped(container);
            let variables = variables(container, &mut room, budget, wrong)?;
            Ok(Surveyed {
                place,
                container,
                command,
                is_wrapped,
                variables,
            })
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
fn author_variables<'p>(
    container: &'p Container<'_>,
) -> impl Iterator<Item = (usize, &'p EnvVar<'p>)> {
    let variables = container.env().iter().enumerate();
    variables.filter(|(_, variable)| variable.name.as_str() != SETTINGS_VARIABLE)
}

fn variables<'p>(
    container: &'p Container<'_>,
    room: &mut Room,
    budget: &mut Budget,
    wrong: &mut Refusals,
) -> Result<Vec<Variable<'p>>, Refusal> {
    // What most containers are, decided without building anything. kubelet's expansion can put a
    // reference together, but not its scheme's name out of nothing.
    let holds = |part| {
        let holds = move |variable: &EnvVar<'_>| {
            variable.value.as_deref().is_some_and(|v| v.contains(part))
        };
        author_variables(container).any(|(_, variable)| holds(variable))
    };
    let is_put_together = || holds("vault") && holds("$(");
    if !holds("vault:") && !is_put_together() {
        return Ok(Vec::new());
    }
    let mut found: Vec<Variable<'p>> = Vec::new();
    // Where a name is given twice, the later one counts for what comes behind it.
    let mut places = BTreeMap::new();
    let mut known = Expansion::default();
    for (index, variable) in author_variables(container) {
        let name = variable.name.as_str();
        if variable.hidden().is_some() {
            places.remove(name);
            known.forget(name);
            continue;
        }
        let raw = variable.value.as_deref().unwrap_or_default();
        let source = |name: &str| places.get(name).and_then(|place: &usize| found.get(*place));
        // What is wrong here is told beside what is wrong elsewhere; its text is taken as it is.
        let rewritten = wrong
            .take(rewrite(raw, source, container, name, room))
            .flatten();
        let expanded = match &rewritten {
            None => known.expand(raw, room),
            Some(text) => known.expand(text, room).map(|v| v.into_owned().into()),
        };
        let expanded = expanded.map_err(|error| too_long(container, name, error))?;
        budget.charge_value(&expanded)?;
        // With a reference that cannot be read it has one, which is all that others need to know.
        let value = wrong.take(parse(container, name, &expanded)).flatten();
        known.set(name, expanded);
        places.remove(name);
        if value.as_ref() != Some(&EnvValue::Plain) {
            places.insert(name, found.len());
            found.push(Variable {
                index,
                name,
                value,
                rewritten,
            });
        }
    }
    Ok(found)
}

/// The value, or `None` where it depends on what only kubelet knows.
fn parse(
    container: &Container<'_>,
    name: &str,
    expanded: &str,
) -> Result<Option<EnvValue>, Refusal> {
    let refused = |reason: &str| Err(Refusal::reference(container, name, reason));
    match EnvValue::parse(expanded) {
        Ok(EnvValue::Direct(Reference::Login)) if name != "VAULT_TOKEN" => {
            refused(&ReferenceError::Login.to_string())
        }
        Ok(value) => match bad_template(&value) {
            Some(error) => refused(&error.to_string()),
            None => Ok(Some(value)),
        },
        Err(_) if expanded.contains("$(") => Ok(None),
        Err(error) => refused(&templates::explain(&error)),
    }
}

/// A template that cannot be parsed is told now, not when the container starts.
fn bad_template(value: &EnvValue) -> Option<TemplateError> {
    value.references().find_map(|reference| match reference {
        Reference::Secret(SecretReference {
            selector: Selector::Template(source),
            ..
        }) => Template::parse(source).err(),
        _ => None,
    })
}

/// kubelet would put the text of a direct reference into the middle of another value, where it is
/// no reference any more. The inline form is one there.
fn rewrite<'f, 'p: 'f>(
    raw: &str,
    source: impl Fn(&str) -> Option<&'f Variable<'p>>,
    container: &Container<'_>,
    name: &str,
    room: &mut Room,
) -> Result<Option<String>, Refusal> {
    let refused = |error| too_long(container, name, error);
    if !raw.contains("$(") {
        return Ok(None);
    }
    check(raw).map_err(refused)?;
    let pieces = pieces(raw);
    if pieces.len() == 1 {
        return Ok(None);
    }
    let mut text = String::new();
    let mut is_changed = false;
    for (position, piece) in pieces.into_iter().enumerate() {
        let source = match piece.meaning {
            Meaning::Text(_) => None,
            Meaning::Variable(name) => source(name),
        };
        let inserted = match source {
            None => None,
            Some(source) => inserted(container, source, position)?,
        };
        is_changed |= inserted.is_some();
        push(&mut text, inserted.as_deref().unwrap_or(piece.raw)).map_err(refused)?;
    }
    if !is_changed {
        return Ok(None);
    }
    room.take(text.len()).map_err(refused)?;
    Ok(Some(text))
}

fn too_long(container: &Container<'_>, name: &str, error: TooLong) -> Refusal {
    Refusal::reference(container, name, &error.to_string())
}

/// What to write instead of `$(source)` inside a text, where that must be something else.
fn inserted(
    container: &Container<'_>,
    source: &Variable<'_>,
    position: usize,
) -> Result<Option<String>, Refusal> {
    let raw = container.env()[source.index]
        .value
        .as_deref()
        .unwrap_or_default();
    match &source.value {
        Some(EnvValue::Direct(Reference::Login)) => Err(Refusal::LoginInText {
            container: container.name.to_string(),
        }),
        Some(EnvValue::Direct(_)) => Ok(Some(format!("${{{raw}}}"))),
        Some(EnvValue::Text(parts)) if position > 0 && is_escaped(parts) => {
            Ok(raw.strip_prefix('\\').map(str::to_owned))
        }
        _ => Ok(None),
    }
}

/// An escaped direct reference: nothing but text.
fn is_escaped(parts: &[Part]) -> bool {
    matches!(parts, [Part::Text(text)] if starts_reference(text))
}

/// kubelet expands `$(NAME)` in arguments too, and there nothing turns a reference into its value.
pub(super) fn check_arguments(surveyed: &Surveyed<'_, '_>) -> Result<(), Refusal> {
    let command = surveyed.command.iter().map(|word| ("command", *word));
    let arguments = surveyed
        .container
        .args
        .iter()
        .map(|word| ("args", word.as_str()));
    let references: BTreeSet<_> = surveyed.references().collect();
    let is_reference = |name: &&str| references.contains(name);
    for (field, word) in command.chain(arguments) {
        if let Some(variable) = variables_of(word).find(is_reference) {
            return Err(Refusal::ReferenceInArguments {
                container: surveyed.name().to_owned(),
                field,
                variable: variable.to_owned(),
            });
        }
    }
    Ok(())
}
