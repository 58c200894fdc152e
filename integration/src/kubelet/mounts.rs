//! Mounts, and the namespaces that keep them and the processes of containers apart.

use std::ffi::CString;
use std::io;
use std::path::Path;

use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use rustix::mount::{
    MountFlags, MountPropagationFlags, mount, mount_bind_recursive, mount_change, mount_remount,
};

use super::KubeletError;
use super::error::file_error;

/// Gives the calling thread, and what it starts from now on, mounts of its own: the machine does
/// not see them, and they end with the last process that does.
pub(super) fn separate_mounts() -> Result<(), KubeletError> {
    let root = Path::new("/");
    unshare(CloneFlags::CLONE_NEWNS).map_err(|errno| match errno {
        Errno::EPERM => KubeletError::NotPermitted,
        errno => file_error("get mounts of one's own below", root)(errno.into()),
    })?;
    mount_change(
        root,
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )
    .map_err(io::Error::from)
    .map_err(file_error("keep the mounts private below", root))
}

/// Has the next process that this thread starts be the first one of a PID namespace. The thread
/// can start no other threads from then on.
pub(super) fn separate_processes() -> io::Result<()> {
    Ok(unshare(CloneFlags::CLONE_NEWPID)?)
}

/// Mounts an empty tmpfs, at most so many bytes large.
pub(super) fn mount_tmpfs(place: &Path, mode: &str, size: Option<u64>) -> Result<(), KubeletError> {
    let size = size
        .map(|bytes| format!(",size={bytes}"))
        .unwrap_or_default();
    let options = CString::new(format!("mode={mode}{size}")).unwrap_or_default();
    mount(
        "tmpfs",
        place,
        "tmpfs",
        MountFlags::NOSUID | MountFlags::NODEV,
        options.as_c_str(),
    )
    .map_err(io::Error::from)
    .map_err(file_error("mount a tmpfs at", place))
}

/// Mounts a file or directory at another place; programs in it can be executed.
pub(super) fn mount_bind(source: &Path, place: &Path, read_only: bool) -> Result<(), KubeletError> {
    mount_bind_recursive(source, place)
        .map_err(io::Error::from)
        .map_err(file_error("mount something at", place))?;
    let mut flags = MountFlags::BIND | MountFlags::NOSUID;
    // Device files are bound one by one.
    if source.is_dir() {
        flags |= MountFlags::NODEV;
    }
    if read_only {
        flags |= MountFlags::RDONLY;
    }
    change_mount(place, flags)
}

/// Makes a mount read-only from now on.
pub(super) fn make_read_only(place: &Path) -> Result<(), KubeletError> {
    change_mount(
        place,
        MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV,
    )
}

fn change_mount(place: &Path, flags: MountFlags) -> Result<(), KubeletError> {
    mount_remount(place, flags, "")
        .map_err(io::Error::from)
        .map_err(file_error("change the mount at", place))
}
