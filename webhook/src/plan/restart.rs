//! What a wrapped container does when it starts again without its token.

mod stale;

use contract::names::ANNOTATION_PREFIX;
use contract::{ExitCode, Restart};
use serde_json::{Value, json};

use super::Facts;
use super::refusal::Refusal;
use super::survey::Surveyed;
use crate::config::Defaults;
use crate::pod::{Place, PodView, RestartRule};
pub(super) use stale::{earlier_mode, without_rule};

/// Kubernetes' limit for `restartPolicyRules`.
const MAX_RULES: usize = 20;

/// The mode of a pod, and what its author should know about it.
pub(super) struct Decision {
    pub(super) mode: Restart,
    pub(super) warnings: Vec<String>,
}

/// What decides about the mode.
pub(super) struct Inputs<'i, 'a> {
    pub(super) pod: &'i PodView<'a>,
    pub(super) surveyed: &'i [Surveyed<'i, 'a>],
    pub(super) wanted: Option<Restart>,
    pub(super) defaults: &'i Defaults,
    pub(super) facts: Facts,
    /// Why a second login would fail, if it would.
    pub(super) single_use: Option<&'i str>,
}

/// Chooses the mode: the annotation's, else the operator's, else `rerun` where it is safe.
pub(super) fn decide(inputs: &Inputs<'_, '_>) -> Result<Decision, Refusal> {
    let mode = match inputs.wanted.or(inputs.defaults.restart) {
        Some(mode) => mode,
        None => default_mode(inputs),
    };
    if mode != Restart::Rerun {
        return Ok(Decision {
            mode,
            warnings: retain_warning(mode, inputs).into_iter().collect(),
        });
    }
    if inputs.facts.keeps_rerun_rules() == Some(false) {
        return Err(Refusal::Combination {
            key: "restart",
            reason: "is \"rerun\", which needs Kubernetes 1.36 or newer with \
                     RestartAllContainersOnContainerExits: allowed here are retain and fail"
                .into(),
        });
    }
    if let Some(reason) = inputs.single_use {
        let warning = format!(
            "restart is \"fail\", not \"rerun\": {reason}, so a second login would be refused"
        );
        return Ok(Decision {
            mode: Restart::Fail,
            warnings: vec![warning],
        });
    }
    Ok(Decision {
        mode,
        warnings: rerun_warning(inputs)
            .into_iter()
            .chain(nodes_warning(inputs))
            .collect(),
    })
}

fn default_mode(inputs: &Inputs<'_, '_>) -> Restart {
    let pod = inputs.pod;
    let restarts = |surveyed: &Surveyed<'_, '_>| {
        let mut rules = surveyed.container.restart_policy_rules().iter();
        effective(surveyed.container.restart_policy.as_deref(), pod) != "Never"
            || rules.any(|rule| !is_ours(rule))
    };
    if !inputs.surveyed.iter().any(restarts) {
        // Nothing is started twice, so nothing needs the token a second time.
        return Restart::Fail;
    }
    if inputs.facts.can_rerun_everywhere() && pod_policy(pod) != "Never" && !pod.is_of_job() {
        Restart::Rerun
    } else {
        inputs.defaults.restart_fallback.into()
    }
}

fn retain_warning(mode: Restart, inputs: &Inputs<'_, '_>) -> Option<String> {
    // Where the cluster or its operator decides, every pod is told the same, which is no news.
    let is_of_this_pod =
        inputs.wanted.or(inputs.defaults.restart).is_none() && inputs.facts.can_rerun_everywhere();
    (mode == Restart::Retain && is_of_this_pod).then(|| {
        format!(
            "the token stays readable in the wrapped containers until it expires, so that they \
             can restart ({ANNOTATION_PREFIX}restart: retain)"
        )
    })
}

/// Names who else is killed and what runs again.
fn rerun_warning(inputs: &Inputs<'_, '_>) -> Option<String> {
    let names = |is_init: bool| {
        let of_kind =
            |container: &&Surveyed<'_, '_>| matches!(container.place, Place::Init(_)) == is_init;
        inputs
            .surveyed
            .iter()
            .filter(of_kind)
            .map(Surveyed::name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let others = inputs.pod.spec.containers.len() > 1;
    let (init, app) = (names(true), names(false));
    let consequences: Vec<_> = [
        others.then(|| format!("kills all of its containers ({app})")),
        (!init.is_empty()).then(|| format!("runs its init containers again ({init})")),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!consequences.is_empty()).then(|| {
        format!(
            "when a wrapped container restarts, the pod {} ({ANNOTATION_PREFIX}restart: rerun)",
            consequences.join(" and ")
        )
    })
}

/// The scheduler leaves out nodes that do not carry the rule out.
fn nodes_warning(inputs: &Inputs<'_, '_>) -> Option<String> {
    (inputs.facts.rules_run == Some(false)).then(|| {
        format!(
            "the pod runs only on nodes with RestartAllContainersOnContainerExits, and not all \
             are known to have it ({ANNOTATION_PREFIX}restart: rerun)"
        )
    })
}

fn pod_policy<'p>(pod: &'p PodView<'_>) -> &'p str {
    pod.spec.restart_policy.as_deref().unwrap_or("Always")
}

fn effective<'p>(own: Option<&'p str>, pod: &'p PodView<'_>) -> &'p str {
    own.unwrap_or_else(|| pod_policy(pod))
}

/// What changes in `restartPolicy` and rules of one wrapped container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ContainerRestart {
    /// `restartPolicy`, which rules need; `None` where the author set one.
    pub(super) policy: Option<&'static str>,
    /// The rule to put before the author's; `None` where it already is there.
    pub(super) rule: Option<Value>,
    /// Where rules of an earlier admission stand that are none any more.
    pub(super) stale_rules: Vec<usize>,
    /// Whether the policy that came with them goes too.
    pub(super) is_policy_stale: bool,
}

/// The rule that makes kubelet run the init containers again.
pub(super) fn container_restart(
    pod: &PodView<'_>,
    wrapped: &Surveyed<'_, '_>,
) -> Result<ContainerRestart, Refusal> {
    let container = wrapped.container;
    let rules = container.restart_policy_rules();
    let policy = match &container.restart_policy {
        Some(_) => None,
        None => Some(same_policy(pod, wrapped.place)),
    };
    let mut restart = ContainerRestart {
        policy,
        ..ContainerRestart::default()
    };
    if rules.first().is_some_and(is_ours) {
        return Ok(restart);
    }
    let refused = |reason: String| {
        Err(Refusal::RestartRules {
            container: container.name.to_string(),
            reason,
        })
    };
    if rules.len() >= MAX_RULES {
        return refused(format!(
            "there are {MAX_RULES}, the most that Kubernetes allows, and tokenpipe needs one: \
             remove one or set {ANNOTATION_PREFIX}restart to retain or fail"
        ));
    }
    if rules.iter().any(covers_our_code) {
        return refused(format!(
            "a rule with NotIn covers exit code {code}, by which env-exec asks for a new token: \
             add {code} to its values or set {ANNOTATION_PREFIX}restart to retain or fail",
            code = ExitCode::Rerun.code()
        ));
    }
    restart.rule = Some(json!({
        "action": "RestartAllContainers",
        "exitCodes": {"operator": "In", "values": [ExitCode::Rerun.code()]},
    }));
    Ok(restart)
}

/// The policy of a container's own that says what the pod's says of it.
fn same_policy(pod: &PodView<'_>, place: Place) -> &'static str {
    match (pod_policy(pod), place) {
        ("Never", _) => "Never",
        // `Always` would turn an init container into a native sidecar.
        ("OnFailure", _) | (_, Place::Init(_)) => "OnFailure",
        (_, Place::App(_)) => "Always",
    }
}

fn our_code() -> i64 {
    i64::from(ExitCode::Rerun.code())
}

fn is_ours(rule: &RestartRule<'_>) -> bool {
    let is_our_code = |codes: &crate::pod::ExitCodes<'_>| {
        codes.operator.as_str() == "In" && codes.values == [our_code()]
    };
    rule.action.as_str() == "RestartAllContainers"
        && rule.exit_codes.as_ref().is_some_and(is_our_code)
}

fn covers_our_code(rule: &RestartRule<'_>) -> bool {
    rule.exit_codes.as_ref().is_some_and(|codes| {
        codes.operator.as_str() == "NotIn" && !codes.values.contains(&our_code())
    })
}
