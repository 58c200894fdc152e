//! Files in places where somebody else may have put something else: nothing is followed, nothing
//! blocks, nothing is read without a bound.

mod beneath;

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, openat, renameat};
use nix::sys::stat::{Mode, SFlag, fchmod, fstat};
use nix::unistd::{UnlinkatFlags, unlinkat};
use thiserror::Error;

pub(crate) use beneath::locate;

/// Why a file is not read. One clause, to stand behind the file's name.
#[derive(Debug, Error)]
pub(crate) enum FileError {
    #[error("does not exist")]
    Missing,
    #[error("is a symbolic link, which is not followed; name the file itself")]
    Symlink,
    #[error("is a symbolic link that leads out of its volume, or in a circle")]
    Outside,
    #[error("is {0}, not a regular file")]
    NotRegular(&'static str),
    #[error("is not a directory")]
    NotDirectory,
    #[error("is larger than {0} bytes")]
    TooLarge(u64),
    #[error("cannot be read: {}", .0.desc())]
    Unreadable(Errno),
}

impl From<Errno> for FileError {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::ENOENT | Errno::ENOTDIR => Self::Missing,
            Errno::ELOOP => Self::Symlink,
            // A socket, or a FIFO that is opened for writing and that nobody reads.
            Errno::ENXIO => Self::NotRegular("a socket or FIFO"),
            Errno::EISDIR => Self::NotRegular("a directory"),
            errno => Self::Unreadable(errno),
        }
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Errno::from_raw(error.raw_os_error().unwrap_or_default()).into()
    }
}

/// Opens a regular file below a directory, without following a link and without waiting for
/// whoever is at the other end of a FIFO.
pub(crate) fn open_regular(
    directory: impl AsFd,
    name: &Path,
    access: OFlag,
) -> Result<File, FileError> {
    let flags = access | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
    let file = openat(directory, name, flags, Mode::empty())?;
    let kind = SFlag::from_bits_truncate(fstat(&file)?.st_mode) & SFlag::S_IFMT;
    match kind {
        SFlag::S_IFREG => Ok(file.into()),
        SFlag::S_IFDIR => Err(FileError::NotRegular("a directory")),
        SFlag::S_IFIFO => Err(FileError::NotRegular("a FIFO")),
        _ => Err(FileError::NotRegular("a device")),
    }
}

/// Reads a regular file below a directory, of at most `limit` bytes.
pub(crate) fn read_regular(
    directory: impl AsFd,
    name: &Path,
    limit: u64,
) -> Result<Vec<u8>, FileError> {
    let file = open_regular(directory, name, OFlag::O_RDONLY)?;
    Ok(read_to_limit(file, limit)?).and_then(|bytes| bytes.ok_or(FileError::TooLarge(limit)))
}

/// Reads what a path names, links followed, of at most `limit` bytes.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
    let file = openat(AT_FDCWD, path, flags, Mode::empty())?;
    read_to_limit(file.into(), limit)?
        .ok_or_else(|| io::Error::other(format!("it is larger than {limit} bytes")))
}

fn read_to_limit(file: File, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= limit);
    Ok(fits.then_some(bytes))
}

/// Opens a directory, but no link to one.
pub(crate) fn open_directory(parent: impl AsFd, name: &Path) -> Result<OwnedFd, FileError> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    openat(parent, name, flags, Mode::empty()).map_err(|errno| match errno {
        Errno::ENOTDIR | Errno::ELOOP => FileError::NotDirectory,
        errno => errno.into(),
    })
}

/// Puts a file in place at once: written under a name of its own, given its mode whatever the
/// umask is, then renamed over what had the name.
pub(crate) fn replace(
    directory: impl AsFd + Copy,
    name: &str,
    contents: &[u8],
    mode: Mode,
) -> io::Result<()> {
    let temporary = temporary_name(name);
    remove_if_present(directory, &temporary)?;
    let flags =
        OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut file = File::from(openat(
        directory,
        temporary.as_str(),
        flags,
        Mode::S_IRUSR | Mode::S_IWUSR,
    )?);
    let placed = file
        .write_all(contents)
        .and_then(|()| Ok(fchmod(&file, mode)?))
        .and_then(|()| Ok(renameat(directory, temporary.as_str(), directory, name)?));
    if placed.is_err() {
        remove_if_present(directory, &temporary)?;
    }
    placed
}

/// The name under which [`replace`] writes; a process that is killed leaves it behind.
pub(crate) fn temporary_name(name: &str) -> String {
    format!("{name}.new")
}

/// Removes a name that is not a directory.
pub(crate) fn remove_if_present(directory: impl AsFd, name: impl AsRef<Path>) -> io::Result<()> {
    match unlinkat(directory, name.as_ref(), UnlinkatFlags::NoRemoveDir) {
        Ok(()) | Err(Errno::ENOENT) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}
