//! Probes and hooks that would see references instead of values.
//!
//! kubelet runs their commands with the manifest's environment, beside the program and not below
//! env-exec.

use std::collections::BTreeSet;

use super::survey::Surveyed;
use crate::pod::Handler;

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
    let references: BTreeSet<_> = surveyed.references().collect();
    command
        .iter()
        .flat_map(|word| used(word))
        .find_map(|name| references.get(name).copied())
}

/// What may be names in a text: behind `$`, `${` and `$(`, as a shell and kubelet read them. A
/// shell's ends before a dot or a dash, kubelet's does not.
fn used(word: &str) -> impl Iterator<Item = &str> {
    word.split('$').skip(1).flat_map(|rest| {
        let rest = rest.strip_prefix(['{', '(']).unwrap_or(rest);
        ["", ".-"].map(|more| {
            let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || more.contains(c);
            let end = rest.find(|c| !is_of_a_name(c)).unwrap_or(rest.len());
            &rest[..end]
        })
    })
}
