//! Running kubectl as a person would.

use std::process::Command;
use std::time::Duration;

use super::{Cluster, ClusterError};
use crate::process::{self, Output};

impl Cluster {
    /// Runs kubectl. That it failed shows in the output's status.
    pub fn run_kubectl(&self, arguments: &[&str]) -> Result<Output, ClusterError> {
        self.run_kubectl_with_input(arguments, "")
    }

    /// Runs kubectl with a manifest on stdin, for `-f -`.
    pub fn run_kubectl_with_input(
        &self,
        arguments: &[&str],
        input: &str,
    ) -> Result<Output, ClusterError> {
        const LIMIT: Duration = Duration::from_secs(60);
        let mut command = Command::new(&self.kubectl);
        // A user's own settings and caches have no part in it.
        command
            .env_remove("KUBECONFIG")
            .env("HOME", self.directory.path());
        command.arg("--kubeconfig").arg(self.kubeconfig());
        command
            .arg("--cache-dir")
            .arg(self.file_path("kubectl-cache"))
            .args(arguments);
        Ok(process::run_with_input(
            &mut command,
            input.as_bytes(),
            LIMIT,
        )?)
    }
}
