//! What is added to a pod must fit into what the kernel and etcd take.

use contract::names::SETTINGS_VARIABLE;
use contract::{Settings, limits};

use super::ours::author_keys;
use super::refusal::Refusal;
use super::settings_text::settings_json;
use super::surveyed::Surveyed;
use crate::pod::PodView;

/// Most bytes of settings of a pod: those of the largest object that etcd takes (1.5 MiB, its
/// `--max-request-bytes`), of which the pod itself is a part.
const MOST_SETTINGS: usize = 1536 * 1024;

/// A pod that neither has a reference nor an annotation of ours may be as large as it likes.
pub(super) fn check_containers<'p, 'a>(
    pod: &PodView<'_>,
    surveyed: Vec<Surveyed<'p, 'a>>,
) -> Result<Vec<Surveyed<'p, 'a>>, Refusal> {
    let count = surveyed.len();
    let concerns_us = || {
        author_keys(pod).next().is_some()
            || surveyed
                .iter()
                .any(|container| !container.variables.is_empty())
    };
    if count > limits::INJECTED_CONTAINERS && concerns_us() {
        return Err(Refusal::TooManyContainers {
            count,
            most: limits::INJECTED_CONTAINERS,
        });
    }
    Ok(surveyed)
}

/// How much room is left for the settings of a pod's containers.
pub(super) struct SettingsRoom(usize);

impl SettingsRoom {
    pub(super) fn of_a_pod() -> Self {
        Self(MOST_SETTINGS)
    }

    /// Told here, because at the container's start it would be no more than "argument list too
    /// long", and to whoever creates the pod "request is too large".
    pub(super) fn take(&mut self, container: &str, settings: &Settings) -> Result<(), Refusal> {
        let bytes =
            SETTINGS_VARIABLE.len() + "=".len() + settings_json(settings).len() + "\0".len();
        if bytes > limits::LONGEST_STRING {
            return Err(Refusal::TooLarge {
                container: container.to_owned(),
                bytes,
            });
        }
        let left = self.0.checked_sub(bytes);
        self.0 = left.ok_or(Refusal::AllTooLarge {
            most: MOST_SETTINGS,
        })?;
        Ok(())
    }
}
