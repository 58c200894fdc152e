//! What a wrapped container does when it starts again without its token.

pub(crate) mod rule;
mod stale;

use contract::Restart;
use contract::names::ANNOTATION_PREFIX;

use super::access::{Access, Source};
use super::context::Context;
use super::refusal::Refusal;
use super::surveyed::Surveyed;
use crate::pod::{Place, PodView};
use rule::{RestartChange, check_rules, is_rerun_rule, pod_policy, same_policy};

/// The mode of a pod, and what its author should know about it.
pub(super) struct Mode {
    pub(super) restart: Restart,
    pub(super) warnings: Vec<String>,
}

/// Chooses the mode: the annotation's, else the operator's, else `rerun` where it is safe.
pub(super) fn choose(context: &Context<'_>, access: &Access<'_>) -> Result<Mode, Refusal> {
    let agent = match &access.source {
        Source::Agent(agent) => agent,
        Source::File(file) => return Ok(Mode::without_news(file.restart())),
    };
    let restart = context
        .asked_restart()
        .unwrap_or_else(|| default_mode(context));
    if restart != Restart::Rerun {
        return Ok(Mode {
            restart,
            warnings: retain_warning(restart, context).into_iter().collect(),
        });
    }
    if context.facts.keeps_rerun_rules() == Some(false) {
        return Err(Refusal::Combination {
            key: "restart",
            reason: "is \"rerun\", which needs Kubernetes 1.36 or newer with \
                     RestartAllContainersOnContainerExits; set it to retain or fail"
                .into(),
        });
    }
    if let Some(reason) = &agent.single_use {
        let warning = format!(
            "{ANNOTATION_PREFIX}restart is \"fail\", not \"rerun\": a second login would fail, \
             because {reason}"
        );
        return Ok(Mode {
            restart: Restart::Fail,
            warnings: vec![warning],
        });
    }
    Ok(Mode {
        restart,
        warnings: rerun_warning(context)
            .into_iter()
            .chain(nodes_warning(context))
            .collect(),
    })
}

impl Mode {
    fn without_news(restart: Restart) -> Self {
        Self {
            restart,
            warnings: Vec::new(),
        }
    }
}

/// What changes in one wrapped container of a pod of this mode.
pub(super) fn change(
    context: &Context<'_>,
    wrapped: &Surveyed<'_, '_>,
    mode: Restart,
) -> Result<RestartChange, Refusal> {
    match mode {
        Restart::Rerun => {
            check_rules(wrapped)?;
            Ok(RestartChange::Rerun {
                policy: same_policy(context.pod, wrapped.place),
            })
        }
        Restart::Retain | Restart::Fail => Ok(stale::change(context, wrapped)),
    }
}

fn default_mode(context: &Context<'_>) -> Restart {
    let pod = context.pod;
    let restarts = |surveyed: &Surveyed<'_, '_>| {
        let mut rules = surveyed.container.restart_policy_rules().iter();
        effective(surveyed.container.restart_policy.as_deref(), pod) != "Never"
            || rules.any(|rule| !is_rerun_rule(rule))
    };
    if !context.surveyed.iter().any(restarts) {
        // Nothing is started twice, so nothing needs the token a second time.
        return Restart::Fail;
    }
    if context.facts.can_rerun_everywhere() && pod_policy(pod) != "Never" && !pod.is_of_job() {
        Restart::Rerun
    } else {
        context.config.defaults.restart_fallback.into()
    }
}

fn retain_warning(mode: Restart, context: &Context<'_>) -> Option<String> {
    // Where the cluster or its operator decides, every pod is told the same, which is no news.
    let is_of_this_pod = context.asked_restart().is_none() && context.facts.can_rerun_everywhere();
    (mode == Restart::Retain && is_of_this_pod).then(|| {
        format!(
            "the token stays readable in the wrapped containers until it expires, so that they \
             can restart ({ANNOTATION_PREFIX}restart: retain)"
        )
    })
}

/// Names who else is killed and what runs again.
fn rerun_warning(context: &Context<'_>) -> Option<String> {
    let names = |is_init: bool| {
        let of_kind =
            |container: &&Surveyed<'_, '_>| matches!(container.place, Place::Init(_)) == is_init;
        context
            .surveyed
            .iter()
            .filter(of_kind)
            .map(Surveyed::name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let others = context.pod.spec.containers.len() > 1;
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
fn nodes_warning(context: &Context<'_>) -> Option<String> {
    (context.facts.rules_run == Some(false)).then(|| {
        format!(
            "the pod runs only on nodes with RestartAllContainersOnContainerExits, and not all \
             are known to have it ({ANNOTATION_PREFIX}restart: rerun)"
        )
    })
}

fn effective<'p>(own: Option<&'p str>, pod: &'p PodView<'_>) -> &'p str {
    own.unwrap_or_else(|| pod_policy(pod))
}
