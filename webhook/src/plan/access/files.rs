//! The Secret or volume that the author named for the method's files.

use agent_config::{AutoAuth, Mount};
use contract::names::ANNOTATION_PREFIX as P;
use contract::{nearest, paths};

use crate::annotations::Annotations;
use crate::plan::refusal::Refusal;
use crate::pod::PodView;

/// Where the method's files come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::plan) enum AuthFiles {
    /// A Secret of the pod's namespace.
    Secret(String),
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
        match (&annotations.auth_secret, &annotations.auth_volume) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(Refusal::Auth {
                reason: format!("annotations {P}auth-secret and {P}auth-volume exclude each other"),
            }),
            (Some(secret), None) => Ok(Some(Self::Secret(secret.as_str().to_owned()))),
            (None, Some(name)) => volume(pod, name.as_str()).map(Some),
        }
    }

    /// Where the agent's container sees them.
    pub(super) fn mount(&self) -> Mount<'static> {
        Mount {
            path: paths::AUTH,
            read_only: match self {
                Self::Secret(_) => true,
                Self::Volume { read_only, .. } => *read_only,
            },
        }
    }

    /// Refuses files that the login has no use for: the author meant something else.
    pub(super) fn check_use(&self, auto_auth: &AutoAuth) -> Result<(), Refusal> {
        if !auto_auth.files().is_empty() || !auto_auth.variables().is_empty() {
            return Ok(());
        }
        let key = match self {
            Self::Secret(_) => "auth-secret",
            Self::Volume { .. } => "auth-volume",
        };
        Err(Refusal::Auth {
            reason: format!(
                "annotation {P}{key}: with these settings method `{}` reads no file: leave it out",
                auto_auth.method().name
            ),
        })
    }
}

fn volume(pod: &PodView<'_>, wanted: &str) -> Result<AuthFiles, Refusal> {
    let volumes = &pod.spec.volumes;
    if let Some(volume) = volumes.iter().find(|volume| volume.name.as_str() == wanted) {
        return Ok(AuthFiles::Volume {
            name: wanted.to_owned(),
            read_only: volume.is_read_only(),
        });
    }
    let known = volumes.iter().map(|volume| volume.name.as_str());
    let hint = nearest(wanted, known)
        .map(|name| format!(": did you mean {name}?"))
        .unwrap_or_default();
    Err(Refusal::Auth {
        reason: format!(
            "annotation {P}auth-volume names volume {wanted}, which the pod does not have{hint}"
        ),
    })
}
