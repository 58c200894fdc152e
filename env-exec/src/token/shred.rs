//! Overwrite, truncate, unlink, look again.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag};
use nix::sys::stat::fstatat;

use crate::files::{self, FileError};

/// Shreds the file of that name. What cannot be overwritten, because it belongs to another UID or
/// is no file at all, is only unlinked; what cannot be unlinked must at least be empty.
pub(crate) fn shred(directory: impl AsFd + Copy, name: &OsStr) -> io::Result<()> {
    match files::open_regular(directory, Path::new(name), OFlag::O_WRONLY) {
        Ok(file) => overwrite(&file)?,
        Err(FileError::Missing) => return Ok(()),
        Err(_) => {}
    }
    let unlinked = files::remove_if_present(directory, name);
    match fstatat(directory, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
        Err(Errno::ENOENT) => Ok(()),
        Err(errno) => Err(errno.into()),
        Ok(stat) if stat.st_size == 0 => Ok(()),
        Ok(_) => unlinked.and_then(|()| Err(io::Error::other("it is still there"))),
    }
}

fn overwrite(mut file: &File) -> io::Result<()> {
    let length = file.metadata()?.len();
    io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
    file.flush()?;
    file.set_len(0)
}

#[cfg(test)]
mod tests {
    use super::shred;
    use crate::files::open_directory;
    use nix::fcntl::AT_FDCWD;
    use std::fs;
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::symlink;

    #[test]
    fn shredded_file_is_overwritten_and_removed() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let opened = open_directory(AT_FDCWD, directory.path()).unwrap();

        fs::write(at("token"), "hvs.secret").unwrap();
        fs::hard_link(at("token"), at("second-name")).unwrap();
        shred(opened.as_fd(), "token".as_ref()).unwrap();
        assert!(!at("token").exists());
        assert_eq!(fs::read(at("second-name")).unwrap(), b"");

        fs::write(at("target"), "keep me").unwrap();
        symlink(at("target"), at("token")).unwrap();
        shred(opened.as_fd(), "token".as_ref()).unwrap();
        assert!(fs::symlink_metadata(at("token")).is_err());
        assert_eq!(fs::read(at("target")).unwrap(), b"keep me");

        shred(opened.as_fd(), "token".as_ref()).unwrap();
        fs::create_dir(at("token")).unwrap();
        assert!(shred(opened.as_fd(), "token".as_ref()).is_err());
    }
}
