//! What is done to a pod: a pure function of the pod, the configuration and a few facts.
//!
//! ```text
//! survey ─► clash ─► select ─► access ─► restart ─► position ─► MutationPlan
//! ```
//!
//! What bears our names in the submitted pod is left out of every decision, so that admitting
//! twice decides the same as admitting once.

mod access;
mod arguments;
mod budget;
mod clash;
mod expand;
mod expansion;
mod facts;
mod identity;
mod init;
mod limits;
mod lookalike;
mod neighbours;
mod position;
mod probes;
mod qos_class;
mod refusal;
mod restart;
mod select;
mod settings;
mod sources;
mod status;
mod survey;
mod taken;
mod text;
mod volumes;
mod wrap;

use contract::{Permissions, Restart, names};
use k8s_openapi::api::core::v1::{Container, Volume};
use serde::Serialize;

use crate::annotations::Annotations;
use crate::config::{Config, Delivery, KubernetesVersion};
use crate::pod::{Place, PodView};
use access::{Access, Agent, Source};
use identity::Identity;
use survey::Surveyed;
use wrap::WrapMounts;

pub(crate) use access::is_of_platform;
pub use facts::Facts;
pub(crate) use init::settings_text;
pub use neighbours::{BANK_VAULTS, SECRETS_WEBHOOK};
pub use refusal::{Refusal, Refusals};
pub use status::Status;
pub use wrap::Wrap;

/// What is done to a pod.
#[derive(Debug, PartialEq, Serialize)]
pub enum Decision {
    /// Nothing.
    Untouched {
        /// What its author should know.
        warnings: Vec<String>,
    },
    /// It is injected.
    Inject(Box<MutationPlan>),
}

/// What is added to a pod, and what changes in it.
#[derive(Debug, PartialEq, Serialize)]
pub struct MutationPlan {
    /// Containers to wrap.
    pub wraps: Vec<Wrap>,
    /// Mounts of ours that another injector has copied into its containers, to take away.
    pub copies: Vec<CopiedMounts>,
    /// Our init containers, in order.
    pub init_containers: Vec<Container>,
    /// How many of the pod's other init containers come before ours.
    pub init_position: usize,
    /// Our volumes.
    pub volumes: Vec<Volume>,
    /// What was done, for the status annotation.
    pub status: Status,
}

/// Mounts of ours in a container that is not wrapped.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct CopiedMounts {
    /// The container.
    pub container: String,
    /// Where it stands.
    #[serde(skip)]
    pub place: Place,
    /// The mounts, by index in `volumeMounts`.
    pub mounts: Vec<usize>,
}

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
    let inputs = Inputs {
        pod,
        namespace,
        config,
        facts,
        annotations,
    };
    let plan = inputs.plan(&surveyed, selection, &mut wrong);
    match plan {
        Some(plan) if wrong.is_empty() => Ok(Decision::Inject(Box::new(plan))),
        _ => Err(wrong),
    }
}

struct Inputs<'i, 'a> {
    pod: &'i PodView<'a>,
    namespace: &'i str,
    config: &'i Config,
    facts: Facts,
    annotations: &'i Annotations,
}

impl<'i, 'a> Inputs<'i, 'a> {
    /// The plan; `None` where a step that others need has found something wrong.
    fn plan(
        &self,
        surveyed: &[Surveyed<'i, 'a>],
        selection: select::Selection<'_, 'i, 'a>,
        wrong: &mut Refusals,
    ) -> Option<MutationPlan> {
        if let Some(field) = self.pod.windows_field() {
            wrong.push(Refusal::Windows { field });
            return None;
        }
        wrong.take(neighbours::check_bank_vaults(self.pod, surveyed));
        let wrapped = &selection.containers[..];
        for surveyed in wrapped {
            wrong.take(arguments::check(surveyed));
        }
        let access = wrong.take(Access::choose(
            self.pod,
            self.namespace,
            self.annotations,
            self.config,
            self.facts,
            wrapped,
        ))?;
        let (delivery, delivery_warning) = self.delivery();
        let volumes = self.volumes(wrapped, &access, delivery);
        let copies = self.check_clashes(surveyed, wrapped, &access, &volumes, wrong);
        let position = wrong.take(self.position(wrapped, &access));
        let restart = wrong.take(self.restart(surveyed, &access))?;
        let allow = wrong.take(sources::permissions(self.annotations))?;
        let wraps = self.wraps(wrapped, &access, restart.mode, allow, wrong)?;
        let position = position?;
        let warnings = selection
            .warnings
            .into_iter()
            .chain(access.clear_text_warning())
            .chain(access.warnings().iter().cloned())
            .chain(restart.warnings)
            .chain(delivery_warning)
            .chain(position.warnings)
            .chain(self.hidden_warnings(wrapped, allow));
        Some(MutationPlan {
            init_containers: wrong.take(self.init_containers(wrapped, &access, delivery))?,
            init_position: position.index,
            status: Status {
                version: env!("CARGO_PKG_VERSION"),
                vault: access.name.to_owned(),
                method: access.method(),
                containers: wraps.iter().map(|wrap| wrap.container.clone()).collect(),
                restart: restart.mode,
                warnings: status::bounded(warnings),
            },
            wraps,
            copies,
            volumes,
        })
    }

    /// Where references in ConfigMaps and Secrets would be used and nothing resolves them.
    fn hidden_warnings(
        &self,
        wrapped: &[&Surveyed<'i, 'a>],
        allow: Permissions,
    ) -> impl Iterator<Item = String> {
        wrapped.iter().flat_map(move |surveyed| {
            let hidden = sources::readable_hidden(surveyed, self.annotations, allow);
            let mut warnings = probes::warnings(surveyed, &hidden);
            warnings.extend(arguments::warnings(surveyed, &hidden, allow));
            warnings
        })
    }

    fn position(
        &self,
        wrapped: &[&Surveyed<'i, 'a>],
        access: &Access<'_>,
    ) -> Result<position::Position, Refusal> {
        position::choose(&position::Inputs {
            pod: self.pod,
            wrapped,
            wanted: self.annotations.init_position.as_ref(),
            login: access.agent().map(|_| self.identity()),
        })
    }

    fn identity(&self) -> Identity {
        Identity::choose(self.pod, self.config.defaults.run_as_user)
    }

    fn restart(
        &self,
        surveyed: &[Surveyed<'i, 'a>],
        access: &Access<'_>,
    ) -> Result<restart::Decision, Refusal> {
        let agent = match &access.source {
            Source::Agent(agent) => agent,
            Source::File(file) => {
                return Ok(restart::Decision {
                    mode: file.restart(),
                    warnings: Vec::new(),
                });
            }
        };
        restart::decide(&restart::Inputs {
            pod: self.pod,
            surveyed,
            wanted: self.annotations.restart,
            defaults: &self.config.defaults,
            facts: self.facts,
            single_use: agent.single_use.as_deref(),
        })
    }

    /// The operator's delivery, or `copy` where the cluster does not have what it needs.
    fn delivery(&self) -> (Delivery, Option<String>) {
        let (delivery, facts) = (self.config.delivery, self.facts);
        if delivery != Delivery::ImageVolume {
            return (delivery, None);
        }
        let lacks = |version: &KubernetesVersion| !version.has_image_volumes();
        let more = if facts.kubernetes.as_ref().is_none_or(lacks) {
            String::new()
        } else if let Some(oldest) = facts.nodes.filter(lacks) {
            format!(" on every node, and one has {oldest}")
        } else {
            return (delivery, None);
        };
        let warning =
            format!("delivery image-volume needs Kubernetes 1.36{more}: env-exec is copied");
        (Delivery::Copy, Some(warning))
    }

    fn wraps(
        &self,
        wrapped: &[&Surveyed<'i, 'a>],
        access: &Access<'_>,
        mode: Restart,
        allow: Permissions,
        wrong: &mut Refusals,
    ) -> Option<Vec<Wrap>> {
        let revoke = access.owns_token() && self.revokes(wrapped, mode);
        let mut room = limits::SettingsRoom::of_a_pod();
        let mut texts = expansion::Room::of_a_pod();
        let had_rules =
            mode != Restart::Rerun && restart::earlier_mode(self.pod) == Some(Restart::Rerun);
        let mut wrap = |surveyed: &&Surveyed<'i, 'a>| {
            let restart = match mode {
                Restart::Rerun => restart::container_restart(self.pod, surveyed)?,
                Restart::Retain | Restart::Fail if had_rules => {
                    restart::without_rule(self.pod, surveyed, self.facts)
                }
                Restart::Retain | Restart::Fail => restart::ContainerRestart::default(),
            };
            let sources = sources::sources(surveyed, self.annotations, allow, &mut texts)?;
            let settings = self.exec_settings(surveyed, access, mode, revoke, sources);
            room.take(surveyed.name(), &settings)?;
            let token_file = access.token_file();
            Ok(Wrap::new(surveyed, token_file, settings, restart))
        };
        let wraps: Vec<_> = wrapped
            .iter()
            .map(|surveyed| wrong.take(wrap(surveyed)))
            .collect();
        wraps.into_iter().collect()
    }

    fn volumes(
        &self,
        wrapped: &[&Surveyed<'_, '_>],
        access: &Access<'_>,
        delivery: Delivery,
    ) -> Vec<Volume> {
        let containers: Vec<_> = wrapped.iter().map(|surveyed| surveyed.name()).collect();
        volumes::volumes(&containers, access.agent(), delivery, &self.config.images)
    }

    fn check_clashes(
        &self,
        surveyed: &[Surveyed<'_, '_>],
        wrapped: &[&Surveyed<'_, '_>],
        access: &Access<'_>,
        volumes: &[Volume],
        wrong: &mut Refusals,
    ) -> Vec<CopiedMounts> {
        let volumes: Vec<_> = volumes.iter().map(|volume| volume.name.as_str()).collect();
        let mounts: Vec<_> = wrapped
            .iter()
            .map(|surveyed| WrapMounts {
                container: surveyed.name(),
                token_file: access.token_file(),
            })
            .collect();
        clash::check_injected(self.pod, surveyed, &volumes, &mounts, wrong);
        let copies = surveyed.iter().map(|surveyed| CopiedMounts {
            container: surveyed.name().into(),
            place: surveyed.place,
            mounts: neighbours::copied_mounts(self.pod, surveyed.container, &mounts),
        });
        copies.filter(|copies| !copies.mounts.is_empty()).collect()
    }

    fn init_containers(
        &self,
        wrapped: &[&Surveyed<'_, '_>],
        access: &Access<'_>,
        delivery: Delivery,
    ) -> Result<Vec<Container>, Refusal> {
        let identity = self.identity();
        let (agent_resources, prepare_resources) =
            qos_class::resources(self.pod, wrapped[0].container, &self.config.resources);
        let agent = access
            .agent()
            .map(|agent| self.agent_parts(agent, wrapped, access, identity, delivery))
            .transpose()?;
        Ok(init::containers(&init::Parts {
            agent,
            delivery,
            images: &self.config.images,
            identity,
            agent_resources,
            prepare_resources,
        }))
    }

    fn agent_parts<'p>(
        &self,
        agent: &'p Agent,
        wrapped: &[&'p Surveyed<'_, '_>],
        access: &Access<'_>,
        identity: Identity,
        delivery: Delivery,
    ) -> Result<init::AgentParts<'p>, Refusal> {
        let settings = self.agent_settings(agent, wrapped, access, identity, delivery);
        limits::SettingsRoom::of_a_pod().take(names::AGENT_CONTAINER, &settings)?;
        Ok(init::AgentParts {
            agent,
            program: access.agent_program(),
            wrapped: wrapped.iter().map(|surveyed| surveyed.name()).collect(),
            settings: settings_text(&settings),
        })
    }
}

/// Whether this is one of our init containers. Whatever else bears a name of ours is refused.
pub(crate) fn is_ours(place: Place, name: &str) -> bool {
    matches!(place, Place::Init(_))
        && matches!(name, names::PREPARE_CONTAINER | names::AGENT_CONTAINER)
}
