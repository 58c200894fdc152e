//! Releases of the chart one after another, each by helm alone.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::webhook::build_values;
use super::{Cluster, E2eError, Vault, is_kept};
use crate::{chart, temp};

/// A release of the chart for all namespaces. It goes with this.
pub struct Release<'s> {
    cluster: &'s Cluster,
    name: String,
}

impl<'s> Release<'s> {
    /// `helm install --wait`, in a namespace of the release's name. Nothing else is waited for.
    pub fn install(cluster: &'s Cluster, vault: &Vault<'_>, name: &str) -> Result<Self, E2eError> {
        let directory: TempDir = temp::create_directory("values")?;
        let file = directory.path().join("values.json");
        fs::write(&file, build_values(cluster, vault, &json!({}))?.to_string())?;
        let (file, chart) = (file.display().to_string(), chart::directory_text());
        let release = Self {
            cluster,
            name: name.to_owned(),
        };
        let install = ["install", name, &chart, "--values", &file];
        let how = ["--namespace", name, "--create-namespace", "--wait"];
        cluster.run_helm(&[&install[..], &how].concat())?;
        Ok(release)
    }

    /// `helm test`; gives how many pods its Job needed.
    pub fn run_helm_test(&self) -> Result<usize, E2eError> {
        self.cluster
            .run_helm(&["test", &self.name, "--namespace", &self.name])?;
        let namespace = format!("{}-test", self.name);
        let events = self.cluster.run_kubectl(&[
            "--namespace",
            &namespace,
            "get",
            "events",
            "--field-selector=involvedObject.kind=Job,reason=SuccessfulCreate",
            "--output=name",
        ])?;
        Ok(events.lines().count())
    }
}

impl Drop for Release<'_> {
    fn drop(&mut self) {
        if is_kept() {
            return;
        }
        // What cannot be removed makes the next installation fail, which says why.
        let uninstall = ["uninstall", &self.name, "--namespace", &self.name, "--wait"];
        let _ = self.cluster.run_helm(&uninstall);
        let _ = self
            .cluster
            .api
            .run_kubectl(&["delete", "namespace", &self.name, "--wait=false"]);
    }
}
