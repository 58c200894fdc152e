//! Warnings about what looks like a reference, or escapes one, and stays as it is.

use contract::names::ANNOTATION_PREFIX;

use super::surveyed::Surveyed;
use crate::excerpt::excerpt;

/// Warns of references and escapes of a container that stay as they are.
pub(super) fn warn_of_texts(surveyed: &Surveyed<'_, '_>, is_wrapped: bool) -> Vec<String> {
    let container = surveyed.name();
    let json = surveyed.json.iter().map(|name| {
        let name = excerpt(name);
        format!(
            "container {container}, variable {name}: a value that is JSON is left as text; to resolve \
             its references, set {ANNOTATION_PREFIX}inject to \"true\""
        )
    });
    let escapes = surveyed
        .variables
        .iter()
        .filter(|variable| !is_wrapped && !variable.has_reference());
    let escapes = escapes.map(|variable| {
        let name = excerpt(variable.name);
        format!(
            "container {container}, variable {name}: the backslash stays, because the container is \
             not wrapped; remove it and list {name} in {ANNOTATION_PREFIX}skip-variables"
        )
    });
    json.chain(escapes).collect()
}
