//! Where a node's files lie.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::NodeError;
use crate::progress;
use crate::tools;

/// A file that is there once the node is complete.
pub(super) const COMPLETE: &str = "complete";
/// What the node has of its own in place of the machine's: where it writes by habit.
pub(super) const OWN: [(&str, &str); 2] = [("var-lib", "/var/lib"), ("var-log", "/var/log")];
/// Where it has an empty tmpfs in place of the machine's.
pub(super) const RUN: &str = "/run";

/// The directory of the node, the same for every process of a user.
#[derive(Clone)]
pub(super) struct Place {
    directory: PathBuf,
}

impl Place {
    pub(super) fn of_user() -> Result<Self, NodeError> {
        let directory = tools::cache_directory()?.join("cluster");
        for hidden in OWN.map(|(_, path)| path).into_iter().chain([RUN]) {
            if directory.starts_with(hidden) {
                return Err(NodeError::Hidden {
                    path: directory,
                    hidden,
                });
            }
        }
        Ok(Self { directory })
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn file_path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    pub(super) fn log_path(&self, program: &str) -> PathBuf {
        self.directory.join("logs").join(format!("{program}.log"))
    }

    /// Keeps other processes from starting or ending the node meanwhile. What is locked is the
    /// directory above, so that no file remains.
    pub(super) fn lock(&self) -> Result<File, NodeError> {
        let above = self.directory.parent().unwrap_or(&self.directory);
        let at = |source| NodeError::File {
            path: above.to_owned(),
            source,
        };
        fs::create_dir_all(above).map_err(at)?;
        let lock = File::open(above).map_err(at)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(source)) => return Err(at(source)),
            Err(TryLockError::WouldBlock) => {
                progress::print_line(
                    "waiting for another process to start or end the test cluster",
                );
                lock.lock().map_err(at)?;
            }
        }
        Ok(lock)
    }
}
