//! The cluster that scenarios run on.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{E2eError, IMAGES, KUBECONFIG};
use crate::images::{Builder, Image};
use crate::node::Node;
use crate::{chart, cluster, skip_test, temp};

/// The cluster that scenarios run on, and its node where that is on this machine.
pub struct Cluster {
    /// Its API.
    pub api: cluster::Cluster,
    node: Option<Node>,
    images: Mutex<BTreeMap<&'static str, String>>,
}

impl Cluster {
    /// The cluster of this test process. Where there is none the test is skipped, with the reason.
    pub fn connect_or_skip() -> Result<Option<&'static Self>, E2eError> {
        static CLUSTER: OnceLock<Result<Cluster, E2eError>> = OnceLock::new();
        let Some(kubeconfig) = env::var_os(KUBECONFIG) else {
            skip_test("there is no cluster: `make e2e` starts one");
            return Ok(None);
        };
        match CLUSTER.get_or_init(|| Self::connect(Path::new(&kubeconfig))) {
            Ok(cluster) => Ok(Some(cluster)),
            Err(error) => Err(E2eError::Unexpected(error.to_string())),
        }
    }

    pub(super) fn connect(kubeconfig: &Path) -> Result<Self, E2eError> {
        let node = Node::find_running()?.filter(|node| node.kubeconfig() == kubeconfig);
        Ok(Self {
            api: cluster::Cluster::connect(kubeconfig)?,
            node,
            images: Mutex::default(),
        })
    }

    /// Runs kubectl; gives what it says. That it fails is an error.
    pub fn run_kubectl(&self, arguments: &[&str]) -> Result<String, E2eError> {
        let output = self.api.run_kubectl(arguments)?;
        if output.status.success() {
            return Ok(output.stdout());
        }
        Err(E2eError::Kubectl {
            what: arguments.join(" "),
            output,
        })
    }

    /// What `kubectl logs` gives for these arguments.
    pub(super) fn read_log(&self, namespace: &str, arguments: &[&str]) -> Result<String, E2eError> {
        let all = [&["--namespace", namespace, "logs"], arguments].concat();
        let log = self.run_kubectl(&all)?;
        // kubelet says so, and kubectl succeeds, while the runtime does not know the container.
        if log.starts_with("unable to retrieve container logs") {
            return Err(E2eError::Unexpected(log));
        }
        Ok(log)
    }

    /// The node, if it is on this machine.
    pub(super) const fn own_node(&self) -> Option<&Node> {
        self.node.as_ref()
    }

    /// The node, for what no API tells. Where it is not on this machine the look is skipped, and said
    /// to be.
    pub fn node_or_skip(&self, look: &str) -> Option<&Node> {
        if self.node.is_none() {
            skip_test(&format!(
                "{look} can be seen on a node of this machine alone"
            ));
        }
        self.node.as_ref()
    }

    /// What a pod calls the current state of an image; the cluster has it from then on.
    pub fn provide_image(&self, image: Image) -> Result<String, E2eError> {
        // One at a time, so that two scenarios do not build the same.
        let mut images = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = images.get(image.name()) {
            return Ok(name.clone());
        }
        let name = match (&self.node, env::var(IMAGES)) {
            (Some(node), _) => node.provide_images(&[image])?.remove(0),
            (None, Ok(prefix)) => Builder::image_name(image)?.replace("localhost", &prefix),
            (None, Err(_)) => {
                return Err(E2eError::Unexpected(format!(
                    "{IMAGES} does not say where the cluster can pull images: push those of `make \
                     images` to a registry, and set it to what stands there in place of `localhost`"
                )));
            }
        };
        images.insert(image.name(), name.clone());
        Ok(name)
    }

    /// The same as the chart's value `image` has it.
    pub fn provide_chart_image(&self, image: Image) -> Result<Value, E2eError> {
        let name = self.provide_image(image)?;
        let (repository, tag) = name.rsplit_once(':').unwrap_or((&name, ""));
        Ok(json!({
            "repository": repository, "tag": tag, "pullPolicy": self.pull_policy(),
        }))
    }

    /// Runs helm on the cluster, and expects it to succeed; gives what it prints.
    pub fn run_helm(&self, arguments: &[&str]) -> Result<String, E2eError> {
        let directory = temp::create_directory("helm-kubeconfig")?;
        let file = self.write_kubeconfig(&directory)?;
        let output = chart::run_helm(arguments, Some(&file))?;
        if output.status.success() {
            return Ok(output.stdout());
        }
        Err(E2eError::Unexpected(format!(
            "`helm {}` failed: {output:?}",
            arguments.join(" ")
        )))
    }

    /// Writes a kubeconfig for a program that asks the API through the same proxy as everything here, so
    /// that it needs no way to log in.
    pub(super) fn write_kubeconfig(&self, into: &TempDir) -> Result<PathBuf, E2eError> {
        let file = into.path().join("kubeconfig");
        let kubeconfig = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "proxy",
            "clusters": [{ "name": "proxy", "cluster": { "server": self.api.address() } }],
            "contexts": [{ "name": "proxy", "context": { "cluster": "proxy", "user": "" } }],
        });
        std::fs::write(&file, kubeconfig.to_string())?;
        Ok(file)
    }

    /// `Never` on the node of this machine, where images are put by hand.
    pub fn pull_policy(&self) -> &'static str {
        if self.node.is_some() {
            "Never"
        } else {
            "IfNotPresent"
        }
    }

    /// The container of a test's program: a shell with this script, without any rights.
    pub fn build_shell_container(&self, name: &str, script: &str) -> Result<Value, E2eError> {
        Ok(json!({
            "name": name,
            "image": self.provide_image(Image::Shell)?,
            "imagePullPolicy": self.pull_policy(),
            "command": ["sh", "-c", script],
            "securityContext": restricted_context(),
        }))
    }
}

/// What Pod Security's level "restricted" asks of a container.
pub(super) fn restricted_context() -> Value {
    json!({
        "allowPrivilegeEscalation": false,
        "capabilities": { "drop": ["ALL"] },
        "readOnlyRootFilesystem": true,
        "runAsNonRoot": true,
        "seccompProfile": { "type": "RuntimeDefault" },
    })
}
