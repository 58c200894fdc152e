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
    KubeScheduler,
    KubeProxy,
    Kubectl,
    Kubelet,
    Etcd,
    Slapd,
    Krb5kdc,
    KadminLocal,
    Containerd,
    ContainerdShimRuncV2,
    Ctr,
    Runc,
    Podman,
    /// A container registry.
    DockerRegistry,
    Catatonit,
    /// Static, as in Debian's busybox-static: it is what images made from scratch hold.
    Busybox,
    Ip,
    Nft,
    Helm,
    Kubeconform,
    Wrk,
    Time,
    Dnsmasq,
    CargoDeny,
    /// The part of it that the chart's certificates need.
    CertManager,
    /// AWS's IAM and STS, played by the library moto, which checks the signature of a request.
    MotoServer,
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
    /// A program of the Python package index, whose `main` is in a module.
    Python {
        module: &'static str,
        requirements: &'static str,
    },
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 31] = [
        Self::Vault,
        Self::VaultPluginAuthKubernetes,
        Self::VaultPlugins,
        Self::KubeApiserver,
        Self::KubeControllerManager,
        Self::KubeScheduler,
        Self::KubeProxy,
        Self::Kubectl,
        Self::Kubelet,
        Self::Etcd,
        Self::Slapd,
        Self::Krb5kdc,
        Self::KadminLocal,
        Self::Containerd,
        Self::ContainerdShimRuncV2,
        Self::Ctr,
        Self::Runc,
        Self::Podman,
        Self::DockerRegistry,
        Self::Catatonit,
        Self::Busybox,
        Self::Ip,
        Self::Nft,
        Self::Helm,
        Self::Kubeconform,
        Self::Wrk,
        Self::Time,
        Self::Dnsmasq,
        Self::CargoDeny,
        Self::CertManager,
        Self::MotoServer,
    ];

    /// The name of the program's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vault => "vault",
            Self::VaultPluginAuthKubernetes => "vault-plugin-auth-kubernetes",
            Self::VaultPlugins => "vault-plugins",
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::KubeScheduler => "kube-scheduler",
            Self::KubeProxy => "kube-proxy",
            Self::Kubectl => "kubectl",
            Self::Kubelet => "kubelet",
            Self::Etcd => "etcd",
            Self::Slapd => "slapd",
            Self::Krb5kdc => "krb5kdc",
            Self::KadminLocal => "kadmin.local",
            Self::Containerd => "containerd",
            Self::ContainerdShimRuncV2 => "containerd-shim-runc-v2",
            Self::Ctr => "ctr",
            Self::Runc => "runc",
            Self::Podman => "podman",
            Self::DockerRegistry => "docker-registry",
            Self::Catatonit => "catatonit",
            Self::Busybox => "busybox",
            Self::Ip => "ip",
            Self::Nft => "nft",
            Self::Helm => "helm",
            Self::Kubeconform => "kubeconform",
            Self::Wrk => "wrk",
            Self::Time => "time",
            Self::Dnsmasq => "dnsmasq",
            Self::CargoDeny => "cargo-deny",
            Self::CertManager => "cert-manager",
            Self::MotoServer => "moto_server",
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
    pub(super) const fn oldest_version(self) -> Option<(&'static [&'static str], Version)> {
        match self {
            Self::Vault => Some((&["version"], Version::new(1, 16, 0))),
            // The tests use what came with this version of the API.
            Self::KubeApiserver
            | Self::KubeControllerManager
            | Self::KubeScheduler
            | Self::KubeProxy
            | Self::Kubelet => Some((&["--version"], Version::new(1, 37, 0))),
            // What the kubelet of 1.36 and later asks for.
            Self::Containerd | Self::Ctr => Some((&["--version"], Version::new(2, 0, 0))),
            Self::ContainerdShimRuncV2 => Some((&["-v"], Version::new(2, 0, 0))),
            Self::Runc => Some((&["--version"], Version::new(1, 1, 0))),
            Self::Podman => Some((&["--version"], Version::new(4, 0, 0))),
            Self::Helm => Some((&["version", "--short"], Version::new(3, 16, 0))),
            Self::Kubectl => Some((&["version", "--client"], Version::new(1, 30, 0))),
            Self::Etcd => Some((&["--version"], Version::new(3, 4, 0))),
            Self::CargoDeny => Some((&["--version"], Version::new(0, 20, 0))),
            Self::VaultPluginAuthKubernetes
            | Self::VaultPlugins
            | Self::Slapd
            | Self::Krb5kdc
            | Self::KadminLocal
            | Self::DockerRegistry
            | Self::Catatonit
            | Self::Busybox
            | Self::Ip
            | Self::Nft
            | Self::Kubeconform
            | Self::Wrk
            | Self::Time
            | Self::Dnsmasq
            | Self::CertManager
            | Self::MotoServer => None,
        }
    }

    pub(super) const fn source(self) -> Source {
        match self {
            Self::Vault => Source::Go {
                package: "github.com/hashicorp/vault",
                minutes: 12,
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
                minutes: 10,
            },
            Self::KubeControllerManager => Source::Go {
                package: "k8s.io/kubernetes/cmd/kube-controller-manager",
                minutes: 6,
            },
            Self::KubeScheduler => Source::Go {
                package: "k8s.io/kubernetes/cmd/kube-scheduler",
                minutes: 2,
            },
            Self::KubeProxy => Source::Go {
                package: "k8s.io/kubernetes/cmd/kube-proxy",
                minutes: 1,
            },
            Self::Kubectl => Source::Go {
                package: "k8s.io/kubernetes/cmd/kubectl",
                minutes: 2,
            },
            Self::Kubelet => Source::Go {
                package: "k8s.io/kubernetes/cmd/kubelet",
                minutes: 3,
            },
            Self::Containerd => Source::Go {
                package: "github.com/containerd/containerd/v2/cmd/containerd",
                minutes: 2,
            },
            Self::ContainerdShimRuncV2 => Source::Go {
                package: "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
                minutes: 1,
            },
            Self::Ctr => Source::Go {
                package: "github.com/containerd/containerd/v2/cmd/ctr",
                minutes: 1,
            },
            Self::Helm => Source::Go {
                package: "helm.sh/helm/v4/cmd/helm",
                minutes: 5,
            },
            Self::Kubeconform => Source::Go {
                package: "github.com/yannh/kubeconform/cmd/kubeconform",
                minutes: 1,
            },
            Self::CertManager => Source::Go {
                package: "integration/tools/cert-manager",
                minutes: 5,
            },
            Self::Etcd => debian_source("etcd-server"),
            Self::Slapd => debian_source("slapd"),
            Self::Krb5kdc => debian_source("krb5-kdc"),
            Self::KadminLocal => debian_source("krb5-admin-server"),
            Self::Runc => debian_source("runc"),
            Self::Podman => debian_source("podman"),
            Self::DockerRegistry => debian_source("docker-registry"),
            Self::Catatonit => debian_source("catatonit"),
            Self::Busybox => debian_source("busybox-static"),
            Self::Ip => debian_source("iproute2"),
            Self::Nft => debian_source("nftables"),
            Self::Wrk => debian_source("wrk"),
            Self::Time => debian_source("time"),
            Self::Dnsmasq => debian_source("dnsmasq-base"),
            Self::CargoDeny => Source::Crate { version: "0.20.2" },
            Self::MotoServer => Source::Python {
                module: "moto.server",
                requirements: include_str!("../../tools/moto/requirements.txt"),
            },
        }
    }
}

const fn debian_source(package: &'static str) -> Source {
    Source::Debian { package }
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
