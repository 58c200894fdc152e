//! Which programs there are, and where each comes from.

use std::str::FromStr;

use super::{ToolError, Version};

/// A program that tests use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the programs")]
pub enum Tool {
    Vault,
    /// Vault's kubernetes auth method as an external plugin; the pinned Vault does not have it.
    VaultPluginAuthKubernetes,
    /// Further auth methods that the pinned Vault does not have, as one external plugin.
    VaultPlugins,
    KubeApiserver,
    KubeControllerManager,
    Kubectl,
    Etcd,
    Slapd,
    Krb5kdc,
    KadminLocal,
    Wrk,
    Time,
    Dnsmasq,
    CargoDeny,
}

/// Where a program comes from if the machine does not have it.
pub(super) enum Source {
    /// A main package of one of the modules in `integration/tools`, and how many minutes it takes
    /// to build on two cores with nothing cached.
    Go { package: &'static str, minutes: u32 },
    /// A package of the distribution.
    Debian { package: &'static str },
    /// A program of the crate registry.
    Crate { version: &'static str },
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Vault,
        Self::VaultPluginAuthKubernetes,
        Self::VaultPlugins,
        Self::KubeApiserver,
        Self::KubeControllerManager,
        Self::Kubectl,
        Self::Etcd,
        Self::Slapd,
        Self::Krb5kdc,
        Self::KadminLocal,
        Self::Wrk,
        Self::Time,
        Self::Dnsmasq,
        Self::CargoDeny,
    ];

    /// The name of the program's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vault => "vault",
            Self::VaultPluginAuthKubernetes => "vault-plugin-auth-kubernetes",
            Self::VaultPlugins => "vault-plugins",
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::Kubectl => "kubectl",
            Self::Etcd => "etcd",
            Self::Slapd => "slapd",
            Self::Krb5kdc => "krb5kdc",
            Self::KadminLocal => "kadmin.local",
            Self::Wrk => "wrk",
            Self::Time => "time",
            Self::Dnsmasq => "dnsmasq",
            Self::CargoDeny => "cargo-deny",
        }
    }

    /// The environment variable that names one to use: `VAULT_BIN` for `vault`.
    pub fn variable(self) -> String {
        format!(
            "{}_BIN",
            self.name().to_uppercase().replace(['-', '.'], "_")
        )
    }

    /// The arguments that make it tell its version, and the oldest that the tests can use.
    pub(super) const fn oldest(self) -> Option<(&'static [&'static str], Version)> {
        match self {
            Self::Vault => Some((&["version"], Version::new(1, 16, 0))),
            // The tests use what came with this version of the API.
            Self::KubeApiserver | Self::KubeControllerManager => {
                Some((&["--version"], Version::new(1, 37, 0)))
            }
            Self::Kubectl => Some((&["version", "--client"], Version::new(1, 30, 0))),
            Self::Etcd => Some((&["--version"], Version::new(3, 4, 0))),
            Self::CargoDeny => Some((&["--version"], Version::new(0, 20, 0))),
            Self::VaultPluginAuthKubernetes
            | Self::VaultPlugins
            | Self::Slapd
            | Self::Krb5kdc
            | Self::KadminLocal
            | Self::Wrk
            | Self::Time
            | Self::Dnsmasq => None,
        }
    }

    pub(super) const fn source(self) -> Source {
        match self {
            Self::Vault => Source::Go {
                package: "github.com/hashicorp/vault",
                minutes: 6,
            },
            Self::VaultPluginAuthKubernetes => Source::Go {
                package: "github.com/hashicorp/vault-plugin-auth-kubernetes/cmd/vault-plugin-auth-kubernetes",
                minutes: 1,
            },
            Self::VaultPlugins => Source::Go {
                package: "integration/tools/vault-plugins",
                minutes: 2,
            },
            Self::KubeApiserver => Source::Go {
                package: "k8s.io/kubernetes/cmd/kube-apiserver",
                minutes: 5,
            },
            Self::KubeControllerManager => Source::Go {
                package: "k8s.io/kubernetes/cmd/kube-controller-manager",
                minutes: 3,
            },
            Self::Kubectl => Source::Go {
                package: "k8s.io/kubernetes/cmd/kubectl",
                minutes: 2,
            },
            Self::Etcd => Source::Debian {
                package: "etcd-server",
            },
            Self::Slapd => Source::Debian { package: "slapd" },
            Self::Krb5kdc => Source::Debian {
                package: "krb5-kdc",
            },
            Self::KadminLocal => Source::Debian {
                package: "krb5-admin-server",
            },
            Self::Wrk => Source::Debian { package: "wrk" },
            Self::Time => Source::Debian { package: "time" },
            Self::Dnsmasq => Source::Debian {
                package: "dnsmasq-base",
            },
            Self::CargoDeny => Source::Crate { version: "0.20.2" },
        }
    }
}

impl FromStr for Tool {
    type Err = ToolError;

    fn from_str(name: &str) -> Result<Self, ToolError> {
        let unknown = || ToolError::Unknown {
            name: name.to_owned(),
            known: Self::ALL.map(Self::name).join(", "),
        };
        Self::ALL
            .into_iter()
            .find(|tool| tool.name() == name)
            .ok_or_else(unknown)
    }
}
