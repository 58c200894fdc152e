//! A token in a volume of the pod's that somebody else writes.

use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};

use super::{LONGEST, Token, TokenError, shred};
use crate::files::{self, FileError};

/// Where it is, and whether it is shredded.
pub(crate) struct ForeignToken {
    volume: PathBuf,
    file: PathBuf,
    is_shredded: bool,
}

impl ForeignToken {
    /// The file `file` below `volume`.
    pub(crate) fn new(volume: &Path, file: &Path, is_shredded: bool) -> Self {
        Self {
            volume: volume.to_owned(),
            file: file.to_owned(),
            is_shredded,
        }
    }

    /// Reads it; `None` if it is not there or empty: whoever writes it may be about to.
    pub(crate) fn read(&self) -> Result<Option<Token>, TokenError> {
        let bytes = files::locate(&self.volume, &self.file).and_then(|(directory, name)| {
            files::read_regular(&directory, Path::new(&name), LONGEST)
        });
        match bytes {
            Ok(bytes) => Token::parse(&bytes, || self.path()),
            Err(FileError::Missing) => Ok(None),
            Err(problem) => Err(TokenError::File {
                path: self.path(),
                problem,
            }),
        }
    }

    /// What can be unwrapped once must not stay for a second start.
    pub(crate) fn check_can_unwrap(&self) -> Result<(), TokenError> {
        if self.is_shredded {
            return Ok(());
        }
        Err(TokenError::WrappedAndKept { path: self.path() })
    }

    /// Shreds it, if that is wanted.
    pub(crate) fn give_up(&self) -> Result<(), TokenError> {
        if !self.is_shredded {
            return Ok(());
        }
        let not_shredded = |reason: String| TokenError::NotShredded {
            path: self.path(),
            reason,
        };
        match files::locate(&self.volume, &self.file) {
            Ok((directory, name)) => {
                shred(directory.as_fd(), &name).map_err(|error| not_shredded(error.to_string()))
            }
            Err(FileError::Missing) => Ok(()),
            Err(problem) => Err(not_shredded(format!("it {problem}"))),
        }
    }

    /// Whether env-exec shreds it.
    pub(crate) fn is_shredded(&self) -> bool {
        self.is_shredded
    }

    /// The file, for messages.
    pub(crate) fn path(&self) -> String {
        self.volume.join(&self.file).display().to_string()
    }
}
