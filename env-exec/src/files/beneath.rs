//! A file below a directory, through links that stay below it: kubelet and CSI drivers put every
//! file of a volume behind two of them (`token` → `..data/token`, `..data` → `..2026_…`).

use std::collections::VecDeque;
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::{Component, Path};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, readlinkat};

use super::{FileError, open_directory};

/// Most links on the way. kubelet's way has two.
const MOST_LINKS: usize = 8;

/// The directory that holds the file, opened, and its name there, which is that of no link.
///
/// By hand, because `openat2` is not there on every kernel and sandbox that runs pods: RHEL 8's and gVisor
/// do not have it.
pub(crate) fn locate(root: &Path, file: &Path) -> Result<(OwnedFd, OsString), FileError> {
    let mut directory = open_directory(AT_FDCWD, root)?;
    let mut rest = segments(file)?;
    let mut links = 0;
    while let Some(name) = rest.pop_front() {
        match readlinkat(&directory, name.as_os_str()) {
            Ok(_) if links == MOST_LINKS => return Err(FileError::Outside),
            Ok(target) => {
                links += 1;
                let mut inner = segments(Path::new(&target))?;
                inner.append(&mut rest);
                rest = inner;
            }
            // It is no link.
            Err(Errno::EINVAL) if rest.is_empty() => return Ok((directory, name)),
            Err(Errno::EINVAL) => directory = open_directory(&directory, Path::new(&name))?,
            Err(errno) => return Err(errno.into()),
        }
    }
    Err(FileError::NotRegular("a directory"))
}

fn segments(path: &Path) -> Result<VecDeque<OsString>, FileError> {
    path.components()
        .filter(|component| *component != Component::CurDir)
        .map(|component| match component {
            Component::Normal(name) => Ok(name.to_owned()),
            _ => Err(FileError::Outside),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::locate;
    use crate::files::read_regular;

    fn read(root: &Path, file: &str) -> Result<Vec<u8>, String> {
        let (directory, name) =
            locate(root, Path::new(file)).map_err(|problem| problem.to_string())?;
        read_regular(&directory, Path::new(&name), 100).map_err(|problem| problem.to_string())
    }

    #[test]
    fn a_volume_as_kubelet_writes_it() {
        let volume = tempfile::tempdir().unwrap();
        let at = |path: &str| volume.path().join(path);
        fs::create_dir_all(at("..2026_11_24/creds")).unwrap();
        fs::write(at("..2026_11_24/token"), "one").unwrap();
        fs::write(at("..2026_11_24/creds/token"), "two").unwrap();
        symlink("..2026_11_24", at("..data")).unwrap();
        symlink("..data/token", at("token")).unwrap();
        symlink("./..data/creds", at("creds")).unwrap();
        assert_eq!(read(volume.path(), "token").unwrap(), b"one");
        assert_eq!(read(volume.path(), "creds/token").unwrap(), b"two");
        assert_eq!(read(volume.path(), "..data/token").unwrap(), b"one");
    }

    #[test]
    fn nothing_outside_is_read() {
        let parent = tempfile::tempdir().unwrap();
        let volume = parent.path().join("volume");
        fs::create_dir(&volume).unwrap();
        fs::write(parent.path().join("secret"), "secret").unwrap();
        symlink("../secret", volume.join("up")).unwrap();
        symlink(parent.path().join("secret"), volume.join("absolute")).unwrap();
        symlink("..", volume.join("parent")).unwrap();
        symlink("circle", volume.join("circle")).unwrap();
        symlink("/proc/self", volume.join("proc")).unwrap();
        for file in ["up", "absolute", "parent/secret", "circle", "proc/environ"] {
            let problem = read(&volume, file).unwrap_err();
            assert!(
                problem.contains("leads out of its volume"),
                "{file}: {problem}"
            );
        }
        assert_eq!(read(&volume, "none").unwrap_err(), "does not exist");
        symlink(".", volume.join("here")).unwrap();
        assert_eq!(
            read(&volume, "here").unwrap_err(),
            "is a directory, not a regular file"
        );
    }
}
