//! What was done to a pod, told in an annotation: nobody sees the warnings of an admission that a
//! controller asked for.

use contract::Restart;
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
