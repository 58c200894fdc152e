//! The UID of the injected init containers.

use super::ours::is_ours;
use crate::pod::{Container, PodView};

/// Which UID the injected init containers run as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// `runAsUser`; none where the platform assigns it.
    pub(super) uid: Option<i64>,
    /// It is also the UID of every container of the pod: the token file can be private to it, and
    /// kubelet keeps the app's projected `ServiceAccount` token at 0600, which it widens to 0644
    /// as soon as one container of the pod runs as another UID.
    pub(super) is_common: bool,
}

impl Identity {
    /// The pod's one common UID if it has one other than root's, else the operator's.
    pub(super) fn choose(pod: &PodView<'_>, configured: Option<i64>) -> Self {
        match common_uid(pod) {
            Some(uid) if uid != 0 => Self {
                uid: Some(uid),
                is_common: true,
            },
            _ => Self {
                uid: configured,
                is_common: false,
            },
        }
    }
}

/// A container's UID; none where its image or the platform decides.
pub(super) fn uid(pod: &PodView<'_>, container: &Container<'_>) -> Option<i64> {
    let own = container.security_context.as_ref();
    let of_pod = pod.spec.security_context.as_ref();
    own.and_then(|security| security.run_as_user)
        .or_else(|| of_pod.and_then(|security| security.run_as_user))
}

fn common_uid(pod: &PodView<'_>) -> Option<i64> {
    let mut uids = pod
        .containers()
        .filter(|(place, container)| !is_ours(*place, &container.name))
        .map(|(_, container)| uid(pod, container));
    let first = uids.next()??;
    uids.all(|uid| uid == Some(first)).then_some(first)
}
