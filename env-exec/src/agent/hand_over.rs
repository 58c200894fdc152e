//! One copy of the token for each container, in its own volume, and of the certificate that it shows
//! Vault: all of them, or none.

use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use contract::AgentSettings;
use contract::paths::{CLIENT_CERTIFICATE_FILE, CLIENT_KEY_FILE, HANDOVER, TOKEN_FILE, TOKENS};
use nix::errno::Errno;
use nix::fcntl::AT_FDCWD;
use nix::sys::stat::{Mode, fchmod, mkdirat};
use nix::unistd::{UnlinkatFlags, unlinkat};

use secrecy::ExposeSecret as _;

use super::error::AgentError;
use crate::files::{self, FileError};
use crate::settings::Identity;
use crate::token::{self, HANDED_OVER, Token};

/// Who may use what is handed over.
#[derive(Clone, Copy)]
struct Modes {
    directory: Mode,
    file: Mode,
}

/// Hands the token to every container, and the certificate where there is one.
pub(super) fn to_all(
    settings: &AgentSettings,
    token: &Token,
    identity: Option<&Identity>,
) -> Result<(), AgentError> {
    let files = files(token, identity);
    let volumes: Vec<PathBuf> = settings
        .containers
        .iter()
        .map(|container| volume(container))
        .collect::<Result<_, _>>()?;
    let modes = modes(settings.same_uid);
    let placed = volumes
        .iter()
        .try_for_each(|volume| to_one(volume, &files, modes));
    if placed.is_err() {
        // The error that counts is the first one.
        for volume in &volumes {
            take_back(volume);
        }
    }
    placed
}

/// Name and content; the token is the last.
fn files<'a>(token: &'a Token, identity: Option<&'a Identity>) -> Vec<(&'static str, &'a [u8])> {
    let mut files = Vec::new();
    if let Some(Identity { certificate, key }) = identity {
        files.push((CLIENT_CERTIFICATE_FILE, certificate.1.as_slice()));
        files.push((CLIENT_KEY_FILE, key.1.expose_secret()));
    }
    files.push((TOKEN_FILE, token.expose().as_bytes()));
    files
}

/// One UID: it alone. Otherwise everybody, in a volume that only one container mounts: the
/// program's UID must be able to overwrite and unlink.
fn modes(same_uid: bool) -> Modes {
    let (directory, file) = if same_uid {
        (0o700, 0o600)
    } else {
        (0o777, 0o666)
    };
    Modes {
        directory: Mode::from_bits_truncate(directory),
        file: Mode::from_bits_truncate(file),
    }
}

/// A container's name is a DNS label, and nothing that leads elsewhere.
fn volume(container: &str) -> Result<PathBuf, AgentError> {
    let is_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !container.is_empty() && container.chars().all(is_label) {
        Ok(Path::new(TOKENS).join(container))
    } else {
        Err(AgentError::Settings(format!(
            "{container:?} is no container's name"
        )))
    }
}

fn to_one(volume: &Path, files: &[(&str, &[u8])], modes: Modes) -> Result<(), AgentError> {
    let path = volume.join(HANDOVER);
    let wrong = |reason: String| AgentError::Place {
        place: path.display().to_string(),
        reason,
    };
    let directory = directory(volume, modes).map_err(wrong)?;
    for name in HANDED_OVER {
        for name in [name, &files::temporary_name(name)] {
            remove(&directory, name).map_err(|errno| wrong(errno.desc().into()))?;
        }
    }
    files.iter().try_for_each(|(name, content)| {
        files::replace(directory.as_fd(), name, content, modes.file)
            .map_err(|error| wrong(error.to_string()))
    })
}

/// The directory of ours in a volume. After a rerun it is there already, with whatever the program
/// of an earlier start has made of it.
fn directory(volume: &Path, modes: Modes) -> Result<OwnedFd, String> {
    let volume = files::open_directory(AT_FDCWD, volume).map_err(|problem| problem.to_string())?;
    let handover = Path::new(HANDOVER);
    let make = || match mkdirat(&volume, handover, Mode::S_IRWXU) {
        Ok(()) | Err(Errno::EEXIST) => files::open_directory(&volume, handover),
        Err(errno) => Err(errno.into()),
    };
    let opened = match make() {
        // A link or file in its place: neither is followed, both go.
        Err(FileError::NotDirectory) => {
            unlinkat(&volume, handover, UnlinkatFlags::NoRemoveDir)
                .map_err(|errno| errno.desc().to_owned())?;
            make()
        }
        opened => opened,
    };
    let directory = opened.map_err(|problem| problem.to_string())?;
    fchmod(&directory, modes.directory)
        .map_err(|errno| format!("its mode cannot be set: {}", errno.desc()))?;
    Ok(directory)
}

fn remove(directory: &OwnedFd, name: &str) -> Result<(), Errno> {
    match unlinkat(directory, name, UnlinkatFlags::NoRemoveDir) {
        Ok(()) | Err(Errno::ENOENT) => Ok(()),
        Err(Errno::EISDIR) => unlinkat(directory, name, UnlinkatFlags::RemoveDir),
        Err(errno) => Err(errno),
    }
}

fn take_back(volume: &Path) {
    if let Ok(directory) = files::open_directory(AT_FDCWD, &volume.join(HANDOVER)) {
        for name in HANDED_OVER {
            // Nothing better can be done about a token that cannot be removed either.
            let _ = token::shred(directory.as_fd(), name.as_ref());
        }
    }
}
