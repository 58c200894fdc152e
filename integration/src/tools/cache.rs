//! Where built programs are kept.

use std::env;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::ToolError;
use crate::digest::hash_sha256;
use crate::progress;

/// The directory of one build, locked against other processes that would build the same.
pub(super) struct Slot {
    directory: PathBuf,
    _lock: File,
}

/// The directory in which the programs of one build lie once they are built.
pub(super) fn tool_directory(name: &str, made_from: &[&str]) -> Result<PathBuf, ToolError> {
    let name = format!("{name}-{}", digest_parts(made_from));
    Ok(root_directory()?.join("tools").join(name))
}

/// Waits until no other process builds into `directory`. What it has built by then is there.
pub(super) fn lock_directory(directory: &Path) -> Result<Slot, ToolError> {
    let at = |source| ToolError::Io {
        path: directory.to_owned(),
        source,
    };
    fs::create_dir_all(directory).map_err(at)?;
    let lock = File::create(directory.join(".lock")).map_err(at)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::Error(source)) => return Err(at(source)),
        Err(TryLockError::WouldBlock) => {
            progress::print_line(&format!(
                "waiting for another process to build {}",
                directory.display()
            ));
            lock.lock().map_err(at)?;
        }
    }
    Ok(Slot {
        directory: directory.to_owned(),
        _lock: lock,
    })
}

impl Slot {
    /// Gives `build` an empty directory, and moves the files that it leaves there to their place,
    /// each at once and whole. What a killed build left is removed.
    pub(super) fn fill(
        &self,
        names: &[&str],
        build: impl FnOnce(&Path) -> Result<(), ToolError>,
    ) -> Result<(), ToolError> {
        let unfinished = self.directory.join(".unfinished");
        let at = |source| ToolError::Io {
            path: unfinished.clone(),
            source,
        };
        remove_directory(&unfinished).map_err(at)?;
        fs::create_dir(&unfinished).map_err(at)?;
        build(&unfinished)?;
        for name in names {
            let path = unfinished.join(name);
            fs::rename(&path, self.directory.join(name))
                .map_err(|source| ToolError::Io { path, source })?;
        }
        remove_directory(&unfinished).map_err(at)
    }
}

fn remove_directory(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Where this project keeps what is the user's and not the repository's.
pub(super) fn root_directory() -> Result<PathBuf, ToolError> {
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("tokenpipe"))
        .ok_or(ToolError::NoCache)
}

/// Twelve hexadecimal digits that change with any of the parts.
fn digest_parts(parts: &[&str]) -> String {
    let digests: String = parts
        .iter()
        .map(|part| hash_sha256(part.as_bytes()))
        .collect();
    hash_sha256(digests.as_bytes())[..12].to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;
    use crate::temp;

    #[test]
    fn a_digest_changes_with_each_part_and_where_it_ends() {
        assert_eq!(digest_parts(&["a", "b"]), digest_parts(&["a", "b"]));
        assert_ne!(digest_parts(&["a", "b"]), digest_parts(&["ab", ""]));
        assert_ne!(digest_parts(&["a", "b"]), digest_parts(&["a", "c"]));
        assert_eq!(digest_parts(&[]).len(), 12);
    }

    #[test]
    fn a_build_that_fails_leaves_nothing_in_place() {
        let directory = temp::create_directory("cache").unwrap();
        let slot = lock_directory(directory.path()).unwrap();
        let failed = slot.fill(&["program"], |unfinished| {
            fs::write(unfinished.join("program"), "half").unwrap();
            Err(ToolError::NoCache)
        });
        assert!(failed.is_err());
        assert!(!directory.path().join("program").exists());

        slot.fill(&["program"], |unfinished| {
            assert!(fs::read_dir(unfinished).unwrap().next().is_none());
            fs::write(unfinished.join("program"), "whole").unwrap();
            Ok(())
        })
        .unwrap();
        assert_eq!(
            fs::read(directory.path().join("program")).unwrap(),
            b"whole"
        );
    }

    #[test]
    fn one_builds_at_a_time() {
        let directory = temp::create_directory("cache").unwrap();
        let first = lock_directory(directory.path()).unwrap();
        let (sender, second) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                sender
                    .send(lock_directory(directory.path()).is_ok())
                    .unwrap();
            });
            let early = second.recv_timeout(std::time::Duration::from_millis(100));
            assert!(early.is_err(), "the lock was given twice");
            drop(first);
            assert!(second.recv().unwrap());
        });
    }
}
