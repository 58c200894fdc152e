//! Names that appear in API objects. Whatever starts with [`PREFIX`] in a pod is ours.

/// Prefix of every annotation that we read or write (`metadata.annotations`).
pub const ANNOTATION_PREFIX: &str = "tokenpipe.dev/";

/// Prefix of every container and volume name that we add to a pod.
pub const PREFIX: &str = "tokenpipe-";

/// The only environment variable that env-exec reads inside a pod: a [`crate::Settings`] as JSON.
/// One variable, set explicitly, cannot be overridden through `envFrom`, and none of those that
/// kubelet makes for a Service called `tokenpipe` has this name.
pub const SETTINGS_VARIABLE: &str = "TOKENPIPE_SETTINGS";

/// Init container that copies env-exec into the bin volume.
pub const PREPARE_CONTAINER: &str = "tokenpipe-prepare";

/// Init container that runs the Vault Agent under `env-exec agent`.
pub const AGENT_CONTAINER: &str = "tokenpipe-agent";

/// Volume that holds env-exec: `emptyDir` (delivery `copy` and `agent-image`) or `image`.
pub const BIN_VOLUME: &str = "tokenpipe-bin";

/// tmpfs that only the agent container mounts: its configuration, its CA file, its own token sink.
pub const AGENT_VOLUME: &str = "tokenpipe-agent";

/// Secret (or copy of a pod volume's mount) with the auth method's files; agent container only.
pub const AUTH_VOLUME: &str = "tokenpipe-auth";

/// Secret with the TLS client certificate that Vault wants to see; agent container only.
pub const CLIENT_VOLUME: &str = "tokenpipe-client";

/// Projected `ServiceAccount` token for the methods `kubernetes` and `jwt`; agent container only.
pub const AUTH_TOKEN_VOLUME: &str = "tokenpipe-auth-token";

/// `ConfigMap` with the author's own agent file; agent container only.
pub const AGENT_FILES_VOLUME: &str = "tokenpipe-agent-files";

/// tmpfs for the sink of the author's own agent file; agent container only.
pub const SINK_VOLUME: &str = "tokenpipe-sink";

/// Empty volume over the place where the `ServiceAccount` admission plugin, which runs again
/// after us, would otherwise mount the API token in our init containers.
pub const NO_API_TOKEN_VOLUME: &str = "tokenpipe-no-api-token";

/// Prefix of the tmpfs volume through which one wrapped container gets its copy of the token.
pub const TOKEN_VOLUME_PREFIX: &str = "tokenpipe-token-";

/// Variables into which a controller writes the pod's own template as JSON, references and all. They
/// are text, whatever else the author asks for.
pub const CONTROLLER_VARIABLES: [&str; 1] = ["ARGO_TEMPLATE"];

/// Whether a variable can have this name: what Kubernetes has always taken from `envFrom`,
/// `[-._a-zA-Z][-._a-zA-Z0-9]*`.
pub fn is_variable_name(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    name.chars().all(is_part) && name.starts_with(|c: char| !c.is_ascii_digit())
}

/// Whether the kernel and a C library take it as a variable's name: programs read `my.key` and `1x`,
/// which shells leave alone. Control characters would break what lists variables.
pub fn is_any_variable_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == '=' || c.is_control())
}

/// Whether something of this name, a key of the agent's configuration or a variable, holds a
/// credential, and not the name or path of one: `secret_key`, `AWS_SESSION_TOKEN`, `password`.
pub fn is_credential(name: &str) -> bool {
    const ENDS: [&str; 7] = [
        "secret",
        "secret_key",
        "secret_access_key",
        "token",
        "password",
        "credentials",
        "private_key",
    ];
    let name = name.to_ascii_lowercase();
    ENDS.iter().any(|end| name.ends_with(end))
}
