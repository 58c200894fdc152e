//! What values are rendered with.

use std::time::Duration;

use templates::Clock;

/// What values are rendered with.
#[derive(Clone, Copy)]
pub(crate) struct Options {
    /// A missing path or key leaves its variable out.
    pub(crate) ignore_missing: bool,
    /// The shortest life of a leased secret.
    pub(crate) min_lease: Option<Duration>,
    /// The time for templates.
    pub(crate) clock: Clock,
}
