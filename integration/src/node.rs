//! A whole Kubernetes node on this machine: etcd, the control plane, containerd, kubelet, kube-proxy.
//!
//! All of it lives in namespaces of its own (processes, mounts, network) below one init process, so
//! that it cannot touch what else runs here, and ends with that process, whatever ended it: pods,
//! mounts, bridge and packet filter go with their namespaces. What remains then are files in one
//! directory of the user's cache and empty control groups, which [`Node::bring_down`] and the next
//! [`Node::bring_up`] remove. It outlives the process that starts it; there is one on a machine.
//!
//! | file | holds |
//! |---|---|
//! | [`place`] | where its files lie, and the lock that lets one process at a time change it |
//! | [`namespaces`] | its init process: starting it, finding it, running programs beside it |
//! | [`network`] | the bridge of its pods, and the way there from this machine |
//! | [`files`] | certificates and configuration |
//! | [`daemons`] | its programs and their arguments |
//! | [`start`] | the order in which it comes up |
//! | [`sweep`] | the removal of every trace |
//! | [`look`] | what kubelet and the kernel know about pods |
//! | [`run`] | for which run it is there |

mod daemons;
mod error;
mod files;
mod look;
mod namespaces;
mod network;
mod place;
mod run;
mod start;
mod sweep;

use std::path::PathBuf;

pub use daemons::Daemon;
pub(crate) use daemons::signal_process;
pub use error::NodeError;
use place::Place;

/// The name of the node in its cluster.
pub const NAME: &str = "n1";

/// A node that runs.
pub struct Node {
    place: Place,
    /// The number of its first process on this machine.
    init: u32,
}

impl Node {
    /// The node, which is started if it does not run yet. What an interrupted start left is removed
    /// first.
    pub fn bring_up() -> Result<Self, NodeError> {
        let place = Place::of_user()?;
        let _lock = place.lock()?;
        match Self::find_at(&place)? {
            Some(node) => Ok(node),
            None => start::start_node(place),
        }
    }

    /// The node, if it runs.
    pub fn find_running() -> Result<Option<Self>, NodeError> {
        Self::find_at(&Place::of_user()?)
    }

    /// Ends the node, if there is one, and removes every trace of it.
    pub fn bring_down() -> Result<(), NodeError> {
        let place = Place::of_user()?;
        let _lock = place.lock()?;
        sweep::sweep_node(&place)
    }

    /// A kubeconfig for a member of `system:masters`.
    pub fn kubeconfig(&self) -> PathBuf {
        self.place.file_path("admin.kubeconfig")
    }

    /// A file beside it, which goes with the node.
    pub(crate) fn file_path(&self, name: &str) -> PathBuf {
        self.place.file_path(name)
    }

    fn find_at(place: &Place) -> Result<Option<Self>, NodeError> {
        let complete = place.file_path(place::COMPLETE).is_file();
        let is_one = complete && !run::is_left_over(place);
        let init = namespaces::find_init(place)?.filter(|_| is_one);
        Ok(init.map(|init| Self {
            place: place.clone(),
            init,
        }))
    }
}
