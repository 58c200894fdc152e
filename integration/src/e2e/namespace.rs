//! Namespaces of a scenario.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Cluster, E2eError, Pod, is_kept, report};
use crate::cluster::ClusterError;
use crate::wait::{Probe, wait_for};

const LIMIT: Duration = Duration::from_secs(120);

/// A namespace that goes with this handle, unless [`KEEP`](super::KEEP) is set. If the scenario fails, what
/// happened in it is told first.
pub struct Namespace<'s> {
    pub(super) cluster: &'s Cluster,
    name: String,
    /// Whether it stays when this handle goes.
    pub(super) stays: bool,
}

impl<'s> Namespace<'s> {
    /// A namespace with these labels, named after the scenario. Its name has never been used before.
    pub fn create(cluster: &'s Cluster, scenario: &str, labels: &Value) -> Result<Self, E2eError> {
        Self::create_named(cluster, unique_name(scenario), labels)
    }

    /// A namespace that stays.
    pub fn create_lasting(cluster: &'s Cluster, name: &str) -> Result<Self, E2eError> {
        let mut namespace = Self::create_named(cluster, name.to_owned(), &json!({}))?;
        namespace.stays = true;
        Ok(namespace)
    }

    /// A namespace that somebody has created.
    pub fn from_existing(cluster: &'s Cluster, name: &str) -> Self {
        Self {
            cluster,
            name: name.to_owned(),
            stays: true,
        }
    }

    fn create_named(cluster: &'s Cluster, name: String, labels: &Value) -> Result<Self, E2eError> {
        let object = json!({ "metadata": { "name": name, "labels": labels } });
        cluster.api.create_object("api/v1/namespaces", &object)?;
        let namespace = Self {
            cluster,
            name,
            stays: false,
        };
        let what = format!("the default ServiceAccount of {}", namespace.name);
        wait_for(&what, LIMIT, || namespace.get("serviceaccounts", "default"))?;
        Ok(namespace)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Creates objects, or changes them to what is given.
    pub fn apply_objects(&self, objects: &[Value]) -> Result<String, E2eError> {
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects });
        let arguments = ["--namespace", &self.name, "apply", "-f", "-"];
        let output = self
            .cluster
            .api
            .run_kubectl_with_input(&arguments, &list.to_string())?;
        if output.status.success() {
            // Warnings of admission are there.
            return Ok(output.stderr());
        }
        Err(E2eError::Kubectl {
            what: "apply".to_owned(),
            output,
        })
    }

    /// Runs kubectl here, and expects it to succeed; gives what it prints.
    pub fn run_kubectl(&self, arguments: &[&str]) -> Result<String, E2eError> {
        let all = [&["--namespace", &self.name], arguments].concat();
        self.cluster.run_kubectl(&all)
    }

    /// Reads an object of the core API, such as of the kind `pods`.
    pub fn get(&self, kind: &str, name: &str) -> Result<Value, ClusterError> {
        self.request(&Method::GET, &format!("{kind}/{name}"), None)
    }

    /// Deletes an object of the core API at once.
    pub fn delete_object(&self, kind: &str, name: &str) -> Result<Value, ClusterError> {
        self.request(
            &Method::DELETE,
            &format!("{kind}/{name}?gracePeriodSeconds=0"),
            None,
        )
    }

    /// What would become of a pod that is created.
    pub fn dry_run(&self, pod: &Value) -> Result<Value, ClusterError> {
        self.request(&Method::POST, "pods?dryRun=All", Some(pod))
    }

    fn request(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, ClusterError> {
        let path = format!("api/v1/namespaces/{}/{path}", self.name);
        self.cluster.api.request(method, &path, body)
    }

    /// The pods of a label, such as `app=web`, that are not on their way out.
    pub fn list_pods(&self, label: &str) -> Result<Vec<Pod<'_>>, E2eError> {
        let list = self.request(&Method::GET, &format!("pods?labelSelector={label}"), None)?;
        let pods = list["items"].as_array().into_iter().flatten();
        let live = pods.filter(|pod| pod["metadata"]["deletionTimestamp"].is_null());
        Ok(live.map(|pod| Pod::new(self, pod.clone())).collect())
    }

    /// Waits until there are so many pods of a label, all ready.
    pub fn wait_for_pods(&self, label: &str, count: usize) -> Result<Vec<Pod<'_>>, E2eError> {
        self.wait_for_pods_within(label, count, LIMIT)
    }

    /// Like [`Namespace::wait_for_pods`], with a limit of one's own.
    pub fn wait_for_pods_within(
        &self,
        label: &str,
        count: usize,
        limit: Duration,
    ) -> Result<Vec<Pod<'_>>, E2eError> {
        let what = format!("{count} ready pods with {label} in {}", self.name);
        Ok(wait_for(&what, limit, || match self.list_pods(label) {
            Err(error) => Probe::NotYet(error.to_string()),
            Ok(pods) if pods.len() == count && pods.iter().all(Pod::is_ready) => Probe::Ready(pods),
            Ok(pods) => Probe::NotYet(
                pods.iter()
                    .map(Pod::describe_state)
                    .collect::<Vec<_>>()
                    .join("; "),
            ),
        })?)
    }

    /// Waits until a Deployment has no pods of an older state, and those of its own are available.
    pub fn wait_for_rollout(&self, name: &str, limit: Duration) -> Result<(), E2eError> {
        let path = format!("apis/apps/v1/namespaces/{}/deployments/{name}", self.name);
        wait_for(&format!("the rollout of {name}"), limit, || {
            let found = self.cluster.api.request(&Method::GET, &path, None);
            let deployment = found.map_err(|error| error.to_string())?;
            let (wanted, status) = (&deployment["spec"]["replicas"], &deployment["status"]);
            let is_seen = status["observedGeneration"] == deployment["metadata"]["generation"];
            let counts = ["updatedReplicas", "replicas", "availableReplicas"];
            let is_over = is_seen && counts.iter().all(|count| &status[*count] == wanted);
            is_over.then_some(()).ok_or_else(|| status.to_string())
        })?;
        Ok(())
    }

    /// What happened to an object of this name, a line each.
    pub fn list_events(&self, name: &str) -> Result<String, E2eError> {
        let selector = format!("--field-selector=involvedObject.name={name}");
        let columns = "custom-columns=REASON:.reason,COUNT:.count,MESSAGE:.message";
        self.run_kubectl(&[
            "get",
            "events",
            &selector,
            "--no-headers",
            "--output",
            columns,
        ])
    }

    /// An error with what happened here behind it. Where setting up fails the namespace is gone before
    /// the test panics, so that it could not tell by itself.
    pub fn explain_error(&self, error: &E2eError) -> E2eError {
        E2eError::Unexpected(format!("{error}{}", report::describe_namespace(self)))
    }
}

impl Drop for Namespace<'_> {
    fn drop(&mut self) {
        let mut text = String::new();
        if thread::panicking() {
            text = report::describe_namespace(self);
        }
        if self.stays {
            // It is somebody else's to remove.
        } else if is_kept() {
            text = [text, format!("kept: namespace {}\n", self.name)].concat();
        } else {
            let path = format!("api/v1/namespaces/{}", self.name);
            // What cannot be removed is in nobody's way: no name is used twice.
            let _ = self.cluster.api.request(&Method::DELETE, &path, None);
        }
        // Past the capture of test output, which would show it before the failure or not at all.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// A DNS label of a scenario's name.
pub(super) fn unique_name(scenario: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("e2e-{scenario}-{:x}-{number}", std::process::id())
}
