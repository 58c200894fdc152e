//! Namespaces, one or more for each test.

use std::sync::atomic::Ordering;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Cluster, ClusterError};
use crate::process::Output;
use crate::wait::wait_for;

/// A namespace of one test. It goes when the cluster does.
pub struct Namespace<'cluster> {
    cluster: &'cluster Cluster,
    name: String,
}

impl Cluster {
    /// Creates a namespace named after `test` and a number, and waits for its `default`
    /// `ServiceAccount`, without which no pod can be created.
    pub fn create_namespace(
        &self,
        test: &str,
        labels: &[(&str, &str)],
    ) -> Result<Namespace<'_>, ClusterError> {
        let name = dns_label(test, self.namespaces.fetch_add(1, Ordering::Relaxed));
        let labels: Value = labels
            .iter()
            .map(|(key, value)| (*key, Value::from(*value)))
            .collect();
        let object = json!({ "metadata": { "name": name, "labels": labels } });
        self.create_object("api/v1/namespaces", &object)?;
        let account = format!("api/v1/namespaces/{name}/serviceaccounts/default");
        let what = format!("the default ServiceAccount of {name}");
        wait_for(&what, Duration::from_secs(30), || {
            self.request(&Method::GET, &account, None)
        })?;
        Ok(Namespace {
            cluster: self,
            name,
        })
    }
}

impl Namespace<'_> {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs kubectl in it.
    pub fn run_kubectl(&self, arguments: &[&str]) -> Result<Output, ClusterError> {
        self.run_kubectl_with_input(arguments, "")
    }

    /// Runs kubectl in it, with a manifest on stdin, for `-f -`.
    pub fn run_kubectl_with_input(
        &self,
        arguments: &[&str],
        input: &str,
    ) -> Result<Output, ClusterError> {
        let arguments = [&["--namespace", &self.name], arguments].concat();
        self.cluster.run_kubectl_with_input(&arguments, input)
    }

    /// Has a manifest, YAML or JSON, admitted but not stored: stdout is the object as JSON, stderr
    /// what kubectl says of warnings and refusals.
    pub fn dry_run(&self, manifest: &str) -> Result<Output, ClusterError> {
        self.run_kubectl_with_input(
            &["create", "--dry-run=server", "-o", "json", "-f", "-"],
            manifest,
        )
    }

    /// Reads an object, such as of the kind `pods`, of the core API.
    pub fn get(&self, kind: &str, name: &str) -> Result<Value, ClusterError> {
        let path = format!("api/v1/namespaces/{}/{kind}/{name}", self.name);
        self.cluster.request(&Method::GET, &path, None)
    }
}

/// A DNS label of at most 63 characters.
fn dns_label(test: &str, number: u32) -> String {
    let allowed = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let name: String = test.chars().map(allowed).take(50).collect();
    format!("t-{}-{number}", name.trim_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::dns_label;

    #[test]
    fn names_are_dns_labels() {
        assert_eq!(dns_label("pods::a_pod", 3), "t-pods--a-pod-3");
        assert_eq!(dns_label("Straße_", 0), "t-stra-e-0");
        assert_eq!(dns_label(&"x".repeat(99), u32::MAX).len(), 63);
    }
}
