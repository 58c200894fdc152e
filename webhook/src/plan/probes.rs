//! Probes and hooks that would see references instead of values.
//!
//! kubelet runs their commands with the manifest's environment, beside the program and not below
//! env-exec.

use super::survey::{Surveyed, Variable};
use crate::pod::{Handler, Text};

/// A warning for each probe or hook whose command names a variable with a reference.
pub(super) fn warnings(surveyed: &Surveyed<'_, '_>) -> Vec<String> {
    let container = surveyed.container;
    let lifecycle = container.lifecycle.as_ref();
    let handlers = [
        ("livenessProbe", container.liveness_probe.as_ref()),
        ("readinessProbe", container.readiness_probe.as_ref()),
        ("startupProbe", container.startup_probe.as_ref()),
        (
            "postStart hook",
            lifecycle.and_then(|lifecycle| lifecycle.post_start.as_ref()),
        ),
        (
            "preStop hook",
            lifecycle.and_then(|lifecycle| lifecycle.pre_stop.as_ref()),
        ),
    ];
    handlers
        .into_iter()
        .filter_map(|(what, handler)| Some((what, named_variable(handler?, surveyed)?)))
        .map(|(what, variable)| {
            format!(
                "container {}: the command of its {what} uses {variable}, but probes and hooks \
                 see the reference, not the value",
                container.name
            )
        })
        .collect()
}

fn named_variable<'s>(handler: &Handler<'_>, surveyed: &'s Surveyed<'_, '_>) -> Option<&'s str> {
    let command = &handler.exec.as_ref()?.command;
    surveyed
        .variables
        .iter()
        .filter(|variable| variable.has_reference())
        .map(|Variable { name, .. }| *name)
        .find(|name| command.iter().any(|word| uses(word, name)))
}

/// `$NAME` or `${NAME…}` as a shell reads it, or `$(NAME)` as kubelet does.
fn uses(word: &Text<'_>, name: &str) -> bool {
    word.match_indices('$').any(|(at, _)| {
        let rest = &word[at + 1..];
        let rest = rest.strip_prefix(['{', '(']).unwrap_or(rest);
        rest.strip_prefix(name).is_some_and(|behind| {
            !behind.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        })
    })
}
