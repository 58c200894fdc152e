//! The rule that makes kubelet run the init containers again when env-exec asks for it.

use contract::ExitCode;
use contract::names::ANNOTATION_PREFIX;
use k8s_openapi::api::core::v1::{ContainerRestartRule, ContainerRestartRuleOnExitCodes};
use serde::Serialize;

use crate::plan::refusal::Refusal;
use crate::plan::surveyed::Surveyed;
use crate::pod::{ExitCodes, Place, PodView, RestartRule};

/// Kubernetes' limit for `restartPolicyRules`.
const MAX_RULES: usize = 20;

/// `action` of the rule.
const ACTION: &str = "RestartAllContainers";

/// What changes in `restartPolicy` and `restartPolicyRules` of a wrapped container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum RestartChange {
    /// Nothing.
    Keep,
    /// [`rerun_rule`] comes first.
    Rerun {
        /// `restartPolicy`, which rules need, where the author set none.
        policy: &'static str,
    },
    /// Rules of an earlier admission are none any more.
    Forget {
        /// Where they are in `restartPolicyRules`.
        rules: Vec<usize>,
        /// Whether the policy that came with them is removed too.
        is_policy_stale: bool,
    },
}

/// The rule.
pub(crate) fn rerun_rule() -> ContainerRestartRule {
    ContainerRestartRule {
        action: ACTION.to_owned(),
        exit_codes: Some(ContainerRestartRuleOnExitCodes {
            operator: "In".to_owned(),
            values: Some(vec![ExitCode::Rerun.code().into()]),
        }),
    }
}

/// Whether a rule in a pod is [`rerun_rule`].
pub(crate) fn is_rerun_rule(rule: &RestartRule<'_>) -> bool {
    let is_code =
        |codes: &ExitCodes<'_>| codes.operator.as_str() == "In" && codes.values == [rerun_code()];
    rule.action.as_str() == ACTION && rule.exit_codes.as_ref().is_some_and(is_code)
}

/// Whether the rule can be added to the author's.
pub(super) fn check_rules(wrapped: &Surveyed<'_, '_>) -> Result<(), Refusal> {
    let container = wrapped.container;
    let rules = container.restart_policy_rules();
    if rules.first().is_some_and(is_rerun_rule) {
        return Ok(());
    }
    let refused = |reason: String| {
        Err(Refusal::RestartRules {
            container: container.name.to_string(),
            reason,
        })
    };
    if rules.len() >= MAX_RULES {
        return refused(format!(
            "there are {MAX_RULES}, the most that Kubernetes allows; remove one for tokenpipe's, \
             or set {ANNOTATION_PREFIX}restart to retain or fail"
        ));
    }
    if rules.iter().any(covers_rerun_code) {
        return refused(format!(
            "a rule with NotIn covers exit code {code}, env-exec's own; add {code} to its values, \
             or set {ANNOTATION_PREFIX}restart to retain or fail",
            code = ExitCode::Rerun.code()
        ));
    }
    Ok(())
}

/// `restartPolicy` of the pod.
pub(super) fn pod_policy<'p>(pod: &'p PodView<'_>) -> &'p str {
    pod.spec.restart_policy.as_deref().unwrap_or("Always")
}

/// The policy of a container's own that says what the pod's says of it.
pub(super) fn same_policy(pod: &PodView<'_>, place: Place) -> &'static str {
    match (pod_policy(pod), place) {
        ("Never", _) => "Never",
        // `Always` would turn an init container into a native sidecar.
        ("OnFailure", _) | (_, Place::Init(_)) => "OnFailure",
        (_, Place::App(_)) => "Always",
    }
}

fn rerun_code() -> i64 {
    i64::from(ExitCode::Rerun.code())
}

fn covers_rerun_code(rule: &RestartRule<'_>) -> bool {
    rule.exit_codes.as_ref().is_some_and(|codes| {
        codes.operator.as_str() == "NotIn" && !codes.values.contains(&rerun_code())
    })
}
