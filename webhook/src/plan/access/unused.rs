//! Annotations about a login that does not take place.

use contract::names::ANNOTATION_PREFIX as P;

use crate::annotations::{Annotations, Login};
use crate::plan::refusal::Refusal;

/// Refuses annotations that say something about a login which does not take place, or which another
/// annotation says all about.
pub(super) fn refuse_unused(
    annotations: &Annotations,
    logins: &[Login],
    beside: &'static str,
    why: &str,
) -> Result<(), Refusal> {
    match annotations.of_login(logins) {
        None => Ok(()),
        Some(key) => Err(Refusal::Combination {
            key,
            reason: format!("has no use beside {P}{beside}, because {why}; remove it"),
        }),
    }
}
