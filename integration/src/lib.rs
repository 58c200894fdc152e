//! Harness: the real servers that the tests run against, and what the tests need around them.
//!
//! A test starts what it needs, waits for a condition with a deadline that names it, and lets go:
//! every program started here ends with its handle, or with the test process however that ends,
//! and every directory goes with it. Servers that this machine lacks are built from pinned sources
//! or installed, once, before anything is measured.
//!
//! | file | holds |
//! |---|---|
//! | [`tools`] | finding, building or installing Vault, Kubernetes, etcd and small programs |
//! | [`product`] | `env-exec` and `tokenpipe`, built the way they ship |
//! | [`env_exec`] | one start of env-exec, alone or as in a pod |
//! | [`image`] | a root file system made from scratch, and programs in it |
//! | [`vault`] | a Vault in dev mode over HTTP, HTTPS and a unix socket, and its API |
//! | [`openbao`] | a double of `OpenBao`, or the real one in dev mode |
//! | [`chart`] | the chart, rendered and installed with helm; replicas of the webhook as it configures them |
//! | [`cluster`] | etcd, an API server and its controllers; kubectl, namespaces, webhooks |
//! | [`node`] | a whole node on this machine: kubelet, containerd and what they need |
//! | [`e2e`] | scenarios on a whole cluster: Vault, webhook and programs in pods |
//! | [`images`] | the container images, built from the repository's Containerfiles |
//! | [`kubelet`] | a stand-in for kubelet: runs a pod's containers without a node |
//! | [`mod@bench`] | `make bench` |
//! | [`login`] | a pod that logs in, as admission made it |
//! | [`directory`], [`realm`], [`aws`] | an LDAP directory, a Kerberos realm, users of AWS |
//! | [`demo`] | `make demo`, and what the tests of the whole pipeline share with it |
//! | [`network`] | a relay that counts, delays and resets; a server that answers as told; free ports |
//! | [`certificates`] | certificate authorities, servers and clients |
//! | [`process`] | running programs: output with a deadline, or in the background with a log |
//! | [`http`] | a blocking HTTP client that trusts one authority |
//! | [`wait`] | waiting for a condition |
//! | [`temp`] | directories of this process |
//! | [`mod@skip`] | saying that a test cannot run here |
//! | [`suite`] | what `make check` and `make test` run |
//! | [`progress`] | one line that says what takes so long |

#![forbid(unsafe_code)]

/// Gives an error the `Debug` of its message, because tests unwrap and a person reads that.
macro_rules! debug_is_display {
    ($type:ty) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    };
}

pub mod aws;
pub mod bench;
pub mod certificates;
pub mod chart;
pub mod cluster;
pub mod demo;
mod digest;
pub mod directory;
pub mod e2e;
pub mod env_exec;
pub mod http;
pub mod image;
pub mod images;
pub mod kubelet;
pub mod login;
pub mod network;
pub mod node;
pub mod openbao;
pub mod process;
pub mod product;
pub mod progress;
pub mod readme;
pub mod realm;
mod skip;
pub mod suite;
pub mod temp;
pub mod tools;
pub mod vault;
pub mod wait;

pub use skip::skip_test;
