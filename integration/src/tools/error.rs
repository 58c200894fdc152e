//! Why a program could not be had.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::{Tool, Version};
use crate::process::ProcessError;

/// Why a program could not be had, with what to do about it.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ToolError {
    #[error("there is no tool `{name}`; there are: {known}")]
    Unknown { name: String, known: String },
    #[error("{} is {}, which is not an executable file", .tool.variable(), .path.display())]
    NotExecutable { tool: Tool, path: PathBuf },
    #[error("{} is {}, which is {found}: {} is needed", .tool.variable(), .path.display(), describe_oldest(*.tool))]
    TooOld {
        tool: Tool,
        path: PathBuf,
        found: String,
    },
    #[error(
        "Go {needed} or newer is needed to build {what}, and there is no `go` on PATH: install it from \
         https://go.dev/dl, or name programs of your own in {variables}"
    )]
    GoMissing {
        what: String,
        needed: Version,
        variables: String,
    },
    #[error(
        "Go {needed} or newer is needed to build {what}, and `go` is {found}: install it from \
         https://go.dev/dl, or name programs of your own in {variables}"
    )]
    GoTooOld {
        what: String,
        needed: Version,
        found: Version,
        variables: String,
    },
    #[error(
        "the Go modules of {what} cannot be fetched ({reason}): see GOPROXY, or name programs of \
         your own in {variables}"
    )]
    Proxy {
        what: String,
        reason: String,
        variables: String,
    },
    #[error("building {what} failed; the end of its output:\n{tail}")]
    Build { what: String, tail: String },
    #[error(
        "{what} is not installed, and installing it needs root: run `apt-get install {package}`"
    )]
    NotRoot { what: String, package: &'static str },
    #[error("{what} is not installed, and there is no apt-get to install {package} with")]
    NoApt { what: String, package: &'static str },
    #[error("apt-get could not install {package}; the end of its output:\n{tail}")]
    Apt { package: &'static str, tail: String },
    #[error("{0} was installed, but is not there")]
    Absent(String),
    #[error("no place for built programs: neither XDG_CACHE_HOME nor HOME is an absolute path")]
    NoCache,
    #[error("{}: {source}", .path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Process(#[from] ProcessError),
}

debug_is_display!(ToolError);

fn describe_oldest(tool: Tool) -> String {
    tool.oldest_version()
        .map_or_else(String::new, |(_, oldest)| format!("{oldest} or newer"))
}
