//! How a run of env-exec can end, and the code and line that belong to it.

use std::io;
use std::process;

use contract::ExitCode;
use nix::sys::signal::Signal;
use thiserror::Error;

use crate::agent::error::AgentError;
use crate::arguments::UsageError;
use crate::exec::ExecError;
use crate::expanded::ExpandedError;
use crate::limits::LimitError;
use crate::per_variable::PerVariable;
use crate::prepare::PrepareError;
use crate::program::ProgramError;
use crate::references::ValueError;
use crate::render::RenderError;
use crate::report::Reporter;
use crate::restart::NoToken;
use crate::settings::SettingsError;
use crate::signals::Signals;
use crate::token::TokenError;
use crate::vault::{ClientError, VaultError};

/// How a run ends, other than by becoming the program.
pub(crate) enum End {
    /// What was asked for is done.
    Done,
    /// Something is wrong.
    Failed(Error),
    /// Somebody asked the process to end.
    Signalled(Box<Signals>, Signal),
}

/// What is wrong. Messages are one line and hold no secret.
#[derive(Debug, Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Usage(#[from] UsageError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Program(#[from] ProgramError),
    #[error(transparent)]
    Values(#[from] PerVariable<ValueError>),
    #[error(transparent)]
    Expanded(#[from] ExpandedError),
    #[error(transparent)]
    Token(#[from] TokenError),
    /// No token in a pod, and why no rerun is asked for. The text is the token's place.
    #[error("no token in {1}: {0}")]
    NoToken(NoToken, String),
    /// A token that Vault does not accept, and why no rerun is asked for.
    #[error("{0}")]
    NotAccepted(NoToken),
    /// The init containers are to run again.
    #[error("{0}; asking kubelet to run the init containers again")]
    Rerun(String),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Render(#[from] PerVariable<RenderError>),
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error(transparent)]
    Exec(#[from] ExecError),
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    #[error(transparent)]
    Agent(#[from] AgentError),
    #[error("this system does not let env-exec work: {0}")]
    System(#[from] io::Error),
    #[error("stdout cannot be written: {0}")]
    Output(io::Error),
}

impl Error {
    fn code(&self) -> ExitCode {
        match self {
            Self::Usage(_)
            | Self::Settings(_)
            | Self::Client(_)
            | Self::Prepare(_)
            | Self::System(_)
            | Self::Output(_)
            | Self::Token(TokenError::NotShredded { .. }) => ExitCode::Settings,
            Self::Program(ProgramError::NotFound { .. }) => ExitCode::NotFound,
            Self::Program(ProgramError::NotExecutable { .. }) => ExitCode::NotExecutable,
            Self::Program(ProgramError::SecretPath { .. })
            | Self::Values(_)
            | Self::Expanded(_)
            | Self::Limit(_) => ExitCode::Reference,
            Self::Token(_) => ExitCode::NoToken,
            Self::NoToken(why, _) | Self::NotAccepted(why) => why.exit_code(),
            Self::Rerun(_) => ExitCode::Rerun,
            Self::Vault(error) => error.exit_code(),
            Self::Render(errors) => errors
                .first()
                .map_or(ExitCode::Reference, RenderError::exit_code),
            Self::Exec(error) => error.exit_code(),
            Self::Agent(error) => error.exit_code(),
        }
    }

    fn variables(&self) -> Vec<String> {
        match self {
            Self::Values(errors) => errors.variables(),
            Self::Render(errors) => errors.variables(),
            Self::Expanded(error) => error.variables(),
            Self::Limit(error) => error.variables().to_vec(),
            _ => vec![],
        }
    }
}

impl<E: Into<Error>> From<E> for End {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl End {
    /// Says what there is to say, and gives the code.
    pub(crate) fn exit(self, report: &Reporter) -> process::ExitCode {
        match self {
            Self::Done => process::ExitCode::SUCCESS,
            Self::Signalled(signals, signal) => signals.die(signal),
            Self::Failed(error) => {
                let code = error.code();
                report.error(code, &error.to_string(), &error.variables());
                process::ExitCode::from(code.code())
            }
        }
    }
}
