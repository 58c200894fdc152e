//! `$(NAME)` in arguments: kubelet expands it there too, and nothing turns a reference into its value.

use std::collections::{BTreeMap, BTreeSet};

use contract::{Permissions, Source};

use super::expand::variables;
use super::refusal::Refusal;
use super::surveyed::Surveyed;
use crate::excerpt::excerpt;

/// Rejects one that has a reference.
pub(super) fn check(surveyed: &Surveyed<'_, '_>) -> Result<(), Refusal> {
    let references: BTreeSet<_> = surveyed.references().collect();
    for (field, word) in words(surveyed) {
        if let Some(variable) = variables(word).find(|name| references.contains(name)) {
            return Err(Refusal::ReferenceInArguments {
                container: surveyed.name().to_owned(),
                field,
                variable: variable.to_owned(),
            });
        }
    }
    Ok(())
}

/// A warning for each that may have one which only kubelet sees.
pub(super) fn warnings(
    surveyed: &Surveyed<'_, '_>,
    hidden: &BTreeMap<&str, Source>,
    allow: Permissions,
) -> Vec<String> {
    // Of a name that `env` does not have, only `envFrom` is the author's.
    let is_env_from = allow.asked && !surveyed.container.env_from.is_empty();
    let mut named: BTreeSet<&str> = BTreeSet::new();
    if is_env_from {
        named.extend(
            surveyed
                .container
                .env()
                .iter()
                .map(|variable| variable.name.as_str()),
        );
    }
    let source = |name: &str| {
        let unnamed = is_env_from && !named.contains(name);
        hidden
            .get(name)
            .copied()
            .or_else(|| unnamed.then_some(Source::Unnamed))
    };
    let mut told = BTreeSet::new();
    let mut warnings = Vec::new();
    for (field, word) in words(surveyed) {
        for name in variables(word) {
            let Some(source) = source(name).filter(|_| told.insert((field, name))) else {
                continue;
            };
            warnings.push(format!(
                "container {}: $({}) in its {field} comes from {}, where a reference ends the \
                 start; let the program read it",
                surveyed.name(),
                excerpt(name),
                source.phrase()
            ));
        }
    }
    warnings
}

fn words<'s>(surveyed: &'s Surveyed<'_, '_>) -> impl Iterator<Item = (&'static str, &'s str)> {
    let command = surveyed.command.iter().map(|word| ("command", *word));
    let arguments = surveyed.container.args.iter();
    command.chain(arguments.map(|word| ("args", word.as_str())))
}
