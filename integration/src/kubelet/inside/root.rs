//! A container's root file system.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use rustix::process::{chdir, pivot_root};

use super::{Launch, Mount};
use crate::kubelet::KubeletError;
use crate::kubelet::error::file_error;
use crate::kubelet::mounts::{make_read_only, mount_bind, mount_tmpfs};

/// Directories of this machine at the root, besides `/usr`. Where `/usr` is merged they are links.
const AT_ROOT: [&str; 7] = ["bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc"];

const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];

/// Builds it on a tmpfs at `launch.root`.
pub(super) fn assemble_root(launch: &Launch) -> Result<(), KubeletError> {
    let root = &launch.root;
    mount_tmpfs(root, "755", None)?;
    if launch.image.of_this_machine {
        mirror_machine(root)?;
    }
    for (place, file) in &launch.image.files {
        bind_mount(
            &Mount {
                source: file.clone(),
                place: place.clone(),
                read_only: true,
            },
            root,
        )?;
    }
    mount_system(root)?;
    let mut mounts: Vec<_> = launch.mounts.iter().collect();
    mounts.sort_by_key(|mount| mount.place.components().count());
    mounts
        .into_iter()
        .try_for_each(|mount| bind_mount(mount, root))?;
    if launch.read_only_root {
        make_read_only(root)?;
    }
    Ok(())
}

/// Makes it the only file system that this process sees.
pub(super) fn enter_root(root: &Path) -> Result<(), KubeletError> {
    let step = |result: rustix::io::Result<()>| {
        result
            .map_err(io::Error::from)
            .map_err(file_error("make the root file system of", root))
    };
    step(chdir(root))?;
    // The old root then lies over the new one, and goes (pivot_root(2), "pivot_root(".", ".")").
    step(pivot_root(".", "."))?;
    step(unmount(".", UnmountFlags::DETACH))?;
    step(chdir("/"))
}

fn mirror_machine(root: &Path) -> Result<(), KubeletError> {
    let usr = Path::new("/usr");
    for entry in fs::read_dir(usr).map_err(file_error("list", usr))? {
        let entry = entry.map_err(file_error("list", usr))?;
        if entry.file_name() != "local" {
            mirror_path(&entry.path(), root)?;
        }
    }
    AT_ROOT
        .iter()
        .try_for_each(|name| mirror_path(&Path::new("/").join(name), root))?;
    let temporary = root.join("tmp");
    DirBuilder::new()
        .mode(0o1777)
        .create(&temporary)
        .map_err(file_error("make", &temporary))
}

/// A directory of this machine at the same place, read-only; a link as a link.
fn mirror_path(path: &Path, root: &Path) -> Result<(), KubeletError> {
    let Ok(metadata) = path.symlink_metadata() else {
        return Ok(());
    };
    if metadata.is_symlink() {
        let target = fs::read_link(path).map_err(file_error("read the link", path))?;
        return symlink(target, join_root(root, path)).map_err(file_error("make the link", path));
    }
    let (source, place) = (path.to_owned(), path.to_owned());
    bind_mount(
        &Mount {
            source,
            place,
            read_only: true,
        },
        root,
    )
}

/// What a container runtime puts into every container.
fn mount_system(root: &Path) -> Result<(), KubeletError> {
    let proc = make_directory(root, Path::new("/proc"))?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount("proc", &proc, "proc", flags, None)
        .map_err(io::Error::from)
        .map_err(file_error("mount", &proc))?;
    let devices = make_directory(root, Path::new("/dev"))?;
    for name in DEVICES {
        let source = Path::new("/dev").join(name);
        bind_mount(
            &Mount {
                place: source.clone(),
                source,
                read_only: false,
            },
            root,
        )?;
    }
    for (name, target) in [
        ("fd", ""),
        ("stdin", "/0"),
        ("stdout", "/1"),
        ("stderr", "/2"),
    ] {
        let link = devices.join(name);
        symlink(format!("/proc/self/fd{target}"), &link)
            .map_err(file_error("make the link", &link))?;
    }
    Ok(())
}

fn bind_mount(mount: &Mount, root: &Path) -> Result<(), KubeletError> {
    let place = if mount.source.is_dir() {
        make_directory(root, &mount.place)?
    } else {
        let place = join_root(root, &mount.place);
        if let Some(parent) = mount.place.parent() {
            make_directory(root, parent)?;
        }
        File::create(&place).map_err(file_error("make the mount point", &mount.place))?;
        place
    };
    mount_bind(&mount.source, &place, mount.read_only)
}

fn make_directory(root: &Path, place: &Path) -> Result<PathBuf, KubeletError> {
    let directory = join_root(root, place);
    fs::create_dir_all(&directory).map_err(file_error("make the mount point", place))?;
    Ok(directory)
}

fn join_root(root: &Path, place: &Path) -> PathBuf {
    root.join(place.strip_prefix("/").unwrap_or(place))
}
