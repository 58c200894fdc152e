//! A container's token volume: the directory in it that is ours, and the files there.

use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use contract::paths::{CLIENT_CERTIFICATE_FILE, CLIENT_KEY_FILE, HANDOVER, RERUN_FILE, TOKEN_FILE};
use nix::fcntl::AT_FDCWD;
use nix::sys::stat::Mode;

use super::{Record, Token, TokenError, shred};
use crate::files::{self, FileError};

/// Longest record that is read.
const LONGEST_RECORD: u64 = 16 * 1024;

/// What is handed over and must not stay: the token, and what is shown to Vault with it. The token
/// is the first to go and the last to come: where it is, all is.
pub(crate) const HANDED_OVER: [&str; 3] = [TOKEN_FILE, CLIENT_KEY_FILE, CLIENT_CERTIFICATE_FILE];

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

    /// Puts another token in its place.
    pub(crate) fn put(&self, token: &Token) -> Result<(), TokenError> {
        let mode = Mode::from_bits_truncate(0o600);
        files::replace(
            self.directory.as_fd(),
            TOKEN_FILE,
            token.expose().as_bytes(),
            mode,
        )
        .map_err(TokenError::NotWritten)
    }

    /// Shreds all that was handed over, and what an agent that was killed may have left beside it.
    pub(crate) fn shred(&self) -> Result<(), TokenError> {
        for name in HANDED_OVER {
            for name in [name, &files::temporary_name(name)] {
                shred(self.directory.as_fd(), name.as_ref()).map_err(|error| {
                    TokenError::NotShredded {
                        path: self.shown(name),
                        reason: error.to_string(),
                    }
                })?;
            }
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::TokenVolume;

    #[test]
    fn nothing_that_was_handed_over_is_left() {
        let root = tempfile::tempdir().unwrap();
        let handover = root.path().join("handover");
        fs::create_dir(&handover).unwrap();
        for name in ["token", "tls.key", "tls.crt", "rerun.json"] {
            fs::write(handover.join(name), "secret").unwrap();
            fs::write(handover.join(format!("{name}.new")), "secret").unwrap();
        }
        let volume = TokenVolume::open(root.path()).unwrap().unwrap();
        volume.shred().unwrap();
        let left = fs::read_dir(&handover).unwrap().flatten();
        let mut left: Vec<_> = left.map(|entry| entry.file_name()).collect();
        left.sort();
        assert_eq!(left, ["rerun.json", "rerun.json.new"], "the record is none");
    }
}
