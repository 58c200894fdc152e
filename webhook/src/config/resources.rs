//! Requests and limits of the injected init containers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Resource name to quantity, as in a container's `resources.requests`.
pub type ResourceList = BTreeMap<String, String>;

/// Requests and limits of the injected init containers in a Burstable pod. A `BestEffort` pod gets
/// none and a Guaranteed one limits as requests, so that its quality of service stays.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct InjectedResources {
    /// `tokenpipe-agent`. The agent's mapped binary alone takes 100 to 150 MiB at its peak.
    pub agent: ContainerResources,
    /// `tokenpipe-prepare`.
    pub prepare: ContainerResources,
}

/// `resources` of one container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ContainerResources {
    /// As in a container's `resources`.
    pub requests: ResourceList,
    /// As in a container's `resources`.
    pub limits: ResourceList,
}

impl Default for InjectedResources {
    fn default() -> Self {
        Self {
            agent: container(("10m", "32Mi"), "256Mi"),
            prepare: container(("10m", "16Mi"), "64Mi"),
        }
    }
}

fn container((cpu, memory): (&str, &str), limit: &str) -> ContainerResources {
    ContainerResources {
        requests: [("cpu".into(), cpu.into()), ("memory".into(), memory.into())].into(),
        limits: [("memory".into(), limit.into())].into(),
    }
}
