//! Why a cluster could not be started or asked.

use std::io;

use thiserror::Error;

use crate::certificates::CertificateError;
use crate::http;
use crate::process::ProcessError;
use crate::tools::ToolError;
use crate::wait::WaitError;

/// Why a cluster could not be started or asked.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ClusterError {
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error("{wait}{logs}")]
    Start { wait: WaitError, logs: String },
    #[error("{}", http::describe_error(.0))]
    Http(#[from] reqwest::Error),
    #[error("the API server answered {method} {path} with {status}: {answer}")]
    Refused {
        method: String,
        path: String,
        status: u16,
        answer: String,
    },
    #[error("the API server's answer to {path} is not as expected: {answer}")]
    Answer { path: String, answer: String },
    #[error(transparent)]
    Wait(#[from] WaitError),
    #[error("a file of the cluster's: {0}")]
    Io(#[from] io::Error),
    #[error("the shared cluster did not start: {0}")]
    Shared(String),
}

debug_is_display!(ClusterError);
