//! The annotations of vault-k8s that are about a login.

use super::{Carry, Mapping, Mount, mapping, method, noted};

const THEIR_CONNECTION: &str = "vault-k8s's agent needs it; for tokenpipe ask for a connection, \
    and name it in tokenpipe.dev/vault";
const THEIR_FILES: &str = "vault-k8s's agent needs it; name the method's files for tokenpipe in \
    tokenpipe.dev/auth-secret or tokenpipe.dev/auth-volume";
const THEIR_USER: &str = "vault-k8s's agent needs it; tokenpipe's runs as the pod's common user or \
    `defaults.runAsUser`, so check the modes of its files";
const THEIR_RETRIES: &str = "vault-k8s's agent needs it; tokenpipe's tries again until the \
    operator's deadline (`defaults.loginDeadlineSeconds`)";

/// The login of vault-k8s. What else it does stays its own: both work side by side.
pub const OF_VAULT_K8S: &[Mapping] = &[
    mapping(
        "agent-inject",
        Carry::Stays(
            "with \"true\" vault-k8s adds its agent too; if nothing reads /vault/secrets any more, \
             remove it and its login annotations",
        ),
    ),
    method(
        "auth-type",
        Carry::Key("auth-method"),
        Mount {
            named_by: "auth-path",
            note: "without auth-path vault-k8s logs in at `kubernetes`, unless its own \
                   -vault-auth-path differs; check the added tokenpipe.dev/auth-mount-path",
        },
    ),
    mapping("auth-path", Carry::Key("auth-mount-path")),
    mapping(
        "role",
        Carry::Role {
            method: "auth-type",
        },
    ),
    mapping("namespace", Carry::Key("auth-namespace")),
    noted(
        "agent-extra-secret",
        Carry::Key("auth-secret"),
        "its files are below /tokenpipe/auth",
    ),
    mapping("service", Carry::Stays(THEIR_CONNECTION)),
    mapping("ca-cert", Carry::Stays(THEIR_CONNECTION)),
    mapping("ca-key", Carry::Stays(THEIR_CONNECTION)),
    mapping("client-cert", Carry::Stays(THEIR_CONNECTION)),
    mapping("client-key", Carry::Stays(THEIR_CONNECTION)),
    mapping("proxy-address", Carry::Stays(THEIR_CONNECTION)),
    mapping("tls-secret", Carry::Stays(THEIR_CONNECTION)),
    mapping("tls-server-name", Carry::Stays(THEIR_CONNECTION)),
    mapping("tls-skip-verify", Carry::Stays(THEIR_CONNECTION)),
    mapping("client-timeout", Carry::Stays(THEIR_RETRIES)),
    mapping("client-max-retries", Carry::Stays(THEIR_RETRIES)),
    mapping("agent-copy-volume-mounts", Carry::Stays(THEIR_FILES)),
    mapping("agent-run-as-user", Carry::Stays(THEIR_USER)),
    mapping("agent-run-as-same-user", Carry::Stays(THEIR_USER)),
    mapping(
        "agent-service-account-token-volume-name",
        Carry::Stays(
            "vault-k8s's agent needs it; tokenpipe's gets its own token, so name this one's \
             audience in tokenpipe.dev/auth-audience",
        ),
    ),
    mapping("auth-min-backoff", Carry::Stays(THEIR_RETRIES)),
    mapping("auth-max-backoff", Carry::Stays(THEIR_RETRIES)),
    mapping("agent-auto-auth-exit-on-err", Carry::Stays(THEIR_RETRIES)),
    mapping(
        "agent-configmap",
        Carry::Stays(
            "vault-k8s's agent needs it; name a file that logs in by \
             tokenpipe.dev/agent-config-map, and its sink by tokenpipe.dev/agent-sink",
        ),
    ),
];
