//! A container registry of a node: its containerd pulls from there, and podman pushes to it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::E2eError;
use crate::images;
use crate::node::Node;
use crate::process::{self, Background};
use crate::temp;
use crate::tools::{self, Tool};
use crate::wait::{Probe, wait_for};

const READY: Duration = Duration::from_secs(30);
const CONTAINERS: &str = "containers.conf";
const STORAGE: &str = "storage.conf";
const REGISTRIES: &str = "registries.conf";

/// A registry on the loopback of a node, where containerd asks for no certificate. It ends when this is
/// dropped, and so does what podman stores.
pub struct Registry {
    // Before the directory, which its log lies in.
    process: Background,
    directory: TempDir,
}

impl Registry {
    /// Where the node reaches it.
    pub const ADDRESS: &'static str = "localhost:5000";

    /// Starts it, and waits until it answers.
    pub fn start(node: &Node) -> Result<Self, E2eError> {
        let directory = temp::create_directory("registry")?;
        let file = |name: &str| directory.path().join(name);
        let (_, port) = Self::ADDRESS.split_once(':').unwrap_or_default();
        let configuration = format!(
            "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: \":{port}\"}}\n",
            file("data").display()
        );
        fs::write(file("registry.yaml"), configuration)?;
        // Driver `vfs`, because it mounts nothing.
        let storage = format!(
            "[storage]\ndriver = \"vfs\"\ngraphroot = \"{}\"\nrunroot = \"{}\"\n",
            file("root").display(),
            file("run").display()
        );
        let insecure = format!(
            "[[registry]]\nlocation = \"{}\"\ninsecure = true\n",
            Self::ADDRESS
        );
        let containers = format!("{}cgroup_manager = \"cgroupfs\"\n", images::SETTINGS);
        fs::write(file(CONTAINERS), containers)?;
        fs::write(file(STORAGE), storage)?;
        fs::write(file(REGISTRIES), insecure)?;
        let mut command = node.command_in_network(tools::find_tool(Tool::DockerRegistry)?);
        command.arg("serve").arg(file("registry.yaml"));
        let process = Background::start(&mut command, &file("registry.log"))?;
        let registry = Self { process, directory };
        registry.wait_until_ready(node)?;
        Ok(registry)
    }

    /// Settings for podman, as variables.
    pub fn podman_environment(&self) -> [(&'static str, PathBuf); 3] {
        [
            ("CONTAINERS_CONF", CONTAINERS),
            ("CONTAINERS_STORAGE_CONF", STORAGE),
            ("CONTAINERS_REGISTRIES_CONF", REGISTRIES),
        ]
        .map(|(name, file)| (name, self.directory.path().join(file)))
    }

    fn wait_until_ready(&self, node: &Node) -> Result<(), E2eError> {
        let connect = format!("exec 3<>/dev/tcp/{}", Self::ADDRESS.replace(':', "/"));
        wait_for("the registry", READY, || {
            if !self.process.is_running() {
                return Probe::Failed(self.process.log_tail());
            }
            let mut bash: Command = node.command_in_network("bash");
            match process::run_command(bash.args(["-c", &connect]), READY) {
                Ok(output) if output.status.success() => Probe::Ready(()),
                Ok(output) => Probe::NotYet(output.stderr()),
                Err(error) => Probe::NotYet(error.to_string()),
            }
        })?;
        Ok(())
    }
}
