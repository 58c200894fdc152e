//! `env-exec prepare`: puts a copy of env-exec where the pod's containers find it.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use contract::paths::ENV_EXEC;
use nix::unistd::{AccessFlags, eaccess};
use thiserror::Error;

use crate::error::{End, Error};

/// The running program, whatever its file is called by now.
const OURSELVES: &str = "/proc/self/exe";

/// Anybody may run it, only its owner replace it.
const MODE: u32 = 0o755;

/// Why there is no copy that can be used.
#[derive(Debug, Error)]
pub(crate) enum PrepareError {
    #[error("env-exec cannot be copied to {path}: {error}")]
    Copy { path: String, error: io::Error },
    #[error("the copy at {path} differs from env-exec: is the volume full or shared?")]
    Differs { path: String },
    #[error("the copy at {path} cannot be executed: {reason}; is the volume mounted with noexec?")]
    NotExecutable { path: String, reason: &'static str },
}

/// Runs the command.
pub(crate) fn run() -> End {
    match install() {
        Ok(()) => End::Done,
        Err(error) => End::from(Error::from(error)),
    }
}

/// Copies the running env-exec to its place in the bin volume. A copy that is there already stays.
pub(crate) fn install() -> Result<(), PrepareError> {
    copy(Path::new(OURSELVES), Path::new(ENV_EXEC))
}

fn copy(from: &Path, to: &Path) -> Result<(), PrepareError> {
    let path = || to.display().to_string();
    let wrong = |error| PrepareError::Copy {
        path: path(),
        error,
    };
    if !is_copy(from, to) {
        put(from, to).map_err(wrong)?;
    }
    if !is_copy(from, to) {
        return Err(PrepareError::Differs { path: path() });
    }
    eaccess(to, AccessFlags::X_OK).map_err(|errno| PrepareError::NotExecutable {
        path: path(),
        reason: errno.desc(),
    })
}

/// Under another name first: who runs the copy sees it whole or not at all.
fn put(from: &Path, to: &Path) -> io::Result<()> {
    let mut temporary = to.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let placed = write(from, &temporary).and_then(|()| fs::rename(&temporary, to));
    if placed.is_err() {
        // The error that counts is the first one.
        let _ = fs::remove_file(&temporary);
    }
    placed
}

/// Without fsync, which would cost a pod's start: after a crash of the node kubelet runs init containers
/// again, and [`is_copy`] finds what is not whole. A file system that fails only when it writes back is
/// noticed by whoever runs the copy.
fn write(from: &Path, to: &Path) -> io::Result<()> {
    let mut copy = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)?;
    io::copy(&mut File::open(from)?, &mut copy)?;
    copy.set_permissions(Permissions::from_mode(MODE))
}

/// Whether a regular file there has the same bytes and the mode that it should have.
fn is_copy(from: &Path, to: &Path) -> bool {
    let is_ours = fs::symlink_metadata(to)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o7777 == MODE);
    is_ours && same_bytes(from, to).unwrap_or(false)
}

fn same_bytes(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    loop {
        left.clear();
        right.clear();
        one.by_ref().take(64 * 1024).read_to_end(&mut left)?;
        other.by_ref().take(64 * 1024).read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MODE, PrepareError, copy};
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    #[test]
    fn what_is_there_becomes_a_copy() {
        let directory = tempfile::tempdir().unwrap();
        let (from, to) = (directory.path().join("from"), directory.path().join("to"));
        fs::write(&from, vec![7; 200_000]).unwrap();
        let check = |what: &str| {
            copy(&from, &to).unwrap_or_else(|error| panic!("{what}: {error}"));
            let metadata = fs::symlink_metadata(&to).unwrap();
            assert!(metadata.is_file(), "{what}");
            assert_eq!(metadata.permissions().mode() & 0o7777, MODE, "{what}");
            assert_eq!(fs::read(&to).unwrap(), fs::read(&from).unwrap(), "{what}");
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "{what}");
            metadata.ino()
        };
        let first = check("nothing");
        assert_eq!(check("a good copy"), first, "it was left alone");
        fs::set_permissions(&to, Permissions::from_mode(0o644)).unwrap();
        check("a copy that cannot be executed");
        fs::write(&to, vec![7; 199_999]).unwrap();
        check("half a copy");
        fs::write(
            directory.path().join("to.new"),
            "left by one that was killed",
        )
        .unwrap();
        fs::remove_file(&to).unwrap();
        check("a leftover");
        fs::remove_file(&to).unwrap();
        symlink(&from, &to).unwrap();
        check("a link");
    }

    #[test]
    fn a_place_that_is_not_there() {
        let directory = tempfile::tempdir().unwrap();
        let error = copy(
            "/proc/self/exe".as_ref(),
            &directory.path().join("no/env-exec"),
        );
        assert!(matches!(error, Err(PrepareError::Copy { .. })));
    }
}
