//! A real Kubernetes API: etcd, kube-apiserver and kube-controller-manager on loopback. There is no
//! node, so pods are admitted and stored but not run.

mod account;
mod api;
mod connect;
mod error;
mod kubectl;
mod namespace;
mod pod_fields;
pub(crate) mod start;
mod webhook;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;

use reqwest::blocking::Client;
use tempfile::TempDir;

pub use error::ClusterError;
pub use namespace::Namespace;
pub use pod_fields::pod_with_every_field;
pub use webhook::{Registration, mutating_webhook};

use crate::process::Background;

/// A running cluster. It ends when this is dropped.
pub struct Cluster {
    // Before the directory, which their data lies in.
    processes: Vec<Background>,
    directory: TempDir,
    client: Client,
    address: String,
    authority: String,
    kubectl: PathBuf,
    namespaces: AtomicU32,
}

impl Cluster {
    /// Starts a cluster and waits until pods can be created in it; a matter of seconds.
    pub fn start() -> Result<Self, ClusterError> {
        Self::start_with(&[])
    }

    /// The same with further flags for its API server, such as `--feature-gates=…`.
    pub fn start_with(flags: &[&str]) -> Result<Self, ClusterError> {
        start::start_cluster(flags)
    }

    /// The one cluster of this test process, started when it is first asked for. Each test has
    /// namespaces of its own; what is not in a namespace it names after itself.
    pub fn start_shared() -> Result<&'static Self, ClusterError> {
        static SHARED: OnceLock<Result<Cluster, String>> = OnceLock::new();
        match SHARED.get_or_init(|| Self::start().map_err(|error| error.to_string())) {
            Ok(cluster) => Ok(cluster),
            Err(reason) => Err(ClusterError::Shared(reason.clone())),
        }
    }

    /// Where the API server listens, as `https://127.0.0.1:6443`. Its certificate is for
    /// `127.0.0.1`, `localhost` and the names of the Service `kubernetes`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The authority that signed the API server's certificate, PEM; pods get it as `ca.crt`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// A kubeconfig for a member of `system:masters`.
    pub fn kubeconfig(&self) -> PathBuf {
        self.file_path("kubeconfig")
    }

    /// The file of the public key of its `ServiceAccount` tokens, PEM; they are signed with ES256
    /// for the issuer `https://kubernetes.default.svc`.
    pub fn service_account_key(&self) -> PathBuf {
        self.file_path("service-account.pub")
    }

    /// Where its data, keys and logs lie, until it ends.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    fn file_path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}
