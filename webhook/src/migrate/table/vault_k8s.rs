//! The annotations of vault-k8s that are about a login.

use super::{Carry, Mapping, Mount, mapping, method, noted};

const THEIR_CONNECTION: &str = "it is for the agent of vault-k8s: how tokenpipe reaches Vault is the \
    operator's, so have a connection configured for it, and name that in tokenpipe.dev/vault";
const THEIR_FILES: &str = "it is for the agent of vault-k8s: what tokenpipe's reads a file of its method \
    from, name in tokenpipe.dev/auth-secret or tokenpipe.dev/auth-volume";
const THEIR_USER: &str = "it is for the agent of vault-k8s: tokenpipe's runs as the pod's common user, else as \
    the operator's `defaults.runAsUser`, so look at the modes of the files that its method reads";
const THEIR_RETRIES: &str = "it is for the agent of vault-k8s: tokenpipe's tries again by itself until \
    the deadline, which is the operator's (`defaults.loginDeadlineSeconds`)";

/// The login of vault-k8s. What else it does stays its own: both work side by side.
pub const OF_VAULT_K8S: &[Mapping] = &[
    mapping(
        "agent-inject",
        Carry::Stays(
            "while it is \"true\", vault-k8s adds its agent as well, for which the annotations of \
             its login stay beside tokenpipe's: remove all of them if nothing reads the files in \
             /vault/secrets any more",
        ),
    ),
    method(
        "auth-type",
        Carry::Key("auth-method"),
        Mount {
            named_by: "auth-path",
            note: "vault-k8s logs in at the mount `kubernetes`, whatever the method, unless \
                   auth-path or its own flag -vault-auth-path says otherwise: \
                   tokenpipe.dev/auth-mount-path was added, which keeps that",
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
        "its files lie below /tokenpipe/auth",
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
            "it is for the agent of vault-k8s: tokenpipe's gets a token of its own, for the \
             audience in tokenpipe.dev/auth-audience: name that of this volume's token there",
        ),
    ),
    mapping("auth-min-backoff", Carry::Stays(THEIR_RETRIES)),
    mapping("auth-max-backoff", Carry::Stays(THEIR_RETRIES)),
    mapping("agent-auto-auth-exit-on-err", Carry::Stays(THEIR_RETRIES)),
    mapping(
        "agent-configmap",
        Carry::Stays(
            "it is for the agent of vault-k8s: a file that logs in is named for tokenpipe in \
             tokenpipe.dev/agent-config-map, and its sink in tokenpipe.dev/agent-sink",
        ),
    ),
];
