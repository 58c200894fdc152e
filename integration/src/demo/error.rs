//! Why the demo did not come to its end.

use std::io;

use thiserror::Error;

use crate::http;
use crate::kubelet::KubeletError;
use crate::process::ProcessError;
use crate::product::ProductError;
use crate::tools::ToolError;
use crate::vault::VaultError;
use crate::wait::WaitError;

/// Why the demo, or what tests use of it, did not come to its end.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum DemoError {
    #[error(transparent)]
    Kubelet(#[from] KubeletError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Product(#[from] ProductError),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Wait(#[from] WaitError),
    #[error("{wait}; the end of its log:\n{log}")]
    Webhook { wait: WaitError, log: String },
    #[error("the webhook cannot be asked: {0}")]
    Http(String),
    #[error("the webhook refused the pod: {0}")]
    Refused(String),
    #[error("the webhook, asked about what it made of the pod, wants {0} more changes")]
    NotSteady(usize),
    #[error("the webhook's answer is not to be understood: status {status}, {text}")]
    Answer { status: u16, text: String },
    #[error("examples/{file}: {reason}")]
    Example { file: String, reason: String },
    #[error("an object cannot be written as YAML: {0}")]
    Yaml(String),
    #[error("Vault's audit log cannot be understood: {0}")]
    Audit(String),
    #[error("the system gives no random numbers")]
    Random,
    #[error("a file: {0}")]
    Io(#[from] io::Error),
    #[error("standard output: {0}")]
    Output(io::Error),
    #[error("{0} of the claims above did not hold")]
    Claims(usize),
}

debug_is_display!(DemoError);

impl DemoError {
    pub(super) fn from_http(error: &reqwest::Error) -> Self {
        Self::Http(http::describe_error(error))
    }
}
