//! What is done to a pod: a pure function of the pod, the configuration and a few facts.
//!
//! ```text
//! survey ─► clash ─► select ─► inject ─► MutationPlan
//!                               └ access ─► delivery ─► volumes ─► clash ─► position ─► restart ─► wrap ─► init
//! ```
//!
//! What bears our names in the submitted pod is left out of every decision, so that admitting
//! twice decides the same as admitting once.

mod access;
mod arguments;
mod budget;
mod clash;
mod context;
mod decision;
mod delivery;
mod expand;
mod expansion;
mod facts;
mod identity;
mod init;
mod inject;
mod left_alone;
mod limits;
mod lookalike;
mod mounts;
mod neighbours;
mod ours;
mod position;
mod probes;
mod qos_class;
mod refusal;
mod restart;
mod select;
mod settings;
mod settings_text;
mod sources;
mod status;
mod survey;
mod surveyed;
mod taken;
mod text;
mod volumes;
mod wrap;

use crate::annotations::Annotations;
use crate::config::Config;
use crate::pod::PodView;
use context::Context;

pub(crate) use access::is_of_platform;
pub use decision::{CopiedMounts, Decision, MutationPlan};
pub use facts::Facts;
pub use mounts::AddedMount;
pub use neighbours::{BANK_VAULTS, SECRETS_WEBHOOK};
pub(crate) use ours::is_ours;
pub use refusal::{Refusal, Refusals};
pub use restart::rule::RestartChange;
pub(crate) use restart::rule::{is_rerun_rule, rerun_rule};
pub(crate) use settings_text::settings_text;
pub use status::Status;
pub use wrap::Wrap;

/// Decides what is done to a pod of `namespace`, or tells all that is wrong with it.
pub fn decide(
    pod: &PodView<'_>,
    namespace: &str,
    config: &Config,
    facts: Facts,
) -> Result<Decision, Refusals> {
    if Annotations::opts_out(pod.annotations()) {
        let warning = clash::warn_of_names_left_alone(pod);
        return Ok(Decision::Untouched {
            warnings: warning.into_iter().collect(),
        });
    }
    let mut wrong = Refusals::default();
    let annotations = Annotations::parse(pod.annotations()).map_err(Refusal::Annotations);
    let annotations = wrong.take(annotations);
    let mut budget = budget::Budget::of_a_decision();
    let none = Annotations::default();
    let rules = text::TextRules::new(annotations.as_ref().unwrap_or(&none));
    let surveyed = survey::survey(pod, &rules, &mut budget, &mut wrong);
    let checked = surveyed.and_then(|surveyed| limits::check_containers(pod, surveyed));
    let Some(surveyed) = wrong.take(checked) else {
        return Err(wrong);
    };
    // Of a pod that another webhook has wrapped nothing else is told right.
    if let Err(refusal) = neighbours::check_wrapped_around_us(&surveyed) {
        return Err(refusal.into());
    }
    clash::check_names(pod, &surveyed, &mut wrong);
    // What is to be done is not known where an annotation cannot be read.
    let Some(annotations) = &annotations else {
        return Err(wrong);
    };
    wrong.take(settings::check_from_path_keys(annotations));
    let mut selection = select::select(pod, &surveyed, annotations, &mut wrong);
    let lookalikes = lookalike::find(pod, &surveyed, annotations);
    lookalike::check(&lookalikes, annotations, &mut wrong);
    selection.warnings.extend(lookalike::warnings(lookalikes));
    if selection.containers.is_empty() {
        if wrong.is_empty() {
            wrong.take(select::check_nothing_selected(pod, &surveyed, annotations));
            clash::check_leftovers(pod, &surveyed, &mut wrong);
        }
        if selection.warnings.is_empty() {
            selection.warnings = lookalike::warn_of_nothing(pod, &surveyed, annotations);
        }
        return wrong.or(Decision::Untouched {
            warnings: status::bounded(selection.warnings.into_iter()),
        });
    }
    let context = Context {
        pod,
        namespace,
        config,
        facts,
        annotations,
        surveyed: &surveyed,
        wrapped: &selection.containers,
    };
    let plan = inject::plan(&context, selection.warnings, &mut wrong);
    match plan {
        Some(plan) if wrong.is_empty() => Ok(Decision::Inject(Box::new(plan))),
        _ => Err(wrong),
    }
}
