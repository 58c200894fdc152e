//! What was done to a pod, told in an annotation: nobody sees the warnings of an admission that a
//! controller asked for.

use contract::Restart;
use serde::Serialize;

/// All annotations of a pod together may have 256 KiB.
const MAX_WARNINGS: usize = 64;
const MAX_WARNING_CHARS: usize = 512;

/// The value of the annotation `tokenpipe.dev/status`, as JSON.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Version of the webhook.
    pub version: &'static str,
    /// Name of the Vault connection.
    pub vault: String,
    /// Auto-Auth method.
    pub method: &'static str,
    /// Wrapped containers.
    pub containers: Vec<String>,
    /// What they do when they restart.
    pub restart: Restart,
    /// What the author should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// As many warnings, and as long ones, as an annotation should hold.
pub(super) fn bounded(warnings: impl Iterator<Item = String>) -> Vec<String> {
    let mut warnings: Vec<_> = warnings.collect();
    let more = warnings.len().saturating_sub(MAX_WARNINGS);
    warnings.truncate(MAX_WARNINGS);
    for warning in &mut warnings {
        if let Some((end, _)) = warning.char_indices().nth(MAX_WARNING_CHARS) {
            warning.truncate(end);
            warning.push('…');
        }
    }
    if more > 0 {
        warnings.push(format!("and {more} more warnings"));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::{MAX_WARNING_CHARS, MAX_WARNINGS, bounded};

    #[test]
    fn an_annotation_stays_small() {
        let warnings = bounded((0..5000).map(|_| "ü".repeat(5000)));
        assert_eq!(warnings.len(), MAX_WARNINGS + 1);
        assert_eq!(warnings[0].chars().count(), MAX_WARNING_CHARS + 1);
        assert_eq!(warnings[MAX_WARNINGS], "and 4936 more warnings");
        assert_eq!(bounded(["one".to_owned()].into_iter()), ["one"]);
    }
}
