//! The passes over a pod that is injected, in their order.

use contract::Permissions;

use super::access::Access;
use super::context::Context;
use super::decision::MutationPlan;
use super::refusal::{Refusal, Refusals};
use super::status::{self, Status};
use super::{arguments, clash, delivery, init, neighbours, position, probes, restart, sources};
use super::{volumes, wrap};
use crate::pod::PodView;

/// The plan; `None` where a pass that others need has found something wrong.
pub(super) fn plan(
    context: &Context<'_>,
    warnings: Vec<String>,
    wrong: &mut Refusals,
) -> Option<MutationPlan> {
    wrong.take(check_platform(context.pod))?;
    wrong.take(neighbours::check_bank_vaults(context.pod, context.surveyed));
    for surveyed in context.wrapped {
        wrong.take(arguments::check(surveyed));
    }
    let access = wrong.take(Access::choose(context))?;
    let delivery::Choice {
        delivery,
        warning: delivery_warning,
    } = delivery::choose(context);
    let volumes = volumes::volumes(context, &access, delivery);
    let copies = clash::check_injected(context, &access, &volumes, wrong);
    let position = wrong.take(position::choose(context, &access));
    let mode = wrong.take(restart::choose(context, &access))?;
    let permissions = wrong.take(sources::permissions(context.annotations))?;
    let wraps = wrap::wrap_all(context, &access, mode.restart, permissions, wrong)?;
    let position = position?;
    let init_containers = wrong.take(init::containers(context, &access, delivery))?;
    let warnings = warnings
        .into_iter()
        .chain(access.clear_text_warning())
        .chain(access.warnings().iter().cloned())
        .chain(mode.warnings)
        .chain(delivery_warning)
        .chain(position.warnings)
        .chain(warn_of_hidden(context, permissions));
    Some(MutationPlan {
        status: Status {
            version: env!("CARGO_PKG_VERSION"),
            vault: access.name.to_owned(),
            method: access.method(),
            containers: context.wrapped_names().map(str::to_owned).collect(),
            restart: mode.restart,
            warnings: status::bounded(warnings),
        },
        wraps,
        copies,
        init_containers,
        init_position: position.index,
        volumes,
    })
}

fn check_platform(pod: &PodView<'_>) -> Result<(), Refusal> {
    match pod.windows_field() {
        Some(field) => Err(Refusal::Windows { field }),
        None => Ok(()),
    }
}

/// Where references in ConfigMaps and Secrets would be used and nothing resolves them.
fn warn_of_hidden(context: &Context<'_>, permissions: Permissions) -> impl Iterator<Item = String> {
    context.wrapped.iter().flat_map(move |surveyed| {
        let hidden = sources::readable_hidden(surveyed, context.annotations, permissions);
        let mut warnings = probes::warnings(surveyed, &hidden);
        warnings.extend(arguments::warnings(surveyed, &hidden, permissions));
        warnings
    })
}
