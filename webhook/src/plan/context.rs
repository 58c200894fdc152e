//! What every pass over an injected pod sees.

use contract::Restart;

use super::facts::Facts;
use super::identity::Identity;
use super::surveyed::Surveyed;
use crate::annotations::Annotations;
use crate::config::Config;
use crate::pod::PodView;

/// The pod, and what is known of it before the first pass. What a pass finds is an argument of those
/// after it.
#[derive(Clone, Copy)]
pub(super) struct Context<'i> {
    /// As it was submitted.
    pub(super) pod: &'i PodView<'i>,
    /// Its Kubernetes namespace.
    pub(super) namespace: &'i str,
    /// The configuration file.
    pub(super) config: &'i Config,
    /// The cluster.
    pub(super) facts: Facts,
    /// The author's, parsed.
    pub(super) annotations: &'i Annotations,
    /// All containers but tokenpipe's.
    pub(super) surveyed: &'i [Surveyed<'i, 'i>],
    /// Those of them that are wrapped.
    pub(super) wrapped: &'i [&'i Surveyed<'i, 'i>],
}

impl<'i> Context<'i> {
    /// Names of the wrapped containers.
    pub(super) fn wrapped_names(&self) -> impl Iterator<Item = &'i str> + use<'i> {
        self.wrapped.iter().map(|surveyed| surveyed.name())
    }

    /// The mode that the author asks for, else the operator.
    pub(super) fn asked_restart(&self) -> Option<Restart> {
        self.annotations.restart.or(self.config.defaults.restart)
    }

    /// As whom the added init containers run.
    pub(super) fn identity(&self) -> Identity {
        Identity::choose(self.pod, self.config.defaults.run_as_user)
    }
}
