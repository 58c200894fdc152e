//! Which containers are wrapped.

use std::collections::BTreeSet;

use contract::limits::MESSAGE_PROBLEMS;
use contract::names::ANNOTATION_PREFIX;
use contract::nearest;

use super::left_alone::warn_of_texts;
use super::neighbours;
use super::ours::author_keys;
use super::refusal::{Refusal, Refusals};
use super::surveyed::Surveyed;
use crate::annotations::{Annotations, Names};
use crate::excerpt::excerpt;
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
    wrong: &mut Refusals,
) -> Selection<'s, 'p, 'a> {
    let (containers, skipped) = (&annotations.containers, &annotations.skip_containers);
    let meant = check_names("containers", containers.as_ref(), surveyed, wrong);
    check_names("skip-containers", skipped.as_ref(), surveyed, wrong);
    for name in listed_twice(annotations) {
        wrong.push(Refusal::ListedTwice { name });
    }
    let mut selection = Selection {
        containers: Vec::new(),
        warnings: Vec::new(),
    };
    for container in surveyed {
        let Some(reason) = wrong.take(reason(pod, container, annotations, &meant)) else {
            continue;
        };
        let is_wrapped = reason.is_some();
        selection
            .warnings
            .extend(warn_of_texts(container, is_wrapped));
        match reason {
            Some(reason) => drop(wrong.take(selection.take(container, reason))),
            None if container.has_visible_reference() => selection.warnings.push(format!(
                "container {} is in skip-containers and will see its references as they are",
                container.name()
            )),
            None => {}
        }
    }
    selection
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
    meant: &BTreeSet<String>,
) -> Result<Option<Reason>, Refusal> {
    if lists(annotations.skip_containers.as_ref(), container) {
        return Ok(None);
    }
    if annotations.containers.is_some() {
        let is_meant = || meant.contains(container.name());
        return match lists(annotations.containers.as_ref(), container) || is_meant() {
            true => Ok(Some(Reason::Listed)),
            false if container.has_visible_reference() => Err(Refusal::NotListed {
                container: container.name().into(),
                and: if container.command.is_empty() {
                    " with its `command:`"
                } else {
                    ""
                },
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
    } else if annotations.inject == Some(true) && container.has_hidden_values(annotations) {
        Some(Reason::HiddenValues)
    } else {
        None
    })
}

impl<'s, 'p, 'a> Selection<'s, 'p, 'a> {
    /// One without a command is taken too, so that what else is wrong with it is told.
    fn take(&mut self, container: &'s Surveyed<'p, 'a>, reason: Reason) -> Result<(), Refusal> {
        let has_command = !container.command.is_empty();
        if !has_command && reason == Reason::HiddenValues {
            self.warnings.push(format!(
                "container {} has values from ConfigMaps or Secrets but no command; add `command:` \
                 to have references in them resolved",
                container.name()
            ));
            return Ok(());
        }
        self.containers.push(container);
        if has_command {
            return Ok(());
        }
        let image = container.container.image.as_deref();
        Err(Refusal::NoCommand {
            container: container.name().into(),
            image: image.unwrap_or("(none)").into(),
            why: reason.why(),
            or: reason.opt_out(),
        })
    }
}

impl Reason {
    /// How a sentence about a container continues.
    fn why(self) -> &'static str {
        match self {
            Self::VisibleReference | Self::HiddenValues => "has a reference",
            Self::Listed => "is listed in tokenpipe.dev/containers",
            Self::FromPath => "gets tokenpipe.dev/from-path",
        }
    }

    /// The other fix of a container without a command, where its author did not name it.
    fn opt_out(self) -> &'static str {
        match self {
            Self::FromPath => ", or list it in tokenpipe.dev/skip-containers",
            Self::VisibleReference | Self::HiddenValues | Self::Listed => "",
        }
    }
}

pub(super) fn lists(names: Option<&Names>, container: &Surveyed<'_, '_>) -> bool {
    names.is_some_and(|names| names.0.contains(container.name()))
}

fn listed_twice(annotations: &Annotations) -> Vec<String> {
    let (Some(listed), Some(skipped)) = (
        annotations.containers.as_ref(),
        annotations.skip_containers.as_ref(),
    ) else {
        return Vec::new();
    };
    listed.0.intersection(&skipped.0).cloned().collect()
}

/// Gives the containers that are probably meant by names that no container has.
fn check_names(
    key: &'static str,
    names: Option<&Names>,
    surveyed: &[Surveyed<'_, '_>],
    wrong: &mut Refusals,
) -> BTreeSet<String> {
    let mut meant = BTreeSet::new();
    let Some(names) = names else {
        return meant;
    };
    let known = || surveyed.iter().map(Surveyed::name);
    let containers: BTreeSet<_> = known().collect();
    let unknown = names.0.iter();
    // The list of those that are known is long, so it is made for what is told.
    for name in unknown
        .filter(|name| !containers.contains(name.as_str()))
        .take(MESSAGE_PROBLEMS)
    {
        let nearest = nearest(name, known()).map(str::to_owned);
        meant.extend(nearest.clone());
        wrong.push(Refusal::UnknownContainer {
            key,
            name: name.clone(),
            known: known().collect::<Vec<_>>().join(", "),
            nearest,
        });
    }
    meant
}

/// A pod that asks to be injected is injected or refused; one that only might have meant it is
/// refused too, because it would start with references instead of values.
pub(super) fn check_nothing_selected(
    pod: &PodView<'_>,
    surveyed: &[Surveyed<'_, '_>],
    annotations: &Annotations,
) -> Result<(), Refusal> {
    if annotations.inject == Some(true) {
        return Err(Refusal::NothingToInject {
            advice: advice(surveyed),
        });
    }
    let skipped =
        |container: &&Surveyed<'_, '_>| lists(annotations.skip_containers.as_ref(), container);
    let mut hidden = surveyed
        .iter()
        .filter(|container| container.has_hidden_values(annotations));
    let can_be_wrapped = |container: &Surveyed<'_, '_>| {
        container.has_hidden_values(annotations) && !container.command.is_empty()
    };
    match author_keys(pod).next() {
        Some(key) if hidden.any(|container| !skipped(&container)) => Err(Refusal::Undecided {
            key: key.to_owned(),
            // Where `inject: "true"` is not enough.
            and: if surveyed.iter().any(can_be_wrapped) {
                ""
            } else {
                " and add `command:` (the image's ENTRYPOINT)"
            },
        }),
        _ => Ok(()),
    }
}

/// What makes the pod one that can be injected, in one step.
fn advice(surveyed: &[Surveyed<'_, '_>]) -> String {
    let mut with_command = surveyed
        .iter()
        .filter(|container| !container.command.is_empty());
    match (with_command.next(), surveyed.first()) {
        (Some(container), _) => format!(
            "list those with one in {ANNOTATION_PREFIX}containers, such as {}",
            excerpt(container.name())
        ),
        (None, Some(container)) => format!(
            "add `command:` (the image's ENTRYPOINT) to container {name}, and {name} to \
             {ANNOTATION_PREFIX}containers",
            name = excerpt(container.name())
        ),
        (None, None) => format!("remove {ANNOTATION_PREFIX}inject"),
    }
}
