//! The Secret or volume that the author named for the method's files.

use agent_config::{AutoAuth, Mount};
use contract::names::ANNOTATION_PREFIX as P;
use contract::{did_you_mean, nearest, paths};

use crate::annotations::Annotations;
use crate::config::KubernetesVersion;
use crate::dns;
use crate::excerpt::excerpt;
use crate::plan::facts::Facts;
use crate::plan::refusal::Refusal;
use crate::pod::{Container, PodView, Volume};

/// Where the method's files come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::plan) enum AuthFiles {
    /// A Secret of the pod's namespace.
    Secret(String),
    /// A certificate of this pod's, from the signer of this name.
    PodCertificate(String),
    /// A volume of the pod.
    Volume {
        /// Its name.
        name: String,
        /// Nothing can be removed from it.
        read_only: bool,
    },
}

impl AuthFiles {
    /// What the annotations name.
    pub(super) fn choose(
        pod: &PodView<'_>,
        annotations: &Annotations,
    ) -> Result<Option<Self>, Refusal> {
        let exclude = |one: &str, other: &str| {
            Err(Refusal::Auth {
                reason: format!(
                    "annotations {P}{one} and {P}{other} exclude each other; remove one"
                ),
            })
        };
        match (
            &annotations.auth_secret,
            &annotations.auth_volume,
            &annotations.auth_pod_certificate,
        ) {
            (None, None, None) => Ok(None),
            (Some(_), Some(_), _) => exclude("auth-secret", "auth-volume"),
            (Some(_), None, Some(_)) => exclude("auth-secret", "auth-pod-certificate"),
            (None, Some(_), Some(_)) => exclude("auth-volume", "auth-pod-certificate"),
            (Some(secret), None, None) => Ok(Some(Self::Secret(secret.as_str().to_owned()))),
            (None, Some(name), None) => volume(pod, name.as_str()).map(Some),
            (None, None, Some(signer)) => pod_certificate(signer.as_str()).map(Some),
        }
    }

    /// A warning where the pod's own programs see them too.
    pub(super) fn seen_by_others(&self, pod: &PodView<'_>) -> Option<String> {
        let Self::Volume { name, .. } = self else {
            return None;
        };
        let has = |container: &&Container<'_>| {
            let mut mounts = container.volume_mounts().iter();
            mounts.any(|mount| mount.name.as_str() == name)
        };
        let containers = pod.spec.containers.iter().filter(has);
        let names: Vec<_> = containers
            .map(|container| container.name.as_str())
            .collect();
        (!names.is_empty()).then(|| {
            format!(
                "{P}auth-volume: volume {name} is mounted in {} too, which can read the login's \
                 files; mount it nowhere else",
                names.join(", ")
            )
        })
    }

    /// Where the agent's container sees them.
    pub(super) fn mount(&self) -> Mount<'static> {
        Mount {
            path: paths::AUTH,
            read_only: match self {
                Self::Secret(_) | Self::PodCertificate(_) => true,
                Self::Volume { read_only, .. } => *read_only,
            },
        }
    }

    /// Refuses a certificate where the API server would drop the volume's source without a word; a
    /// warning where it may, or where some node may not have the certificate made.
    pub(super) fn check_version(&self, facts: Facts) -> Result<Option<String>, Refusal> {
        if !matches!(self, Self::PodCertificate(_)) {
            return Ok(None);
        }
        let has = |version: KubernetesVersion| (version, version.has_pod_certificates());
        match (facts.kubernetes.map(has), facts.nodes.map(has)) {
            (Some((_, Some(true))), None | Some((_, Some(true)))) => Ok(None),
            (Some((version, Some(false))), _) => Err(Refusal::Combination {
                key: "auth-pod-certificate",
                reason: format!(
                    "needs Kubernetes 1.37, or 1.35 with the feature gate PodCertificateRequest, \
                     and this is {version}; use {P}auth-secret"
                ),
            }),
            _ => Ok(Some(format!(
                "{P}auth-pod-certificate: needs the feature gate PodCertificateRequest on API \
                 server and nodes; enable it where Kubernetes is older than 1.37"
            ))),
        }
    }

    /// Refuses files that the login has no use for: the author meant something else.
    pub(super) fn check_use(&self, auto_auth: &AutoAuth) -> Result<(), Refusal> {
        let method = auto_auth.method().name;
        if matches!(self, Self::PodCertificate(_)) && method != "cert" {
            return Err(Refusal::Combination {
                key: "auth-pod-certificate",
                reason: format!(
                    "is for method `cert`, and here the method is `{method}`; set {P}auth-method"
                ),
            });
        }
        if !auto_auth.files().is_empty() || !auto_auth.variables().is_empty() {
            return Ok(());
        }
        let key = match self {
            Self::Secret(_) => "auth-secret",
            Self::PodCertificate(_) => "auth-pod-certificate",
            Self::Volume { .. } => "auth-volume",
        };
        Err(Refusal::Auth {
            reason: format!(
                "annotation {P}{key}: with these settings method `{method}` reads no file; remove \
                 it"
            ),
        })
    }
}

/// Names of signers are what the API server takes: a domain, and a path below it.
fn pod_certificate(signer: &str) -> Result<AuthFiles, Refusal> {
    let is_name = signer
        .split_once('/')
        .is_some_and(|(domain, path)| dns::is_name(domain) && dns::is_name(path));
    if is_name && signer.len() <= 571 {
        return Ok(AuthFiles::PodCertificate(signer.to_owned()));
    }
    Err(Refusal::Combination {
        key: "auth-pod-certificate",
        reason: format!(
            "names signer {:?}, allowed are a domain and a name in small letters, as in \
             example.com/vault",
            excerpt(signer)
        ),
    })
}

fn volume(pod: &PodView<'_>, wanted: &str) -> Result<AuthFiles, Refusal> {
    match find_volume(pod, wanted) {
        Some(volume) => Ok(AuthFiles::Volume {
            name: wanted.to_owned(),
            read_only: volume.is_read_only(),
        }),
        None => Err(no_volume(pod, "auth-volume", wanted)),
    }
}

/// The pod's volume of that name.
pub(super) fn find_volume<'p, 'a>(pod: &'p PodView<'a>, wanted: &str) -> Option<&'p Volume<'a>> {
    let mut volumes = pod.spec.volumes.iter();
    volumes.find(|volume| volume.name.as_str() == wanted)
}

/// An annotation names a volume that is not there.
pub(super) fn no_volume(pod: &PodView<'_>, key: &'static str, wanted: &str) -> Refusal {
    let known = pod.spec.volumes.iter().map(|volume| volume.name.as_str());
    let hint = did_you_mean(nearest(wanted, known));
    Refusal::Combination {
        key,
        reason: format!("names volume {wanted}, which the pod does not have{hint}"),
    }
}
