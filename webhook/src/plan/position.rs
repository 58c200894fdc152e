//! Where the injected init containers stand.

use std::collections::BTreeSet;

use contract::names::ANNOTATION_PREFIX;

use super::is_ours;
use super::refusal::Refusal;
use super::survey::Surveyed;
use crate::annotations::InitPosition;
use crate::pod::{Place, PodView};

/// How many of the pod's other init containers come before ours.
pub(super) fn position(
    pod: &PodView<'_>,
    wrapped: &[&Surveyed<'_, '_>],
    wanted: &InitPosition,
) -> Result<usize, Refusal> {
    let others: Vec<_> = pod
        .spec
        .init_containers
        .iter()
        .enumerate()
        .filter(|(index, container)| !is_ours(Place::Init(*index), &container.name))
        .map(|(_, container)| container.name.as_str())
        .collect();
    let inits = wrapped.iter().filter(|surveyed| is_init(surveyed));
    let inits: BTreeSet<_> = inits.map(|surveyed| surveyed.name()).collect();
    let first_wrapped = others.iter().position(|name| inits.contains(name));
    let latest = first_wrapped.unwrap_or(others.len());
    let position = match wanted {
        // Where they stand is right as long as it is early enough: what another webhook put
        // behind them (a mesh's init container, say) was meant to be there.
        InitPosition::Auto => current(pod).filter(|at| *at <= latest).unwrap_or(latest),
        InitPosition::First => 0,
        InitPosition::Last => others.len(),
        InitPosition::After(name) => others
            .iter()
            .position(|other| other == name)
            .map(|at| at + 1)
            .ok_or_else(|| Refusal::Combination {
                key: "init-position",
                reason: format!(
                    "names init container {name}, which the pod does not have: it has {}",
                    if others.is_empty() {
                        "none".into()
                    } else {
                        others.join(", ")
                    }
                ),
            })?,
    };
    if position > latest {
        return Err(Refusal::Combination {
            key: "init-position",
            reason: format!(
                "puts the login behind init container {}, which needs its token: set \
                 {ANNOTATION_PREFIX}init-position to auto or first, or list {} in \
                 {ANNOTATION_PREFIX}skip-containers",
                others[latest], others[latest]
            ),
        });
    }
    Ok(position)
}

fn is_init(surveyed: &Surveyed<'_, '_>) -> bool {
    matches!(surveyed.place, Place::Init(_))
}

/// Where an earlier admission put them.
fn current(pod: &PodView<'_>) -> Option<usize> {
    pod.spec
        .init_containers
        .iter()
        .enumerate()
        .position(|(index, container)| is_ours(Place::Init(index), &container.name))
}
