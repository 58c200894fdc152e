//! `env-exec prepare`: puts a copy of env-exec where the pod's containers find it.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Seek as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use contract::paths::ENV_EXEC;
use nix::unistd::{AccessFlags, eaccess};
use thiserror::Error;

/// The running program, whatever its file is called by now.
const OURSELVES: &str = "/proc/self/exe";

/// Anybody may run it and nobody read it: the kernel then makes each process undumpable that runs
/// it, from its first instruction on. So nobody else's process of that UID sees its `/proc`.
const MODE: u32 = 0o111;

/// Why there is no copy that can be used.
#[derive(Debug, Error)]
pub(crate) enum PrepareError {
    #[error("env-exec cannot be copied to {path}: {error}")]
    Copy { path: String, error: io::Error },
    #[error(
        "env-exec cannot be copied to {path}: its own file is not readable; give it mode 0755 in the \
         image"
    )]
    Unreadable { path: String },
    #[error("the copy at {path} differs from env-exec: is the volume full or shared?")]
    Differs { path: String },
    #[error("the copy at {path} cannot be executed: {reason}; is the volume mounted with noexec?")]
    NotExecutable { path: String, reason: &'static str },
}

/// Copies the running env-exec to its place in the bin volume. What is there already is replaced:
/// a copy cannot be read, so there is no telling what it is.
pub(crate) fn install() -> Result<(), PrepareError> {
    copy(Path::new(OURSELVES), Path::new(ENV_EXEC))
}

fn copy(from: &Path, to: &Path) -> Result<(), PrepareError> {
    let path = || to.display().to_string();
    let mut source = File::open(from).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => PrepareError::Unreadable { path: path() },
        _ => PrepareError::Copy {
            path: path(),
            error,
        },
    })?;
    let mut temporary = to.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    let placed = put(&mut source, &temporary, to);
    if !matches!(placed, Ok(true)) {
        // The error that counts is the first one.
        let _ = fs::remove_file(&temporary);
    }
    match placed {
        Ok(true) => {}
        Ok(false) => return Err(PrepareError::Differs { path: path() }),
        Err(error) => {
            return Err(PrepareError::Copy {
                path: path(),
                error,
            });
        }
    }
    eaccess(to, AccessFlags::X_OK).map_err(|errno| PrepareError::NotExecutable {
        path: path(),
        reason: errno.desc(),
    })
}

/// Under another name first: who runs the copy sees it whole or not at all, and a file that cannot be
/// opened is no obstacle. Whether what was written is what was to be.
///
/// Without fsync, which would cost a pod's start: after a crash of the node kubelet runs init
/// containers again. A file system that fails only when it writes back is noticed by whoever runs
/// the copy.
fn put(source: &mut File, temporary: &Path, to: &Path) -> io::Result<bool> {
    match fs::remove_file(temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut copy = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(temporary)?;
    io::copy(source, &mut copy)?;
    source.rewind()?;
    copy.rewind()?;
    if !same_bytes(source, &mut copy)? {
        return Ok(false);
    }
    copy.set_permissions(Permissions::from_mode(MODE))?;
    fs::rename(temporary, to)?;
    Ok(true)
}

fn same_bytes(one: &mut File, other: &mut File) -> io::Result<bool> {
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
    use super::{PrepareError, copy};
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn copy_over_anything_leaves_an_unreadable_program() {
        let directory = tempfile::tempdir().unwrap();
        let (from, to) = (directory.path().join("from"), directory.path().join("to"));
        fs::write(&from, vec![7; 200_000]).unwrap();
        let check = |what: &str| {
            copy(&from, &to).unwrap_or_else(|error| panic!("{what}: {error}"));
            let metadata = fs::symlink_metadata(&to).unwrap();
            assert!(metadata.is_file(), "{what}");
            assert_eq!(metadata.permissions().mode() & 0o7777, 0o111, "{what}");
            assert_eq!(metadata.len(), 200_000, "{what}");
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "{what}");
        };
        check("nothing");
        check("a copy of an earlier run");
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
        assert_eq!(fs::read(&from).unwrap(), vec![7; 200_000]);
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
