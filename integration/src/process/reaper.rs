//! What outlives this process long enough to clean up behind it.
//!
//! `PR_SET_PDEATHSIG` would not do: it follows the thread that started a program, and a server that
//! many tests share outlives the test that started it.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

const SCRIPT: &str = include_str!("reaper.sh");

struct Reaper {
    root: PathBuf,
    /// Holds the pipe whose end the script waits for; a static is never dropped.
    _script: Child,
}

/// The directory of this process. Everyone may pass through it, because tests run programs as
/// other users; what lies in it has modes of its own.
pub(crate) fn root_directory() -> io::Result<&'static Path> {
    static REAPER: OnceLock<Result<Reaper, io::Error>> = OnceLock::new();
    match REAPER.get_or_init(start_reaper) {
        Ok(reaper) => Ok(&reaper.root),
        Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
    }
}

/// Has the process group killed if it is still there when this process has ended.
pub(super) fn register_group(group: u32) -> io::Result<()> {
    fs::write(entry_path(group)?, "")
}

/// The process group has ended, and its number may come to mean another.
pub(super) fn forget_group(group: u32) {
    if let Ok(entry) = entry_path(group) {
        // It is missing only if registering failed.
        let _ = fs::remove_file(entry);
    }
}

fn entry_path(group: u32) -> io::Result<PathBuf> {
    Ok(root_directory()?.join("groups").join(group.to_string()))
}

fn start_reaper() -> io::Result<Reaper> {
    let root = tempfile::Builder::new().prefix("tokenpipe-").tempdir()?;
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o711))?;
    fs::create_dir(root.path().join("groups"))?;
    let script = Command::new("/bin/sh")
        .args(["-c", SCRIPT, "reaper"])
        .arg(root.path())
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok(Reaper {
        root: root.keep(),
        _script: script,
    })
}
