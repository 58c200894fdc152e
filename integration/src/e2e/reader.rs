//! The shell of a person who follows the README on a fresh node.

use std::env;
use std::fs;
use std::iter;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process;
use std::time::Duration;

use tempfile::TempDir;

use super::{E2eError, Registry, Vault};
use crate::node::Node;
use crate::process::{Output, forget_cargo, run_command};
use crate::tools::{self, Tool};
use crate::{product, readme, temp, vault};

/// For everything: images, an installation, a pod.
const LIMIT: Duration = Duration::from_secs(900);
/// What the README asks a reader to have. Its programs are built before.
const TOOLS: [Tool; 4] = [Tool::Kubectl, Tool::Helm, Tool::Vault, Tool::Podman];
/// Variables by which this machine's own settings would come in. The node has no way to a proxy.
const FOREIGN: [&str; 8] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "VAULT_CACERT",
    "VAULT_NAMESPACE",
    "all_proxy",
    "http_proxy",
    "https_proxy",
];

/// That shell. Its network is the node's, so that one address of the registry is right for both.
pub struct Reader<'n> {
    node: &'n Node,
    registry: Registry,
    home: TempDir,
}

impl<'n> Reader<'n> {
    /// With a registry that is empty.
    pub fn new(node: &'n Node) -> Result<Self, E2eError> {
        let home = temp::create_directory("reader")?;
        let programs = home.path().join("bin");
        fs::create_dir(&programs)?;
        for (tool, path) in TOOLS.into_iter().zip(tools::find_all(&TOOLS)?) {
            symlink(path, programs.join(tool.name()))?;
        }
        Ok(Self {
            node,
            registry: Registry::start(node)?,
            home,
        })
    }

    /// Runs commands at the root of the repository, with the README's variables, up to the first that
    /// fails. Each is shown on stderr.
    pub fn run_commands(&self, commands: &str, vault: &Vault<'_>) -> Result<Output, E2eError> {
        let file = |name: &str| self.home.path().join(name);
        fs::write(file("script"), commands)?;
        let mut bash = self.node.command_in_network("bash");
        forget_cargo(&mut bash);
        for name in FOREIGN {
            bash.env_remove(name);
        }
        // No other run has pushed to a registry of this name, so the node pulls.
        let registry = format!("{}/run-{}", Registry::ADDRESS, process::id());
        let values = [
            registry,
            vault.clear_address(),
            vault::Vault::ROOT_TOKEN.to_owned(),
        ];
        bash.envs(readme::VARIABLES.into_iter().zip(values))
            .env("PATH", self.search_path()?)
            .env("KUBECONFIG", self.node.kubeconfig())
            .env("HELM_CACHE_HOME", file("helm"))
            .env("HELM_CONFIG_HOME", file("helm"))
            .env("HELM_DATA_HOME", file("helm"))
            .env("CONTAINER_TOOL", Tool::Podman.name())
            .envs(self.registry.podman_environment())
            .env("ENV_EXEC_BIN", product::find_env_exec()?)
            .env("TOKENPIPE_BIN", product::find_tokenpipe()?)
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
        Ok(run_command(bash.arg("-ex").arg(file("script")), LIMIT)?)
    }

    fn search_path(&self) -> Result<std::ffi::OsString, E2eError> {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let own = iter::once(self.home.path().join("bin"));
        env::join_paths(own.chain(env::split_paths(&inherited)))
            .map_err(|error| E2eError::Unexpected(error.to_string()))
    }
}
