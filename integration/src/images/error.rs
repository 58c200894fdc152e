//! Why an image could not be built.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::process::{Output, ProcessError};
use crate::product::ProductError;
use crate::tools::ToolError;

/// Why an image could not be built.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ImageError {
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Product(#[from] ProductError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error("podman could not {action} {image}: {output:?}")]
    Podman {
        action: &'static str,
        image: &'static str,
        output: Output,
    },
    #[error("the archive of {0} names no manifest")]
    Archive(String),
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{0}")]
    Io(#[from] io::Error),
}

debug_is_display!(ImageError);
