//! The pod's quality-of-service class, which injection must not change.
//!
//! Rules of `k8s.io/kubernetes/pkg/apis/core/v1/helper/qos`: only cpu and memory count, of all
//! containers and init containers.

mod amount;

use std::collections::BTreeMap;

use super::ours::is_ours;
use crate::config::{ContainerResources, InjectedResources, ResourceList};
use crate::pod::{Container, PodView, Quantity, Text};
use amount::Amount;

const COUNTED: [&str; 2] = ["cpu", "memory"];

/// The class, as far as it decides about our containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QosClass {
    /// Every container has limits for cpu and memory, and requests equal to them.
    Guaranteed,
    /// Something in between.
    Burstable,
    /// No container has any.
    BestEffort,
    /// `spec.resources` decides, whatever containers have.
    OfPod,
}

/// `requests` and `limits` of one of our containers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Resources {
    pub(super) requests: ResourceList,
    pub(super) limits: ResourceList,
}

impl QosClass {
    pub(super) fn of(pod: &PodView<'_>) -> Self {
        if pod.spec.resources.is_some() {
            return Self::OfPod;
        }
        let mut containers = pod
            .containers()
            .filter(|(place, container)| !is_ours(*place, &container.name))
            .map(|(_, container)| container)
            .peekable();
        if containers.peek().is_none() {
            return Self::BestEffort;
        }
        let (mut all_guaranteed, mut none_any) = (true, true);
        for container in containers {
            all_guaranteed &= is_guaranteed(container);
            none_any &= !has_any(container);
        }
        match (all_guaranteed, none_any) {
            (true, _) => Self::Guaranteed,
            (false, true) => Self::BestEffort,
            (false, false) => Self::Burstable,
        }
    }
}

fn has_any(container: &Container<'_>) -> bool {
    let Some(resources) = &container.resources else {
        return false;
    };
    let lists = [&resources.requests, &resources.limits];
    lists.into_iter().any(|list| {
        let mut amounts = COUNTED.iter().filter_map(|name| amount(list, name));
        amounts.any(|amount| !amount.is_zero())
    })
}

/// A missing request counts as equal: the API server sets it from the limit.
fn is_guaranteed(container: &Container<'_>) -> bool {
    let Some(resources) = &container.resources else {
        return false;
    };
    COUNTED.iter().all(|name| {
        let limit = amount(&resources.limits, name).filter(|limit| !limit.is_zero());
        let is_missing = quantity(&resources.requests, name).is_none();
        limit.is_some() && (is_missing || amount(&resources.requests, name) == limit)
    })
}

fn amount(list: &BTreeMap<Text<'_>, Quantity<'_>>, name: &str) -> Option<Amount> {
    Amount::parse(&quantity(list, name)?)
}

fn quantity(list: &BTreeMap<Text<'_>, Quantity<'_>>, name: &str) -> Option<String> {
    Some(match list.get(name)? {
        Quantity::Text(text) => text.to_string(),
        Quantity::Number(number) => number.to_string(),
    })
}

/// Resources of the agent and of the prepare container that leave the class as it is.
pub(super) fn resources(
    pod: &PodView<'_>,
    first_wrapped: &Container<'_>,
    configured: &InjectedResources,
) -> (Resources, Resources) {
    let of = |container: &ContainerResources| Resources {
        requests: container.requests.clone(),
        limits: container.limits.clone(),
    };
    let (agent, prepare) = (of(&configured.agent), of(&configured.prepare));
    match QosClass::of(pod) {
        QosClass::Burstable => (
            burstable(agent, pod, first_wrapped),
            burstable(prepare, pod, first_wrapped),
        ),
        QosClass::BestEffort | QosClass::OfPod => (Resources::default(), Resources::default()),
        QosClass::Guaranteed => (
            guaranteed(agent, first_wrapped),
            guaranteed(prepare, first_wrapped),
        ),
    }
}

/// A quota on `limits.cpu` refuses a pod of which one container has none: where all of the pod's
/// have one, ours get what a wrapped container has, which never raises what the pod asks for.
fn burstable(mut configured: Resources, pod: &PodView<'_>, wrapped: &Container<'_>) -> Resources {
    let limit = |container: &Container<'_>| {
        let resources = container.resources.as_ref()?;
        quantity(&resources.limits, "cpu")
    };
    let all_have_one = pod
        .containers()
        .filter(|(place, container)| !is_ours(*place, &container.name))
        .all(|(_, container)| limit(container).is_some());
    let Some(cpu) = limit(wrapped).filter(|_| all_have_one) else {
        return configured;
    };
    if configured.limits.contains_key("cpu") {
        return configured;
    }
    configured.limits.insert("cpu".into(), cpu.clone());
    let request = wrapped
        .resources
        .as_ref()
        .and_then(|resources| quantity(&resources.requests, "cpu"));
    configured
        .requests
        .insert("cpu".into(), request.unwrap_or(cpu));
    configured
}

/// Requests equal to limits. The cpu is a wrapped container's own, so that the pod's sum, which is
/// what the scheduler compares an init container with, is never less.
fn guaranteed(configured: Resources, wrapped: &Container<'_>) -> Resources {
    let mut limits = configured.limits;
    let cpu = wrapped
        .resources
        .as_ref()
        .and_then(|resources| quantity(&resources.limits, "cpu"));
    limits
        .entry("cpu".into())
        .or_insert_with(|| cpu.unwrap_or_else(|| "100m".into()));
    limits
        .entry("memory".into())
        .or_insert_with(|| "256Mi".into());
    Resources {
        requests: limits.clone(),
        limits,
    }
}
