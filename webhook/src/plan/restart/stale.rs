//! What an earlier admission added under `rerun`, in a pod that has another mode now: restored from a
//! newer cluster, or asked about by a replica that knows less.

use contract::Restart;
use contract::names::ANNOTATION_PREFIX;
use serde::Deserialize;

use super::{ContainerRestart, Surveyed, is_ours, same_policy};
use crate::annotations::STATUS;
use crate::config::KubernetesVersion;
use crate::plan::Facts;
use crate::pod::PodView;

/// First version that knows a `restartPolicy` of app containers, and others than `Always` of init
/// containers.
const CONTAINER_POLICY: KubernetesVersion = KubernetesVersion {
    major: 1,
    minor: 34,
};

/// Takes back the rule of an earlier `rerun`, which an API server before 1.36 refuses in a sentence
/// that does not name us.
///
/// The policy that came with it says what the pod's says, so where API servers know such a policy it
/// does no harm and stays: it may be the author's. Older ones refuse it, whose ever it is.
pub(in crate::plan) fn without_rule(
    pod: &PodView<'_>,
    wrapped: &Surveyed<'_, '_>,
    facts: Facts,
) -> ContainerRestart {
    if !wrapped.is_wrapped {
        return ContainerRestart::default();
    }
    let container = wrapped.container;
    let rules = container.restart_policy_rules();
    let is_stale = |index: &usize| is_ours(&rules[*index]);
    let stale_rules: Vec<_> = (0..rules.len()).filter(is_stale).collect();
    let policy = container.restart_policy.as_deref();
    let is_policy_stale = !stale_rules.is_empty()
        && stale_rules.len() == rules.len()
        && policy == Some(same_policy(pod, wrapped.place))
        && facts
            .kubernetes
            .is_some_and(|version| version < CONTAINER_POLICY);
    ContainerRestart {
        stale_rules,
        is_policy_stale,
        ..ContainerRestart::default()
    }
}

/// The mode that the status of an earlier admission tells. Without it a rule like ours is the author's.
pub(in crate::plan) fn earlier_mode(pod: &PodView<'_>) -> Option<Restart> {
    #[derive(Deserialize)]
    struct Status {
        restart: Restart,
    }
    let status = pod.annotation(&format!("{ANNOTATION_PREFIX}{STATUS}"))?;
    let status: Status = serde_json::from_str(status).ok()?;
    Some(status.restart)
}
