//! The first process of a container, before it becomes the container's command.
//!
//! It runs as root in a PID namespace of its own: it builds the root file system, makes it the only
//! one that can be seen, gives up what the container is not to have, and executes the command.

mod identity;
mod root;

use std::fs;
use std::io;
use std::os::fd::RawFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::close;
use serde::{Deserialize, Serialize};

use super::KubeletError;
use super::error::file_error;
use super::image::Image;
use super::mounts;

pub(super) use identity::Identity;

/// All that the first process is told. It comes through a file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Launch {
    pub(super) image: Image,
    /// An empty directory.
    pub(super) root: PathBuf,
    pub(super) mounts: Vec<Mount>,
    pub(super) read_only_root: bool,
    pub(super) identity: Identity,
    pub(super) directory: PathBuf,
    pub(super) command: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
}

/// A file or directory of the node, and where the container sees it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Mount {
    pub(super) source: PathBuf,
    pub(super) place: PathBuf,
    pub(super) read_only: bool,
}

/// Becomes the container's command; returns only the reason why it cannot. The process must have a
/// single thread, and must be the first of its PID namespace.
pub fn become_command(launch: &Path) -> KubeletError {
    match prepare_launch(launch) {
        Ok(launch) => execute_program(&launch),
        Err(error) => error,
    }
}

fn prepare_launch(file: &Path) -> Result<Launch, KubeletError> {
    let text = fs::read(file).map_err(file_error("read", file))?;
    // It holds the variables, and those may be secret.
    fs::remove_file(file).map_err(file_error("remove", file))?;
    let launch: Launch = serde_json::from_slice(&text)
        .map_err(|error| file_error("understand", file)(error.into()))?;
    mounts::separate_mounts()?;
    root::assemble_root(&launch)?;
    root::enter_root(&launch.root)?;
    launch
        .identity
        .assume()
        .map_err(file_error("give up rights for", &launch.directory))?;
    Ok(launch)
}

fn execute_program(launch: &Launch) -> KubeletError {
    let program = Path::new(&launch.command[0]);
    if let Err(error) = close_inherited() {
        return file_error("close what was inherited before", program)(error);
    }
    let error = Command::new(program)
        .args(&launch.command[1..])
        .env_clear()
        .envs(launch.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&launch.directory)
        .exec();
    file_error("execute", program)(error)
}

/// Whoever started the machine's side may have left descriptors open; a container gets three.
fn close_inherited() -> io::Result<()> {
    let names = fs::read_dir("/proc/self/fd")?.map(|entry| entry.map(|entry| entry.file_name()));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    for descriptor in names
        .iter()
        .filter_map(|name| name.to_str()?.parse::<RawFd>().ok())
    {
        if descriptor > 2 {
            // The one of the listing itself is closed already.
            let _ = close(descriptor);
        }
    }
    Ok(())
}
