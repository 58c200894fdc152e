//! A container's token volume: the directory in it that is ours, and the files there.

use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use contract::paths::{HANDOVER, RERUN_FILE, TOKEN_FILE};
use nix::fcntl::AT_FDCWD;
use nix::sys::stat::Mode;

use super::{Record, Token, TokenError, shred};
use crate::files::{self, FileError};

/// Longest record that is read.
const LONGEST_RECORD: u64 = 16 * 1024;

/// The directory of ours in a token volume, opened.
pub(crate) struct TokenVolume {
    directory: OwnedFd,
    path: PathBuf,
}

impl TokenVolume {
    /// Opens it; `None` if nobody ever handed over a token there.
    pub(crate) fn open(volume: &Path) -> Result<Option<Self>, TokenError> {
        let path = volume.join(HANDOVER);
        match files::open_directory(AT_FDCWD, &path) {
            Ok(directory) => Ok(Some(Self { directory, path })),
            Err(FileError::Missing) => Ok(None),
            Err(problem) => Err(TokenError::File {
                path: path.display().to_string(),
                problem,
            }),
        }
    }

    /// Reads the token. A file that is empty was being shredded when its process was killed.
    pub(crate) fn read(&self) -> Result<Option<Token>, TokenError> {
        super::read_at(&self.directory, TOKEN_FILE, || self.shown(TOKEN_FILE))
    }

    /// Shreds the token, and what an agent that was killed may have left beside it.
    pub(crate) fn shred(&self) -> Result<(), TokenError> {
        let leftover = files::temporary_name(TOKEN_FILE);
        for name in [TOKEN_FILE, &leftover] {
            shred(self.directory.as_fd(), name.as_ref()).map_err(|error| {
                TokenError::NotShredded {
                    path: self.shown(name),
                    reason: error.to_string(),
                }
            })?;
        }
        Ok(())
    }

    /// What earlier starts left.
    pub(crate) fn record(&self) -> Record {
        files::read_regular(&self.directory, Path::new(RERUN_FILE), LONGEST_RECORD)
            .map(|bytes| Record::parse(&bytes))
            .unwrap_or_default()
    }

    /// Leaves a record for the next start, which may have another UID.
    pub(crate) fn set_record(&self, record: &Record) -> std::io::Result<()> {
        let mode = Mode::from_bits_truncate(0o666);
        files::replace(self.directory.as_fd(), RERUN_FILE, &record.to_json(), mode)
    }

    /// The token's file in a volume, for messages.
    pub(crate) fn token_path(volume: &Path) -> String {
        volume.join(HANDOVER).join(TOKEN_FILE).display().to_string()
    }

    fn shown(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }
}
