//! Where our volumes are mounted, and what lies in them. All of it is below [`ROOT`].

/// Everything of ours in a container's file system is below this directory.
pub const ROOT: &str = "/tokenpipe";

/// Mount of the bin volume.
pub const BIN: &str = "/tokenpipe/bin";

/// env-exec, in every container that mounts the bin volume.
pub const ENV_EXEC: &str = "/tokenpipe/bin/env-exec";

/// env-exec in an image made for it, from scratch, for `env-exec prepare` to copy: every user may read
/// it. `/env-exec` of that image, which an `image` volume has at [`ENV_EXEC`], can only be executed
/// (mode 0111), so that the kernel makes its processes undumpable.
pub const IMAGE_ENV_EXEC: &str = "/copy/env-exec";

/// env-exec in an agent image that carries it.
pub const AGENT_IMAGE_ENV_EXEC: &str = "/usr/local/bin/env-exec";

/// Mount of the agent's private tmpfs, in the agent container only.
pub const AGENT: &str = "/tokenpipe/agent";

/// The agent's configuration file, written by `env-exec agent`. `vault agent -config=` names it.
pub const AGENT_CONFIG: &str = "/tokenpipe/agent/agent.json";

/// The PEM bundle of [`crate::Connection::ca`], written by `env-exec agent`.
pub const AGENT_CA: &str = "/tokenpipe/agent/ca.pem";

/// The agent's file sink. The directory is its own, so that a failed rename's temporary files
/// (`token.tmp.*`, each with a live token) can be removed without touching anything else.
pub const AGENT_SINK: &str = "/tokenpipe/agent/sink/token";

/// Mount of the `ConfigMap` with the author's own agent file, in the agent container only.
pub const AGENT_FILES: &str = "/tokenpipe/agent-files";

/// Below it, in the agent container only, the token volume of each wrapped container is mounted
/// under the container's name.
pub const TOKENS: &str = "/tokenpipe/tokens";

/// Mount of its own token volume in a wrapped container, or of the author's volume that holds a token
/// which somebody else writes.
pub const TOKEN: &str = "/tokenpipe/token";

/// Directory of ours in a token volume. The volume's root is a sticky tmpfs, in which a program
/// whose UID is not the agent's could not unlink the token; this directory is not sticky.
pub const HANDOVER: &str = "handover";

/// The token, in [`HANDOVER`].
pub const TOKEN_FILE: &str = "token";

/// The certificate with its chain, PEM, in [`CLIENT`] and, where there is one, in [`HANDOVER`].
pub const CLIENT_CERTIFICATE_FILE: &str = "tls.crt";

/// Its key, in both places.
pub const CLIENT_KEY_FILE: &str = "tls.key";

/// How often and why the init containers were asked to run again, in [`HANDOVER`].
pub const RERUN_FILE: &str = "rerun.json";

/// Mount of the Secret with the TLS client certificate that Vault wants to see
/// ([`crate::Connection::client_cert_secret`]), in the agent container only.
pub const CLIENT: &str = "/tokenpipe/client";

/// Mount of the auth method's files (`auth-secret`, `auth-volume`), in the agent container only.
pub const AUTH: &str = "/tokenpipe/auth";

/// Mount of the projected `ServiceAccount` token, in the agent container only.
pub const AUTH_TOKEN: &str = "/tokenpipe/auth-token";

/// The projected token's file below [`AUTH_TOKEN`].
pub const AUTH_TOKEN_FILE: &str = "token";

/// Where the API server's `ServiceAccount` plugin mounts the API token.
pub const API_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Kubernetes' default for `terminationMessagePath`.
pub const TERMINATION_MESSAGE: &str = "/dev/termination-log";
