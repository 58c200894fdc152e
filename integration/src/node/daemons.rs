//! The programs that make a node.

use std::fs;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use serde_json::Value;

use super::files::{self, CONTAINERD_SOCKET};
use super::namespaces::{find_marked, start_detached, start_error};
use super::network::ADDRESS;
use super::{NAME, Node, NodeError};
use crate::process::Signal;
use crate::tools::{self, Tool};
use crate::wait::{Probe, wait_for};

/// A program of the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the programs")]
pub enum Daemon {
    Etcd,
    ApiServer,
    ControllerManager,
    Scheduler,
    Containerd,
    Kubelet,
    Proxy,
}

impl Daemon {
    pub(super) const ALL: [Self; 7] = [
        Self::Etcd,
        Self::ApiServer,
        Self::ControllerManager,
        Self::Scheduler,
        Self::Containerd,
        Self::Kubelet,
        Self::Proxy,
    ];

    pub(super) const fn tool(self) -> Tool {
        match self {
            Self::Etcd => Tool::Etcd,
            Self::ApiServer => Tool::KubeApiserver,
            Self::ControllerManager => Tool::KubeControllerManager,
            Self::Scheduler => Tool::KubeScheduler,
            Self::Containerd => Tool::Containerd,
            Self::Kubelet => Tool::Kubelet,
            Self::Proxy => Tool::KubeProxy,
        }
    }

    fn build_arguments(self, node: &Node) -> Vec<String> {
        let file = |name: &str| node.place.file_path(name).display().to_string();
        let admin = format!("--kubeconfig={}", file("admin.kubeconfig"));
        match self {
            Self::Etcd => vec!["--data-dir=/var/lib/etcd".to_owned()],
            Self::ApiServer => files::api_server(&node.place),
            Self::ControllerManager => vec![
                admin,
                "--leader-elect=false".to_owned(),
                format!("--root-ca-file={}", file("ca.crt")),
                format!(
                    "--service-account-private-key-file={}",
                    file("service-account.key")
                ),
            ],
            Self::Scheduler => vec![admin, "--leader-elect=false".to_owned()],
            Self::Containerd => vec![format!("--config={}", file("containerd.toml"))],
            Self::Kubelet => vec![
                format!("--config={}", file("kubelet.json")),
                format!("--kubeconfig={}", file("kubelet.kubeconfig")),
                format!("--hostname-override={NAME}"),
                format!("--node-ip={ADDRESS}"),
            ],
            Self::Proxy => vec![format!("--config={}", file("kube-proxy.json"))],
        }
    }
}

impl Node {
    /// Starts a program of the node.
    pub(super) fn launch_daemon(&self, daemon: Daemon) -> Result<Child, NodeError> {
        let mut command = self.command_in_node(tools::find_tool(daemon.tool())?);
        command.args(daemon.build_arguments(self));
        Ok(start_detached(&self.place, &command, daemon.tool().name())?)
    }

    /// Kills a program of the node as a crash would, and waits for its end. What it started stays.
    pub fn kill_daemon(&self, daemon: Daemon) -> Result<(), NodeError> {
        const LIMIT: Duration = Duration::from_secs(30);
        let id = self
            .find_daemon(daemon)?
            .ok_or(NodeError::Absent(daemon.tool().name()))?;
        signal_process(id, Signal::KILL)?;
        let what = format!("the end of {}", daemon.tool().name());
        let process = format!("/proc/{id}");
        wait_for(&what, LIMIT, || has_ended(process.as_ref()))?;
        Ok(())
    }

    /// Kills a program of the node, unless it has ended, and starts it again.
    pub fn restart_daemon(&self, daemon: Daemon) -> Result<(), NodeError> {
        match self.kill_daemon(daemon) {
            Ok(()) | Err(NodeError::Absent(_)) => self.start_again(daemon),
            Err(error) => Err(error),
        }
    }

    /// Opens or closes a feature gate of kubelet, which is started again for that.
    pub fn set_kubelet_gate(&self, gate: &str, is_open: bool) -> Result<(), NodeError> {
        let path = self.place.file_path("kubelet.json");
        let at = |source| NodeError::File {
            path: path.clone(),
            source,
        };
        let text = fs::read(&path).map_err(at)?;
        let mut configuration: Value =
            serde_json::from_slice(&text).map_err(|error| at(error.into()))?;
        configuration["featureGates"][gate] = is_open.into();
        fs::write(&path, configuration.to_string()).map_err(at)?;
        self.restart_daemon(Daemon::Kubelet)
    }

    /// Opens or closes a feature gate of the API server, which is started again for that. It answers a
    /// while later.
    pub fn set_api_server_gate(&self, gate: &str, is_open: bool) -> Result<(), NodeError> {
        let path = self.place.file_path(files::API_GATES);
        let written = fs::write(&path, format!("{gate}={is_open}"));
        written.map_err(|source| NodeError::File { path, source })?;
        self.restart_daemon(Daemon::ApiServer)
    }

    /// Starts a program of the node that was killed. What everything else stands on answers afterwards.
    pub fn start_again(&self, daemon: Daemon) -> Result<(), NodeError> {
        let mut child = self.launch_daemon(daemon)?;
        match daemon {
            Daemon::Containerd => self.wait_for_containerd(&mut child),
            Daemon::ApiServer => self.wait_for_api_server(&mut child),
            _ => Ok(()),
        }
    }

    /// Waits until the API server answers. One that ends, because something of the former one still
    /// holds its port, is launched again.
    fn wait_for_api_server(&self, child: &mut Child) -> Result<(), NodeError> {
        const LIMIT: Duration = Duration::from_secs(180);
        let kubectl = tools::find_tool(Tool::Kubectl)?;
        let admin = format!(
            "--kubeconfig={}",
            self.place.file_path("admin.kubeconfig").display()
        );
        let answers = || {
            if let Ok(Some(status)) = child.try_wait() {
                return match self.launch_daemon(Daemon::ApiServer) {
                    Ok(next) => {
                        *child = next;
                        Probe::NotYet(format!("it ended: {status}, and was launched again"))
                    }
                    Err(error) => Probe::Failed(error.to_string()),
                };
            }
            match self.run_in_node(&kubectl, &[&admin, "get", "--raw", "/readyz"]) {
                Ok(_) => Probe::Ready(()),
                Err(error) => Probe::NotYet(error.to_string()),
            }
        };
        wait_for("the API server that was started again", LIMIT, answers)
            .map_err(|wait| start_error(&self.place, Daemon::ApiServer.tool().name(), wait))
    }

    /// The number of a program's process on this machine.
    fn find_daemon(&self, daemon: Daemon) -> Result<Option<u32>, NodeError> {
        let name = daemon.tool().name();
        let found = find_marked(&self.place)?
            .into_iter()
            .find(|process| process.name() == name);
        Ok(found.map(|process| process.id))
    }

    pub(super) fn wait_for_containerd(&self, child: &mut Child) -> Result<(), NodeError> {
        let ctr = tools::find_tool(Tool::Ctr)?;
        let address = format!("--address={CONTAINERD_SOCKET}");
        self.wait_for("containerd", Daemon::Containerd, child, || {
            self.run_in_node(&ctr, &[&address, "version"])
        })?;
        Ok(())
    }
}

/// Whether a process of this machine has closed its files and sockets, though its parent may not have
/// asked for its status yet. Its first thread is a zombie earlier than that: threads that still run
/// share the files.
fn has_ended(process: &Path) -> bool {
    let Ok(threads) = fs::read_dir(process.join("task")) else {
        return true;
    };
    threads.flatten().all(|thread| is_zombie(&thread.path()))
}

fn is_zombie(thread: &Path) -> bool {
    // Field 3 of proc(5)'s stat; the second is in parentheses.
    let Ok(stat) = fs::read_to_string(thread.join("stat")) else {
        return true;
    };
    let state = stat.rsplit_once(')').map(|(_, rest)| rest.trim_start());
    state.is_some_and(|state| state.starts_with(['Z', 'X']))
}

/// Sends a signal to a process of this machine, unless it has ended.
pub(crate) fn signal_process(id: u32, signal: Signal) -> std::io::Result<()> {
    let id = i32::try_from(id)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    match id.map(|id| rustix::process::kill_process(id, signal)) {
        Some(Err(error)) if error != rustix::io::Errno::SRCH => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::has_ended;

    /// A double of proc(5): a real zombie with a live thread cannot be had without unsafe code.
    #[test]
    fn has_ended_with_a_live_thread_is_false() {
        for (first, second, expected) in [
            ("S", "S", false),
            ("Z", "S", false),
            ("Z", "D", false),
            ("Z", "Z", true),
            ("Z", "X", true),
        ] {
            let process = tempfile::tempdir().expect("a directory");
            for (thread, state) in [("7", first), ("8", second)] {
                let directory = process.path().join("task").join(thread);
                fs::create_dir_all(&directory).expect("a directory");
                let stat = format!("{thread} (a) Z b) {state} 1 7 7 0");
                fs::write(directory.join("stat"), stat).expect("a file");
            }
            assert_eq!(has_ended(process.path()), expected, "{first} {second}");
        }
        assert!(has_ended("/proc/none".as_ref()));
    }
}
