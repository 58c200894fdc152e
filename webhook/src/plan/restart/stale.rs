//! What an earlier admission added under `rerun`, in a pod that has another mode now: restored from a
//! newer cluster, or asked about by a replica that knows less.

use contract::Restart;
use contract::names::ANNOTATION_PREFIX;
use serde::Deserialize;

use super::rule::{RestartChange, is_rerun_rule, same_policy};
use crate::annotations::STATUS;
use crate::config::KubernetesVersion;
use crate::plan::context::Context;
use crate::plan::surveyed::Surveyed;
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
pub(super) fn change(context: &Context<'_>, wrapped: &Surveyed<'_, '_>) -> RestartChange {
    if !wrapped.is_wrapped || earlier_mode(context.pod) != Some(Restart::Rerun) {
        return RestartChange::Keep;
    }
    let container = wrapped.container;
    let all = container.restart_policy_rules();
    let is_stale = |index: &usize| is_rerun_rule(&all[*index]);
    let rules: Vec<_> = (0..all.len()).filter(is_stale).collect();
    let policy = container.restart_policy.as_deref();
    let version = context.facts.kubernetes;
    let is_policy_stale = rules.len() == all.len()
        && policy == Some(same_policy(context.pod, wrapped.place))
        && version.is_some_and(|version| version < CONTAINER_POLICY);
    if rules.is_empty() {
        return RestartChange::Keep;
    }
    RestartChange::Forget {
        rules,
        is_policy_stale,
    }
}

/// The mode that the status of an earlier admission tells. Without it a rule like ours is the author's.
fn earlier_mode(pod: &PodView<'_>) -> Option<Restart> {
    #[derive(Deserialize)]
    struct Status {
        restart: Restart,
    }
    let status = pod.annotation(&format!("{ANNOTATION_PREFIX}{STATUS}"))?;
    let status: Status = serde_json::from_str(status).ok()?;
    Some(status.restart)
}
