//! A cluster that runs already.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use reqwest::Method;

use super::{Cluster, ClusterError};
use crate::process::{self, Background};
use crate::tools::{self, Tool};
use crate::wait::{Probe, wait_for};
use crate::{http, temp};

const LIMIT: Duration = Duration::from_secs(30);

impl Cluster {
    /// Connects to the cluster of a kubeconfig's current context. What it takes to log in there is
    /// kubectl's affair: `kubectl proxy` makes all requests.
    pub fn connect(kubeconfig: &Path) -> Result<Self, ClusterError> {
        let kubectl = tools::find_tool(Tool::Kubectl)?;
        let directory = temp::create_directory("cluster")?;
        let file = |name: &str| directory.path().join(name);
        let mut command = Command::new(&kubectl);
        command.arg("--kubeconfig").arg(kubeconfig);
        let view = process::run_command(
            command.args(["config", "view", "--raw", "--flatten"]),
            LIMIT,
        )?;
        fs::write(file("kubeconfig"), &view.stdout)?;
        fs::set_permissions(file("kubeconfig"), fs::Permissions::from_mode(0o600))?;

        let mut proxy = Command::new(&kubectl);
        proxy.arg("--kubeconfig").arg(file("kubeconfig"));
        let proxy = Background::start(proxy.args(["proxy", "--port=0"]), &file("proxy.log"))?;
        let address = wait_for("kubectl proxy", LIMIT, || probe_address(&proxy))?;
        let mut cluster = Self {
            processes: vec![proxy],
            directory,
            client: http::build_client("")?,
            address: format!("http://{address}"),
            authority: String::new(),
            kubectl,
            namespaces: AtomicU32::new(0),
        };
        cluster.authority = cluster.published_authority()?;
        Ok(cluster)
    }

    /// The authority that every namespace is told of.
    fn published_authority(&self) -> Result<String, ClusterError> {
        let path = "api/v1/namespaces/default/configmaps/kube-root-ca.crt";
        let what = format!("{path} at {}", self.address);
        let map = wait_for(&what, LIMIT, || self.request(&Method::GET, path, None))?;
        let authority = map["data"]["ca.crt"].as_str().map(str::to_owned);
        authority.ok_or_else(|| ClusterError::Answer {
            path: path.to_owned(),
            answer: map.to_string(),
        })
    }
}

/// The address that the proxy says that it listens on.
fn probe_address(proxy: &Background) -> Probe<String> {
    let log = proxy.log();
    let address = log
        .lines()
        .find_map(|line| line.strip_prefix("Starting to serve on "));
    match address {
        Some(address) => Probe::Ready(address.trim().to_owned()),
        None if proxy.is_running() => Probe::NotYet("it says nothing".to_owned()),
        None => Probe::Failed(log),
    }
}
