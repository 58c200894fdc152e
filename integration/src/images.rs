//! The container images, built from the repository's Containerfiles with podman.
//!
//! An image of ours is named after a digest of all that it is made from, so that two states of the
//! repository never share a name, and what a cluster has already need not be built.

mod build;
mod error;
mod postgres;
mod recipe;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub use build::Builder;
pub(crate) use build::SETTINGS;
pub use error::ImageError;
pub use recipe::Image;

/// An image in an archive, which goes when this is dropped.
pub struct Built {
    /// What a pod calls it.
    pub name: String,
    /// The digest of its manifest.
    pub digest: String,
    archive: PathBuf,
    /// Where it lies.
    directory: TempDir,
}

impl Built {
    /// Moves the archive to a place where it stays.
    pub fn keep_archive(self, path: &Path) -> Result<(), ImageError> {
        let at = |source| ImageError::File {
            path: path.to_owned(),
            source,
        };
        std::fs::copy(&self.archive, path).map_err(at)?;
        self.directory.close().map_err(at)
    }

    /// An OCI archive.
    pub fn archive(&self) -> &Path {
        &self.archive
    }
}
