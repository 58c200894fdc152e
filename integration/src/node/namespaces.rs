//! The namespaces that a node lives in, and the process that holds them.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::place::{self, Place};
use super::{Node, NodeError};
use crate::demo::processes::Process;
use crate::process::{self, Output};
use crate::tools::{self, Tool};
use crate::wait::{Probe, wait_for};

/// A variable in the environment of everything that the node starts, but for its pods. It tells these
/// processes from all others, whoever started them. Files with process numbers would be wrong after a crash.
const MARK: &str = "TOKENPIPE_NODE";
/// A program that waits, and reaps what others leave: the node's first process.
const INIT: Tool = Tool::Catatonit;
/// Where the node's programs find each other.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Kernel settings of the whole machine that kubelet changes. The node gets copies to change.
const KERNEL_SETTINGS: [&str; 7] = [
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/panic_on_warn",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
];
/// `$1` is the node's directory, `$2` the init program; then pairs of a path in that directory and what
/// it stands in for.
const ENTER: &str = r#"
node=$1 init=$2
shift 2
while [ $# -gt 0 ]; do
    mount --bind "$node/$1" "$2"
    shift 2
done
mount -t tmpfs -o mode=0755 tmpfs /run
exec "$init" -P
"#;

/// Makes the namespaces, and gives the number of their first process on this machine.
pub(super) fn make_namespaces(place: &Place) -> Result<u32, NodeError> {
    let init = tools::find_tool(INIT)?;
    let mut command = Command::new("unshare");
    command.args([
        "--pid",
        "--fork",
        "--mount",
        "--net",
        "--ipc",
        "--mount-proc",
    ]);
    command.args(["sh", "-ec", ENTER, "init"]);
    command.arg(place.directory()).arg(init);
    for (own, path) in place::OWN {
        fs::create_dir_all(place.file_path(own))?;
        command.args([own, path]);
    }
    for name in KERNEL_SETTINGS {
        let (own, path) = (format!("kernel/{name}"), format!("/proc/sys/{name}"));
        if Path::new(&path).exists() {
            copy_file(Path::new(&path), &place.file_path(&own))?;
            command.args([own, path]);
        }
    }
    let mut child = start_detached(place, &command, "init")?;
    wait_for(
        "the node's first process",
        Duration::from_secs(20),
        || match (find_init(place), child.try_wait()) {
            (Ok(Some(init)), _) => Probe::Ready(init),
            (_, Ok(Some(status))) => Probe::Failed(format!("it ended: {status}")),
            (Err(error), _) => Probe::NotYet(error.to_string()),
            (Ok(None), _) => Probe::NotYet("it is not there".to_owned()),
        },
    )
    .map_err(|wait| start_error(place, "init", wait))
}

/// The node's first process, once its mounts are made.
pub(super) fn find_init(place: &Place) -> io::Result<Option<u32>> {
    let is_init = |process: &Process| {
        process.name() == INIT.name() && matches!(process.inner_id(), Ok(Some(1)))
    };
    Ok(find_marked(place)?
        .into_iter()
        .find(is_init)
        .map(|process| process.id))
}

/// All that the node has started, but for its pods.
pub(super) fn find_marked(place: &Place) -> io::Result<Vec<Process>> {
    let mark = [MARK, "="].concat().into_bytes();
    let mark = [
        mark,
        place.directory().as_os_str().as_encoded_bytes().to_vec(),
    ]
    .concat();
    let has_mark = |id: &u32| {
        fs::read(format!("/proc/{id}/environ"))
            .is_ok_and(|bytes| bytes.split(|byte| *byte == 0).any(|entry| entry == mark))
    };
    // What ends meanwhile is left out.
    let processes = list_process_ids()?
        .filter(has_mark)
        .filter_map(|id| Process::read(id).ok());
    Ok(processes.collect())
}

/// The numbers of all processes.
pub(super) fn list_process_ids() -> io::Result<impl Iterator<Item = u32>> {
    Ok(fs::read_dir("/proc")?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok()))
}

/// Starts a program in the background that outlives this process.
pub(super) fn start_detached(place: &Place, command: &Command, name: &str) -> io::Result<Child> {
    let log = place.log_path(name);
    if let Some(directory) = log.parent() {
        fs::create_dir_all(directory)?;
    }
    let log = File::options().create(true).append(true).open(log)?;
    let mut detached = Command::new("setsid");
    detached.arg(command.get_program()).args(command.get_args());
    detached
        .env_clear()
        .env(MARK, place.directory())
        .env("HOME", "/root")
        .env("PATH", search_path()?)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
}

/// containerd looks for its shim and for runc, kube-proxy for nft.
fn search_path() -> io::Result<String> {
    let mut path = PATH.to_owned();
    for tool in [Tool::ContainerdShimRuncV2, Tool::Runc, Tool::Nft] {
        let program =
            tools::find_tool(tool).map_err(|error| io::Error::other(error.to_string()))?;
        if let Some(directory) = program.parent() {
            path = format!("{}:{path}", directory.display());
        }
    }
    Ok(path)
}

impl Node {
    /// A command that runs in the node's namespaces.
    pub(super) fn command_in_node(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.init));
        command
            .args(["--mount", "--pid", "--net", "--ipc", "--"])
            .arg(program);
        command
    }

    /// A command that runs on this machine with the node's network: its loopback is the node's.
    pub fn command_in_network(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.init));
        command.args(["--net", "--"]).arg(program);
        command
    }

    /// Runs a program in the node's namespaces, and expects it to succeed.
    pub(super) fn run_in_node(
        &self,
        program: impl AsRef<OsStr>,
        arguments: &[&str],
    ) -> Result<Output, NodeError> {
        run_successfully(self.command_in_node(program).args(arguments), "")
    }
}

/// Runs a program that is expected to succeed.
pub(super) fn run_successfully(command: &mut Command, input: &str) -> Result<Output, NodeError> {
    let output = process::run_with_input(command, input.as_bytes(), Duration::from_secs(120))?;
    if output.status.success() {
        return Ok(output);
    }
    let words = [command.get_program()]
        .into_iter()
        .chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    Err(NodeError::Command {
        what: words.join(" "),
        output,
    })
}

/// An error with the end of the log of the program that was waited for.
pub(super) fn start_error(place: &Place, program: &str, wait: crate::wait::WaitError) -> NodeError {
    let path = place.log_path(program);
    let log = fs::read_to_string(&path).unwrap_or_default();
    NodeError::Start {
        wait,
        path,
        log: process::last_lines(&log, 20),
    }
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(directory) = to.parent() {
        fs::create_dir_all(directory)?;
    }
    // A file of the kernel's says that it is empty, so it cannot be copied as one.
    fs::write(to, fs::read(from)?)
}
