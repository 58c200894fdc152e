//! What the agent's container is made of, whoever wrote the agent's configuration.

use agent_config::ProjectedToken;
use contract::AgentFile;
use contract::paths;
use k8s_openapi::api::core::v1::{Volume, VolumeMount};

use super::files::AuthFiles;

/// An agent that logs in.
#[derive(Debug)]
pub(in crate::plan) struct Agent {
    /// The Auto-Auth method, or the annotation that stands in for one.
    pub(in crate::plan) method: &'static str,
    /// The configuration that env-exec writes; none where the author brings a file.
    pub(in crate::plan) config: Option<AgentFile>,
    /// Arguments behind `vault agent`.
    pub(in crate::plan) arguments: Vec<String>,
    /// Mount path of the auth method whose login has the token wrapped, where that is known.
    pub(in crate::plan) wrapped_by: Option<String>,
    /// Where the agent writes the token, if that is the author's to say.
    pub(in crate::plan) sink: Option<String>,
    /// The method's files.
    pub(in crate::plan) files: Option<AuthFiles>,
    /// Whether the agent removes files from the author's volume.
    pub(in crate::plan) removes_files: bool,
    /// The `ServiceAccount` token to project, and where.
    pub(in crate::plan) token: Option<(ProjectedToken, TokenMount)>,
    /// Environment variables.
    pub(in crate::plan) variables: Vec<(String, String)>,
    /// Volumes that only this kind of agent needs.
    pub(in crate::plan) volumes: Vec<Volume>,
    /// Mounts of those, and of the pod's volumes that a platform's identity needs.
    pub(in crate::plan) mounts: Vec<VolumeMount>,
    /// Why a second login would fail, if it would.
    pub(in crate::plan) single_use: Option<String>,
    /// Whether the token is this pod's own.
    pub(in crate::plan) owns_token: bool,
    /// What the author should know.
    pub(in crate::plan) warnings: Vec<String>,
}

/// Where the agent sees the pod's `ServiceAccount` token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) enum TokenMount {
    /// Where the generated configuration reads it.
    OfOurs,
    /// Where every agent looks for it that is not told otherwise.
    Conventional,
}

impl TokenMount {
    /// The directory.
    pub(in crate::plan) fn path(self) -> &'static str {
        match self {
            Self::OfOurs => paths::AUTH_TOKEN,
            Self::Conventional => paths::API_TOKEN,
        }
    }
}
