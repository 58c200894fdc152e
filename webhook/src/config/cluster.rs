//! What the webhook finds out about the cluster by itself, and what the operator says of it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Config, PositiveDuration};
use crate::plan::Facts;

/// What the webhook finds out about the cluster by itself, and what the operator says of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Cluster {
    /// Whether a container's exit code can have kubelet run the init containers again
    /// (`RestartAllContainers`). Absent: the webhook finds it out.
    pub restart_all_containers: Option<bool>,
    /// Namespace in which the webhook creates a `PodTemplate` with such a rule, as a dry run. The answer
    /// shows whether the API server keeps the rule, even if a feature gate is switched off. Absent: the
    /// API server's version decides.
    pub probe_namespace: Option<String>,
    /// Find out whether every node declares that it carries out such a rule, and how old the oldest one
    /// is. This needs the right to list nodes. `rerun` is not the default until the webhook has listed them.
    pub list_nodes: bool,
    /// Duration between two questions to the API server. The webhook lists nodes every fifth time. A no
    /// counts at once. After a no, a yes counts when the API server has answered it three times in a row.
    pub interval: PositiveDuration,
}

impl Default for Cluster {
    fn default() -> Self {
        Self {
            restart_all_containers: None,
            probe_namespace: None,
            list_nodes: false,
            interval: PositiveDuration::of_seconds(60),
        }
    }
}

impl Config {
    /// What was found out, and what the operator says instead.
    pub fn facts(&self, found: Facts) -> Facts {
        let said = self.cluster.restart_all_containers;
        // A version that the operator states stands for all that this version would do.
        let is_asked = self.kubernetes_version.is_none();
        let found_rules = found.rules_kept.filter(|_| is_asked);
        Facts {
            kubernetes: self.kubernetes_version.or(found.kubernetes),
            rules_kept: said.or(found_rules),
            rules_run: said.or(found.rules_run),
            nodes: found.nodes.filter(|_| is_asked),
        }
    }
}
