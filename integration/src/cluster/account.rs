//! Acting as a `ServiceAccount`, as a pod does.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use super::{Cluster, ClusterError};

impl Cluster {
    /// A kubeconfig for a `ServiceAccount`, whose namespace is the default one in it.
    pub fn account_kubeconfig(
        &self,
        namespace: &str,
        account: &str,
    ) -> Result<PathBuf, ClusterError> {
        let token = self.create_token(namespace, account, "https://kubernetes.default.svc")?;
        let path = self.file_path(&format!("kubeconfig-{namespace}-{account}"));
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{ "name": "tests", "cluster": {
                "server": self.address, "certificate-authority": self.file_path("ca.crt"),
            } }],
            "users": [{ "name": account, "user": { "token": token } }],
            "contexts": [{ "name": "tests", "context": {
                "cluster": "tests", "user": account, "namespace": namespace,
            } }],
            "current-context": "tests",
        });
        fs::write(&path, config.to_string())?;
        Ok(path)
    }
}
