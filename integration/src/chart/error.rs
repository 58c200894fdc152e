//! What can go wrong with the chart.

use std::io;

use thiserror::Error;

use crate::cluster::ClusterError;
use crate::process::ProcessError;
use crate::product::ProductError;
use crate::tools::ToolError;
use crate::wait::WaitError;

/// Why something could not be done with the chart.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ChartError {
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Product(#[from] ProductError),
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error("a file of the chart's: {0}")]
    Io(#[from] io::Error),
    #[error("helm: {0}")]
    Helm(String),
    #[error("a file of schemas: {0}")]
    Json(#[from] serde_json::Error),
    #[error("it is not YAML: {0}")]
    Yaml(String),
    #[error("wanted one object of kind {kind}, there are {found}")]
    Objects { kind: String, found: &'static str },
    #[error("values.yaml, line {line}: {reason}")]
    Values { line: usize, reason: String },
    #[error("{wait}\nthe end of the log:\n{log}")]
    Replica { wait: WaitError, log: String },
}

debug_is_display!(ChartError);
