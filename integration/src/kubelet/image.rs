//! What stands in for images: nothing pulls, unpacks or caches here.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The root file system of a container.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Image {
    /// Whether the programs, libraries and settings of this machine are in it, read-only, all but
    /// what lies in `/usr/local`.
    pub(super) of_this_machine: bool,
    /// Further files: place in the image, and file of this machine.
    pub(super) files: Vec<(PathBuf, PathBuf)>,
}

impl Image {
    /// An image without a single file.
    pub fn from_scratch() -> Self {
        Self {
            of_this_machine: false,
            files: vec![],
        }
    }

    /// An image with what this machine has in `/usr`, `/bin`, `/sbin`, `/lib*` and `/etc`.
    pub fn of_this_machine() -> Self {
        Self {
            of_this_machine: true,
            files: vec![],
        }
    }

    /// The same with a file of this machine at a place of its own.
    #[must_use]
    pub fn with_file(mut self, place: impl Into<PathBuf>, file: &Path) -> Self {
        self.files.push((place.into(), file.to_owned()));
        self
    }
}

/// An image's name without its tag.
pub(super) fn strip_tag(image: &str) -> &str {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

#[cfg(test)]
mod tests {
    use super::strip_tag;

    #[test]
    fn a_port_is_no_tag() {
        for (image, name) in [
            ("vault", "vault"),
            ("hashicorp/vault:1.21.1", "hashicorp/vault"),
            ("registry:5000/vault", "registry:5000/vault"),
            ("registry:5000/vault:1", "registry:5000/vault"),
        ] {
            assert_eq!(strip_tag(image), name);
        }
    }
}
