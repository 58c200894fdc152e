//! What is done to a pod.

use k8s_openapi::api::core::v1::{Container, Volume};
use serde::Serialize;

use super::status::Status;
use super::wrap::Wrap;
use crate::pod::Place;

/// What is done to a pod.
#[derive(Debug, PartialEq, Serialize)]
pub enum Decision {
    /// Nothing.
    Untouched {
        /// What its author should know.
        warnings: Vec<String>,
    },
    /// It is injected.
    Inject(Box<MutationPlan>),
}

/// What is added to a pod, and what changes in it.
#[derive(Debug, PartialEq, Serialize)]
pub struct MutationPlan {
    /// Containers to wrap.
    pub wraps: Vec<Wrap>,
    /// Mounts of ours that another injector has copied into its containers, to take away.
    pub copies: Vec<CopiedMounts>,
    /// Our init containers, in order.
    pub init_containers: Vec<Container>,
    /// How many of the pod's other init containers come before ours.
    pub init_position: usize,
    /// Our volumes.
    pub volumes: Vec<Volume>,
    /// What was done, for the status annotation.
    pub status: Status,
}

/// Mounts of ours in a container that is not wrapped.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct CopiedMounts {
    /// The container.
    pub container: String,
    /// Where it stands.
    #[serde(skip)]
    pub place: Place,
    /// The mounts, by index in `volumeMounts`.
    pub mounts: Vec<usize>,
}
