//! The cluster, as far as it matters to a pod.

use crate::config::KubernetesVersion;

/// What is known about the cluster; `None` is what is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The API server's version.
    pub kubernetes: Option<KubernetesVersion>,
    /// Whether the API server keeps a `RestartAllContainers` rule, which some versions can but an
    /// operator may switch off.
    pub rules_kept: Option<bool>,
    /// Whether every node that pods can be put on is known to carry such a rule out.
    pub rules_run: Option<bool>,
    /// The oldest version of kubelet among those nodes.
    pub nodes: Option<KubernetesVersion>,
}

impl Facts {
    /// Whether a container's exit code can make kubelet run the init containers again, as far as
    /// the API server decides it.
    pub fn keeps_rerun_rules(self) -> Option<bool> {
        let by_version = self
            .kubernetes
            .map(KubernetesVersion::has_restart_all_containers);
        self.rules_kept.or(by_version)
    }

    /// Whether that can be relied on wherever a pod runs.
    pub fn can_rerun_everywhere(self) -> bool {
        self.keeps_rerun_rules() == Some(true) && self.rules_run != Some(false)
    }
}
