//! Probes and hooks that would see references instead of values.
//!
//! kubelet runs their commands with the manifest's environment, beside the program and not below
//! env-exec.

use std::collections::BTreeMap;

use contract::Source;

use super::surveyed::Surveyed;
use crate::excerpt::excerpt;
use crate::pod::Handler;

/// A warning for each probe or hook whose command names a variable with a reference, or one of these,
/// which may have one that only kubelet sees.
pub(super) fn warnings(
    surveyed: &Surveyed<'_, '_>,
    hidden: &BTreeMap<&str, Source>,
) -> Vec<String> {
    let visible = surveyed.references().map(|name| (name, None));
    let hidden = hidden.iter().map(|(name, source)| (*name, Some(*source)));
    let variables: BTreeMap<_, _> = hidden.chain(visible).collect();
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
        .filter_map(|(what, handler)| Some((what, named_variable(handler?, &variables)?)))
        .map(|(what, (variable, source))| {
            let variable = excerpt(variable);
            let seen = match source {
                None => format!("sees the reference in {variable}"),
                Some(source) => format!("may see a reference in {variable} ({})", source.phrase()),
            };
            format!(
                "container {}: the command of its {what} {seen}, not the value; ask the program \
                 instead",
                container.name
            )
        })
        .collect()
}

fn named_variable<'s>(
    handler: &Handler<'_>,
    variables: &BTreeMap<&'s str, Option<Source>>,
) -> Option<(&'s str, Option<Source>)> {
    let command = &handler.exec.as_ref()?.command;
    command
        .iter()
        .flat_map(|word| used(word))
        .find_map(|name| variables.get_key_value(name))
        .map(|(name, source)| (*name, *source))
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
