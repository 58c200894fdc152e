//! What was done to a pod, told in an annotation: nobody sees the warnings of an admission that a
//! controller asked for.

use contract::Restart;
use contract::limits::MESSAGE_BYTES;
use contract::message::{shorten, thousands};
use serde::Serialize;

use crate::review::MAX_WARNINGS;

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

/// As many warnings as an answer has, and as many bytes of them as a message.
pub(super) fn bounded(warnings: impl Iterator<Item = String>) -> Vec<String> {
    let (mut kept, mut bytes, mut more) = (Vec::new(), 0, 0);
    for warning in warnings.map(shorten) {
        bytes += warning.len();
        if kept.len() < MAX_WARNINGS && (kept.is_empty() || bytes <= MESSAGE_BYTES) {
            kept.push(warning);
        } else {
            more += 1;
        }
    }
    if more > 0 {
        if kept.len() == MAX_WARNINGS {
            kept.pop();
            more += 1;
        }
        kept.push(format!("and {} more warnings", thousands(more)));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{MAX_WARNINGS, MESSAGE_BYTES, bounded};

    #[test]
    fn warnings_beyond_a_message_are_counted() {
        let warnings = bounded((0..5000).map(|n| format!("warning {n}")));
        assert_eq!(warnings.len(), MAX_WARNINGS);
        assert_eq!(warnings[MAX_WARNINGS - 1], "and 4,985 more warnings");
        let all = bounded((0..MAX_WARNINGS).map(|n| format!("warning {n}")));
        assert_eq!(all.last().map(String::as_str), Some("warning 15"));
        let warnings = bounded((0..5000).map(|_| "ü".repeat(5000)));
        assert_eq!(warnings[1..], ["and 4,999 more warnings"]);
        assert!(warnings[0].len() <= MESSAGE_BYTES);
        assert_eq!(bounded(["one".to_owned()].into_iter()), ["one"]);
    }
}
