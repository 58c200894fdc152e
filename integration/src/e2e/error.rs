//! Why a scenario could not go on.

use std::io;

use thiserror::Error;

use crate::certificates::CertificateError;
use crate::chart::ChartError;
use crate::cluster::ClusterError;
use crate::images::ImageError;
use crate::node::NodeError;
use crate::process::{Output, ProcessError};
use crate::product::ProductError;
use crate::tools::ToolError;
use crate::vault::VaultError;
use crate::wait::WaitError;

/// Why a scenario could not go on.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum E2eError {
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    Node(#[from] NodeError),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Image(#[from] ImageError),
    #[error(transparent)]
    Product(#[from] ProductError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error(transparent)]
    Chart(#[from] ChartError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Wait(#[from] WaitError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("`kubectl {what}` failed: {output:?}")]
    Kubectl { what: String, output: Output },
    #[error("{0}")]
    Unexpected(String),
}

debug_is_display!(E2eError);
