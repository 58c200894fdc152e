//! Why a node could not be started, changed or looked at.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::certificates::CertificateError;
use crate::http;
use crate::images::ImageError;
use crate::process::{Output, ProcessError};
use crate::tools::ToolError;
use crate::wait::WaitError;

/// Why a node could not be started, changed or looked at.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NodeError {
    #[error("a node needs root: it makes namespaces, mounts and control groups")]
    NotRoot,
    #[error(
        "{} lies below {hidden}, where the node puts a directory of its own: set XDG_CACHE_HOME to \
         another place", .path.display()
    )]
    Hidden { path: PathBuf, hidden: &'static str },
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Image(#[from] ImageError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error("{wait}\nthe end of {}:\n{log}", .path.display())]
    Start {
        wait: WaitError,
        path: PathBuf,
        log: String,
    },
    #[error("`{what}` failed: {output:?}")]
    Command { what: String, output: Output },
    #[error("{}", http::describe_error(.0))]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Wait(#[from] WaitError),
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0} does not run")]
    Absent(&'static str),
}

debug_is_display!(NodeError);
