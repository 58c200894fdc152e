//! What a container's environment holds, as env-exec will see it.

mod variables;

use contract::paths;

use super::budget::Budget;
use super::expansion::Room;
use super::ours::is_ours;
use super::refusal::{Refusal, Refusals};
use super::surveyed::{Surveyed, author_variables};
use super::text::TextRules;
use crate::pod::{Container, EnvVar, PodView, Text};

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
        .filter(|(place, container)| !is_ours(*place, &container.name))
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
