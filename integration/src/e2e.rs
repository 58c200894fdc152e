//! Scenarios on a whole cluster: what the tests `e2e_*` share.
//!
//! They run on the node of this machine or on any cluster that `KUBECONFIG` names; `cluster with`
//! chooses, and tells them by [`KUBECONFIG`]. A scenario installs a Vault and a webhook of its own, so
//! that it may seal the one and kill the other, and counts nobody's requests but its own.
//!
//! | file | holds |
//! |---|---|
//! | [`cluster`] | the cluster, and its node where there is one to look at |
//! | [`namespace`] | namespaces that go with their scenario, or are told about if it fails |
//! | [`report`] | states, events and logs of a namespace |
//! | [`fixture`] | an installation and a namespace that it serves: where most scenarios begin |
//! | [`vault`] | Vault in the cluster |
//! | [`audit`], [`outage`] | what it has been asked; what can be wrong with it |
//! | [`clock`] | times as logs have them |
//! | [`database`] | a `PostgreSQL` that Vault makes users in |
//! | [`signer`] | who signs pods' certificates |
//! | [`cert_manager`] | who makes the webhook's |
//! | [`webhook`] | tokenpipe in the cluster |
//! | [`options`] | how its operator has set it up |
//! | [`release`] | the chart's releases one after another, without a wait of the tests' own |
//! | [`reader`], [`registry`] | the shell of a person who follows the README, and the registry |
//! | [`pod`] | a pod that runs: its state, its programs, its volumes |
//! | [`playground`] | what `make cluster` leaves running for a person |
//! | [`leak`] | the search for what must be nowhere |

mod audit;
mod cert_manager;
mod clock;
mod cluster;
mod database;
mod error;
mod fixture;
mod leak;
mod namespace;
mod options;
mod outage;
mod playground;
mod pod;
mod reader;
mod registry;
mod release;
mod report;
mod signer;
mod vault;
mod webhook;

pub use cert_manager::CertManager;
pub use cluster::Cluster;
pub use database::Database;
pub use error::E2eError;
pub use fixture::Fixture;
pub use leak::Secret;
pub use namespace::Namespace;
pub use options::Options;
pub use playground::prepare_playground;
pub use pod::Pod;
pub use reader::Reader;
pub use registry::Registry;
pub use release::Release;
pub use signer::Signer;
pub use vault::Vault;
pub use webhook::Installation;

/// The variable that names the kubeconfig of the cluster to use.
pub const KUBECONFIG: &str = "E2E_KUBECONFIG";
/// The variable that has everything stay as it is when a scenario has ended.
pub const KEEP: &str = "KEEP";
/// Where the images of this repository's state can be pulled from, by a cluster that is not on this
/// machine: `make images` names them.
pub const IMAGES: &str = "E2E_IMAGES";

/// Whether it is set.
pub fn is_kept() -> bool {
    std::env::var_os(KEEP).is_some_and(|value| !value.is_empty())
}
