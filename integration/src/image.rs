//! A container's file system and user without a container runtime: a root made from scratch, with
//! volumes, read-only, in namespaces of its own.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::temp;

/// Mounts what the arguments name, then becomes the program. `$1` is the root, `$2` the user; then
/// pairs of host path and path below the root, `--`, and the command.
const ENTER: &str = r#"
root=$1 user=$2
shift 2
mount --bind "$root" "$root"
while [ "$1" != -- ]; do
    mount --bind "$1" "$root$2"
    shift 2
done
shift
mount -t proc proc "$root/proc"
mount -o remount,bind,ro "$root"
exec chroot --userspec="$user:$user" --groups= "$root" "$@"
"#;

/// A root file system with only what is put there.
pub struct Image {
    root: TempDir,
    volumes: Vec<(PathBuf, String)>,
}

impl Image {
    /// An empty one, but for `/proc` and a `/dev` with `null` and kubelet's file for the last
    /// message.
    pub fn from_scratch() -> io::Result<Self> {
        let root = temp::create_directory("image")?;
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755))?;
        let mut image = Self {
            root,
            volumes: vec![],
        };
        fs::create_dir(image.host_path("/proc"))?;
        image.mount_path(Path::new("/dev/null"), "/dev/null")?;
        let log = image.log_on_host();
        fs::write(&log, "")?;
        fs::set_permissions(&log, fs::Permissions::from_mode(0o666))?;
        image.mount_path(&log, "/dev/termination-log")?;
        Ok(image)
    }

    /// Where a path of the image is on the host. What is mounted there is seen only inside.
    pub fn host_path(&self, at: &str) -> PathBuf {
        self.root.path().join(at.trim_start_matches('/'))
    }

    /// Copies a program to a place.
    pub fn copy_program(&self, program: &Path, at: &str) -> io::Result<()> {
        let to = self.host_path(at);
        make_parent(&to)?;
        fs::copy(program, &to)?;
        fs::set_permissions(&to, fs::Permissions::from_mode(0o755))
    }

    /// Writes a file.
    pub fn write_file(&self, at: &str, text: &str) -> io::Result<()> {
        make_parent(&self.host_path(at))?;
        fs::write(self.host_path(at), text)
    }

    /// Mounts a file or directory of the host at a place, writable.
    pub fn mount_path(&mut self, host: &Path, at: &str) -> io::Result<()> {
        let to = self.host_path(at);
        make_parent(&to)?;
        if host.is_dir() {
            fs::create_dir_all(&to)?;
        } else if !to.exists() {
            fs::write(&to, "")?;
        }
        self.volumes.push((host.to_owned(), at.to_owned()));
        Ok(())
    }

    /// The command that runs a program in it as the first process, under this user and group.
    pub fn build_command(&self, user: u32, program: &[&str]) -> Command {
        let mut command = Command::new("unshare");
        command.args([
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--",
            "sh",
            "-ec",
            ENTER,
            "enter",
        ]);
        command.arg(self.root.path()).arg(user.to_string());
        for (host, at) in &self.volumes {
            command.arg(host).arg(at);
        }
        command.arg("--").args(program);
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command
    }

    /// The last message that a program left for kubelet.
    pub fn termination_message(&self) -> io::Result<String> {
        fs::read_to_string(self.log_on_host())
    }

    fn log_on_host(&self) -> PathBuf {
        self.root.path().with_extension("termination-log")
    }
}

fn make_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}
