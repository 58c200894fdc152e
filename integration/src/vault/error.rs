//! Why a Vault could not be started or asked.

use std::io;

use thiserror::Error;

use crate::certificates::CertificateError;
use crate::http;
use crate::process::ProcessError;
use crate::tools::ToolError;
use crate::wait::WaitError;

/// Why a Vault could not be started or asked.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum VaultError {
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error("{wait}; the end of Vault's log:\n{log}")]
    Start { wait: WaitError, log: String },
    #[error("{}", http::describe_error(.0))]
    Http(#[from] reqwest::Error),
    #[error("Vault answered {method} {path} with {status}: {answer}")]
    Refused {
        method: String,
        path: String,
        status: u16,
        answer: String,
    },
    #[error("Vault's answer to {path} has no `{field}`")]
    Field { path: String, field: &'static str },
    #[error("the conformance data is not as expected: {0}")]
    Seed(String),
    #[error(transparent)]
    Wait(#[from] WaitError),
    #[error("a file of Vault's: {0}")]
    Io(#[from] io::Error),
    #[error("the shared Vault did not start: {0}")]
    Shared(String),
}

debug_is_display!(VaultError);

impl VaultError {
    /// Whether the API server, by which Vault in a cluster is asked, lost its own connection to it.
    pub(super) fn is_lost_connection(&self) -> bool {
        match self {
            Self::Refused { status, answer, .. } => {
                *status == 503 && answer.contains("client connection lost")
            }
            _ => false,
        }
    }
}
