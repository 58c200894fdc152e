//! Which containers are wrapped.

use std::collections::BTreeSet;

use contract::names::ANNOTATION_PREFIX;
use contract::nearest;

use super::neighbours;
use super::refusal::Refusal;
use super::survey::Surveyed;
use crate::annotations::{Annotations, Names, STATUS};
use crate::pod::{Place, PodView};

/// The outcome: containers to wrap, and warnings about those that perhaps should be.
pub(super) struct Selection<'s, 'p, 'a> {
    pub(super) containers: Vec<&'s Surveyed<'p, 'a>>,
    pub(super) warnings: Vec<String>,
}

/// Decides by the annotations and by what the containers hold.
pub(super) fn select<'s, 'p, 'a>(
    pod: &PodView<'_>,
    surveyed: &'s [Surveyed<'p, 'a>],
    annotations: &Annotations,
) -> Result<Selection<'s, 'p, 'a>, Refusal> {
    check_names("containers", annotations.containers.as_ref(), surveyed)?;
    check_names(
        "skip-containers",
        annotations.skip_containers.as_ref(),
        surveyed,
    )?;
    if let Some(name) = listed_twice(annotations) {
        return Err(Refusal::ListedTwice { name });
    }
    let mut selection = Selection {
        containers: Vec::new(),
        warnings: Vec::new(),
    };
    for container in surveyed {
        match reason(pod, container, annotations)? {
            Some(reason) => selection.take(container, reason)?,
            None if container.has_visible_reference() => selection.warnings.push(format!(
                "container {} is in skip-containers and will see its references as they are",
                container.name()
            )),
            None => {}
        }
    }
    Ok(selection)
}

/// Why a container is wrapped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    VisibleReference,
    Listed,
    FromPath,
    /// It only might need it.
    HiddenValues,
}

fn reason(
    pod: &PodView<'_>,
    container: &Surveyed<'_, '_>,
    annotations: &Annotations,
) -> Result<Option<Reason>, Refusal> {
    if lists(annotations.skip_containers.as_ref(), container) {
        return Ok(None);
    }
    if annotations.containers.is_some() {
        return match lists(annotations.containers.as_ref(), container) {
            true => Ok(Some(Reason::Listed)),
            false if container.has_visible_reference() => Err(Refusal::NotListed {
                container: container.name().into(),
            }),
            false => Ok(None),
        };
    }
    let is_app = matches!(container.place, Place::App(_));
    Ok(if container.has_visible_reference() {
        Some(Reason::VisibleReference)
    } else if neighbours::added(pod, container.container) {
        None
    } else if annotations.from_path.is_some() && is_app {
        Some(Reason::FromPath)
    } else if annotations.inject == Some(true) && container.has_hidden_values() {
        Some(Reason::HiddenValues)
    } else {
        None
    })
}

impl<'s, 'p, 'a> Selection<'s, 'p, 'a> {
    fn take(&mut self, container: &'s Surveyed<'p, 'a>, reason: Reason) -> Result<(), Refusal> {
        if !container.command.is_empty() {
            self.containers.push(container);
            return Ok(());
        }
        let why = match reason {
            Reason::VisibleReference => "has a reference",
            Reason::Listed => "is listed in tokenpipe.dev/containers",
            Reason::FromPath => {
                "is to get the variables of tokenpipe.dev/from-path (name it in \
                 tokenpipe.dev/skip-containers if it is not)"
            }
            Reason::HiddenValues => {
                self.warnings.push(format!(
                    "container {} has values from ConfigMaps or Secrets but no command, so it is \
                     not wrapped: references in them would stay unresolved",
                    container.name()
                ));
                return Ok(());
            }
        };
        Err(Refusal::NoCommand {
            container: container.name().into(),
            image: container
                .container
                .image
                .as_deref()
                .unwrap_or("(none)")
                .into(),
            why,
        })
    }
}

fn lists(names: Option<&Names>, container: &Surveyed<'_, '_>) -> bool {
    names.is_some_and(|names| names.0.contains(container.name()))
}

fn listed_twice(annotations: &Annotations) -> Option<String> {
    let (listed, skipped) = (
        annotations.containers.as_ref()?,
        annotations.skip_containers.as_ref()?,
    );
    listed.0.intersection(&skipped.0).next().cloned()
}

fn check_names(
    key: &'static str,
    names: Option<&Names>,
    surveyed: &[Surveyed<'_, '_>],
) -> Result<(), Refusal> {
    let Some(names) = names else {
        return Ok(());
    };
    let known = || surveyed.iter().map(Surveyed::name);
    let containers: BTreeSet<_> = known().collect();
    let mut names = names.0.iter();
    match names.find(|name| !containers.contains(name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Refusal::UnknownContainer {
            key,
            name: name.clone(),
            known: known().collect::<Vec<_>>().join(", "),
            nearest: nearest(name, known()).map(str::to_owned),
        }),
    }
}

/// A pod that asks to be injected is injected or refused; one that only might have meant it is
/// refused too, because it would start with references instead of values.
pub(super) fn check_nothing_selected(
    pod: &PodView<'_>,
    surveyed: &[Surveyed<'_, '_>],
    annotations: &Annotations,
) -> Result<(), Refusal> {
    if annotations.inject == Some(true) {
        return Err(Refusal::NothingToInject);
    }
    let skipped =
        |container: &&Surveyed<'_, '_>| lists(annotations.skip_containers.as_ref(), container);
    let mut hidden = surveyed
        .iter()
        .filter(|container| container.has_hidden_values());
    match our_key(pod) {
        Some(key) if hidden.any(|container| !skipped(&container)) => {
            Err(Refusal::Undecided { key })
        }
        _ => Ok(()),
    }
}

/// A key of ours that the author has set.
pub(super) fn our_key(pod: &PodView<'_>) -> Option<String> {
    pod.annotations()
        .filter_map(|(key, _)| key.strip_prefix(ANNOTATION_PREFIX))
        .find(|key| *key != STATUS)
        .map(str::to_owned)
}
