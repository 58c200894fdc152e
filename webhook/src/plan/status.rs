//! What was done to a pod, told in an annotation: nobody sees the warnings of an admission that a
//! controller asked for.

use contract::Restart;
use contract::limits::{MESSAGE_BYTES, MESSAGE_PROBLEMS};
use contract::message::{shorten, thousands};
use serde::Serialize;

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

/// As many warnings, and as many bytes of them, as a message has.
pub(super) fn bounded(warnings: impl Iterator<Item = String>) -> Vec<String> {
    let (mut kept, mut bytes, mut more) = (Vec::new(), 0, 0);
    for warning in warnings.map(shorten) {
        bytes += warning.len();
        if kept.len() < MESSAGE_PROBLEMS && (kept.is_empty() || bytes <= MESSAGE_BYTES) {
            kept.push(warning);
        } else {
            more += 1;
        }
    }
    if more > 0 {
        kept.push(format!("and {} more warnings", thousands(more)));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{MESSAGE_BYTES, MESSAGE_PROBLEMS, bounded};

    #[test]
    fn warnings_beyond_a_message_are_counted() {
        let warnings = bounded((0..5000).map(|n| format!("warning {n}")));
        assert_eq!(warnings.len(), MESSAGE_PROBLEMS + 1);
        assert_eq!(warnings[MESSAGE_PROBLEMS], "and 4,980 more warnings");
        let warnings = bounded((0..5000).map(|_| "ü".repeat(5000)));
        assert_eq!(warnings[1..], ["and 4,999 more warnings"]);
        assert!(warnings[0].len() <= MESSAGE_BYTES);
        assert_eq!(bounded(["one".to_owned()].into_iter()), ["one"]);
    }
}
