//! Why something could not be measured.

use std::io;

use thiserror::Error;

use crate::demo::DemoError;
use crate::env_exec::StartError;
use crate::process::ProcessError;
use crate::product::ProductError;
use crate::tools::ToolError;
use crate::vault::VaultError;

/// Why something could not be measured.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum BenchError {
    #[error("there is no row `{name}`, there are {known}{hint}")]
    NoRow {
        name: String,
        hint: String,
        known: String,
    },
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Product(#[from] ProductError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Webhook(#[from] DemoError),
    #[error("the program did not get its secrets, so its start says nothing: {0}")]
    NotResolved(String),
    #[error("`{program}` ended with {status}")]
    Ended { program: String, status: String },
    #[error("the pod is not changed as it should be: {0}")]
    NotMutated(String),
    #[error("wrk's output has no {0}")]
    Wrk(&'static str),
    #[error("not all reviews were answered: {0}")]
    NotAnswered(String),
    #[error("{file} has no `{field}`")]
    Field { file: String, field: String },
    #[error("server and client need a core each, and this process may use {0}")]
    Cores(usize),
    #[error("{0}")]
    Io(#[from] io::Error),
}

debug_is_display!(BenchError);
