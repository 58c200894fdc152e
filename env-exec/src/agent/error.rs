//! Why there is no token for the containers, and the code with which their init container ends.

use contract::ExitCode;
use thiserror::Error;

/// Why there is no token for the containers.
#[derive(Debug, Error)]
pub(crate) enum AgentError {
    /// The configuration, or a file that it names, is wrong.
    #[error("{0}")]
    Settings(String),
    /// Vault refused the login.
    #[error("{0}")]
    Refused(String),
    /// No login until the deadline.
    #[error("{reason} ({attempts} attempts within {seconds} s)")]
    Unreachable {
        reason: String,
        attempts: usize,
        seconds: u64,
    },
    #[error("the agent cannot be run: {reason}{hint}")]
    Spawn { reason: String, hint: &'static str },
    #[error("{place}: {reason}")]
    Place { place: String, reason: String },
}

impl AgentError {
    /// The code with which the init container ends.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Refused(_) => ExitCode::Refused,
            Self::Unreachable { .. } => ExitCode::Unreachable,
            Self::Settings(_) | Self::Place { .. } => ExitCode::Settings,
            Self::Spawn { .. } => ExitCode::NotExecutable,
        }
    }
}
