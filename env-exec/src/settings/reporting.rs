//! How to report, and to which file besides stderr.

use std::path::PathBuf;

use contract::{LogFormat, Settings, paths};

use super::standalone;
use crate::environment::Environment;

/// Decided before anything can fail, so that even settings that cannot be read are reported as well as
/// can be.
pub(crate) struct Reporting {
    /// Form of a line on stderr.
    pub(crate) format: LogFormat,
    /// The container's termination message (`terminationMessagePath`), in a pod.
    pub(crate) termination_message: Option<PathBuf>,
}

impl Reporting {
    /// As the webhook's settings say; without them, as the environment does.
    pub(crate) fn new(settings: Option<&Settings>, environment: &Environment) -> Self {
        match settings {
            Some(Settings::Exec(settings)) => Self {
                format: settings.log,
                termination_message: Some(settings.termination_message.as_str().into()),
            },
            Some(Settings::Agent(settings)) => Self::in_pod(settings.log),
            None => Self {
                format: standalone::log_format(environment),
                termination_message: None,
            },
        }
    }

    /// In a pod whose settings say no more.
    pub(crate) fn in_pod(format: LogFormat) -> Self {
        Self {
            format,
            termination_message: Some(paths::TERMINATION_MESSAGE.into()),
        }
    }
}
