//! cert-manager, for the chart's mode of that name.

use std::process::Command;
use std::thread;

use tempfile::TempDir;

use super::{Cluster, E2eError};
use crate::process::Background;
use crate::tools::{self, Tool};
use crate::{progress, temp};

/// Its resources and its controllers, a process of this machine. They go with this.
pub struct CertManager {
    _resources: Resources,
    // Before the directory, which its log lies in.
    process: Background,
    _directory: TempDir,
}

/// What its objects are, for the API server.
struct Resources {
    cluster: &'static Cluster,
    definitions: String,
}

impl CertManager {
    /// Starts it. None where the cluster runs its own.
    pub fn start(cluster: &'static Cluster) -> Result<Option<Self>, E2eError> {
        let label = "--selector=app.kubernetes.io/name=cert-manager";
        let get = ["get", "deployments", "--all-namespaces", label];
        if !cluster
            .run_kubectl(&[&get[..], &["--output=name"]].concat())?
            .is_empty()
        {
            return Ok(None);
        }
        let program = tools::find_tool(Tool::CertManager)?;
        let resources = Resources::define_resources(cluster)?;
        let directory = temp::create_directory("cert-manager")?;
        let kubeconfig = cluster.write_kubeconfig(&directory)?;
        let log = directory.path().join("log");
        Ok(Some(Self {
            _resources: resources,
            process: Background::start(Command::new(program).arg(kubeconfig), &log)?,
            _directory: directory,
        }))
    }
}

impl Drop for CertManager {
    fn drop(&mut self) {
        if thread::panicking() {
            let log = self.process.log_tail();
            progress::print_line(&format!("--- cert-manager:\n{log}"));
        }
    }
}

impl Resources {
    fn define_resources(cluster: &'static Cluster) -> Result<Self, E2eError> {
        let definitions = tools::find_sources(Tool::CertManager)?.join("deploy/crds");
        let definitions = format!("--filename={}", definitions.display());
        let resources = Self {
            cluster,
            definitions,
        };
        cluster.run_kubectl(&["apply", "--server-side", &resources.definitions])?;
        let established = "--for=condition=Established";
        cluster.run_kubectl(&["wait", established, "--timeout=30s", &resources.definitions])?;
        Ok(resources)
    }
}

impl Drop for Resources {
    fn drop(&mut self) {
        let delete = ["delete", "--ignore-not-found", &self.definitions];
        let _ = self.cluster.api.run_kubectl(&delete);
    }
}
