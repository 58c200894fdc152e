//! A stand-in for kubelet: runs an admitted pod's own containers, with their commands, variables,
//! UIDs and volumes, on a machine that is no node.
//!
//! It is a double. What it does is done the way kubelet and a container runtime do it: init
//! containers in order, native sidecars beside them, a root file system, mounts and a PID namespace
//! for each container, tmpfs for volumes in memory, tokens, Secrets, termination messages, restart
//! rules. What it does not do: control groups, seccomp, networks of a pod's own, probes, back-off,
//! images (see [`Image`]). A field that it does not know is refused.
//!
//! ```text
//! Value ─► Manifest ─► volumes ─► Launch ─► (first process of the container) ─► the command
//! ```
//!
//! | file | holds |
//! |---|---|
//! | [`Node`], [`Pod`] | what the machine has, and a pod on it |
//! | [`manifest`] | the fields that are known |
//! | [`environment`] | `env`, `envFrom`, and `$(NAME)` |
//! | [`volume`] | emptyDir, Secret, projected token |
//! | [`issuer`] | `ServiceAccount` tokens |
//! | [`image`] | what stands in for images |
//! | [`container`] | one start of a container |
//! | [`inside`] | its first process, up to the command |
//! | [`mounts`] | mounts and namespaces |
//! | [`restart`] | what happens when a container has ended |

mod container;
mod environment;
mod error;
mod image;
mod inside;
mod issuer;
mod manifest;
mod mounts;
mod node;
mod pod;
mod restart;
mod volume;

pub use container::{Container, End};
pub use error::KubeletError;
pub use image::Image;
pub use inside::become_command;
pub use issuer::Issuer;
pub use node::{CONTAINER, Data, NOT_STARTED, Node};
pub use pod::Pod;
pub use restart::Next;
