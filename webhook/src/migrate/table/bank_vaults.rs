//! The annotations of bank-vaults' webhook.

use super::{Carry, Mapping, Mount, Word, breaking, dropped, mapping, method, noted, word};

const CONTAINERS: &str =
    "what tokenpipe adds runs without privileges always: nothing is left to do";
const IMAGES: &str = "images are the operator's: `images` in the file of `tokenpipe serve`";
const RESOURCES: &str =
    "resources are the operator's: `resources` in the file of `tokenpipe serve`";
const CONNECTION: &str = "how to reach Vault is the operator's: have a connection configured for \
    it, and name that in tokenpipe.dev/vault";
const NO_FILES: &str = "tokenpipe writes no files: refer to the secrets in `env`, or keep an agent \
    that renders them";
const LOGS: &str = "the form of logs is the operator's: `defaults.log` in the file of `tokenpipe \
    serve`";
const NO_SIDECAR: &str = "no agent stays beside the program: nothing is left to do";
const BOOLEANS: &[Word] = &[
    word("true", &[("ignore-missing", "true")]),
    word("false", &[("ignore-missing", "false")]),
];
const METHODS: &[Word] = &[
    word("kubernetes", &[("auth-method", "kubernetes")]),
    word("jwt", &[("auth-method", "jwt")]),
    breaking(
        "azure",
        "the agent needs what Vault's own configuration names: write tokenpipe.dev/auth-method and, in \
         tokenpipe.dev/auth-config, resource",
    ),
    word(
        "aws-ec2",
        &[("auth-method", "aws"), ("auth-config", "{type: ec2}")],
    ),
    word(
        "aws-iam",
        &[("auth-method", "aws"), ("auth-config", "{type: iam}")],
    ),
    word(
        "gcp-gce",
        &[("auth-method", "gcp"), ("auth-config", "{type: gce}")],
    ),
    breaking(
        "gcp-iam",
        "the agent needs the account's e-mail: write tokenpipe.dev/auth-method `gcp` and, in \
         tokenpipe.dev/auth-config, type `iam` and service_account",
    ),
    breaking(
        "namespaced",
        "it chooses a role by the namespace: name the role in tokenpipe.dev/auth-role",
    ),
];
const AGENT: &[Word] = &[
    dropped(
        "true",
        "an agent logs in for every pod: nothing is left to do",
    ),
    dropped(
        "false",
        "an agent logs in for every pod: nothing is left to do",
    ),
];
const PROBES: &[Word] = &[
    breaking(
        "true",
        "a probe sees the references: let the program check itself, or read a file",
    ),
    dropped("false", "probes stay as they are: nothing is left to do"),
];

/// bank-vaults' webhook for Vault, in the order of its documentation.
pub const OF_BANK_VAULTS: &[Mapping] = &[
    mapping(
        "mutate",
        Carry::Stays(
            "with `skip` it keeps bank-vaults' webhook away from the pod, and with any other \
             value tokenpipe rejects the pod; to leave its references unresolved, add \
             tokenpipe.dev/inject: \"false\"",
        ),
    ),
    mapping("mutate-probes", Carry::Words(PROBES)),
    mapping("psp-allow-privilege-escalation", Carry::Nothing(CONTAINERS)),
    mapping("run-as-non-root", Carry::Nothing(CONTAINERS)),
    mapping(
        "run-as-user",
        Carry::Nothing(
            "what tokenpipe adds runs as the pod's common user, else as the operator's \
             `defaults.runAsUser`",
        ),
    ),
    mapping("run-as-group", Carry::Nothing(CONTAINERS)),
    mapping("readonly-root-fs", Carry::Nothing(CONTAINERS)),
    mapping(
        "registry-skip-verify",
        Carry::Nothing(
            "no registry is asked: each wrapped container needs its `command` in the pod",
        ),
    ),
    mapping("enable-json-log", Carry::Nothing(LOGS)),
    mapping("log-level", Carry::Nothing(LOGS)),
    mapping("vault-addr", Carry::Nothing(CONNECTION)),
    Mapping {
        key: "vault-role",
        carry: Carry::Key("auth-role"),
        note: Some("the role is taken as it stands there: tokenpipe has no templates for it"),
        note_where: Some(is_role_template),
        mount: None,
    },
    mapping("vault-path", Carry::Key("auth-mount-path")),
    method(
        "vault-auth-method",
        Carry::Words(METHODS),
        Mount {
            named_by: "vault-path",
            note: "bank-vaults' webhook logs in at the mount `kubernetes`, whatever the method, \
                   unless vault-path or its own variable VAULT_PATH says otherwise: \
                   tokenpipe.dev/auth-mount-path was added, which keeps that",
        },
    ),
    mapping(
        "vault-serviceaccount",
        Carry::Nothing("Secrets and ConfigMaps are not changed: refer to the secret in `env`"),
    ),
    mapping("vault-skip-verify", Carry::Nothing(CONNECTION)),
    mapping("vault-tls-secret", Carry::Nothing(CONNECTION)),
    mapping(
        "vault-client-timeout",
        Carry::Nothing("deadlines are the operator's: `defaults` in the file of `tokenpipe serve`"),
    ),
    mapping("vault-namespace", Carry::Key("auth-namespace")),
    noted(
        "vault-ignore-missing-secrets",
        Carry::Words(BOOLEANS),
        "a key that does not exist is ignored too, not only a path, and a variable with a reference in \
         the midst of its text is left out as well, where bank-vaults keeps the text",
    ),
    mapping(
        "vault-env-passthrough",
        Carry::Nothing("every VAULT_ variable of the manifest reaches the program as it is"),
    ),
    noted(
        "vault-env-from-path",
        Carry::Key("from-path"),
        "only app containers get the variables: name init containers in tokenpipe.dev/containers",
    ),
    mapping(
        "vault-env-daemon",
        Carry::Nothing(
            "the program takes env-exec's place, and tokenpipe renews no lease: give roles a TTL \
             that is long enough, and set tokenpipe.dev/min-lease",
        ),
    ),
    mapping(
        "vault-env-delay",
        Carry::Nothing("env-exec tries again by itself until its deadline: nothing is left to do"),
    ),
    mapping("vault-env-image", Carry::Nothing(IMAGES)),
    mapping("vault-env-image-pull-policy", Carry::Nothing(IMAGES)),
    noted(
        "token-auth-mount",
        Carry::VolumeFile("token-from"),
        "tokenpipe does not log in then: remove the other annotations about a login",
    ),
    mapping("transit-key-id", Carry::Key("transit-key")),
    mapping("transit-path", Carry::Key("transit-path")),
    mapping(
        "transit-batch-size",
        Carry::Nothing("all values are decrypted in one request: nothing is left to do"),
    ),
    mapping(
        "service-account-token-volume-name",
        Carry::Nothing(
            "the agent gets a token of its own, projected for it: nothing is left to do",
        ),
    ),
    mapping("vault-image", Carry::Nothing(IMAGES)),
    mapping("vault-image-pull-policy", Carry::Nothing(IMAGES)),
    mapping("vault-agent", Carry::Words(AGENT)),
    mapping(
        "vault-agent-configmap",
        Carry::Breaks(
            "if its file logs in, name it in tokenpipe.dev/agent-config-map and its sink in \
             tokenpipe.dev/agent-sink; if it renders files, keep an agent that does",
        ),
    ),
    mapping("vault-agent-once", Carry::Nothing(NO_SIDECAR)),
    mapping(
        "vault-agent-share-process-namespace",
        Carry::Nothing(NO_SIDECAR),
    ),
    mapping("vault-agent-cpu", Carry::Nothing(RESOURCES)),
    mapping("vault-agent-cpu-limit", Carry::Nothing(RESOURCES)),
    mapping("vault-agent-memory", Carry::Nothing(RESOURCES)),
    mapping("vault-agent-memory-limit", Carry::Nothing(RESOURCES)),
    mapping("vault-agent-cpu-request", Carry::Nothing(RESOURCES)),
    mapping("vault-agent-memory-request", Carry::Nothing(RESOURCES)),
    mapping(
        "vault-agent-env-variables",
        Carry::Nothing(
            "the agent's variables follow from its method: see docs/reference/auth-methods.md",
        ),
    ),
    mapping("vault-configfile-path", Carry::Nothing(NO_FILES)),
    mapping("vault-ct-configmap", Carry::Breaks(NO_FILES)),
    mapping("vault-ct-image", Carry::Nothing(NO_FILES)),
    mapping("vault-ct-pull-policy", Carry::Nothing(NO_FILES)),
    mapping("vault-ct-once", Carry::Nothing(NO_FILES)),
    mapping(
        "vault-ct-inject-in-initcontainers",
        Carry::Nothing(NO_FILES),
    ),
    mapping("vault-ct-share-process-namespace", Carry::Nothing(NO_FILES)),
    mapping("vault-ct-cpu", Carry::Nothing(NO_FILES)),
    mapping("vault-ct-memory", Carry::Nothing(NO_FILES)),
    mapping("vault-ct-secrets-mount-path", Carry::Nothing(NO_FILES)),
];

/// Keys of its webhook for several products (`secrets-webhook`) that have another name there, and the
/// ones above that they were. All others are the same.
pub const RENAMED: &[(&str, &str)] = &[
    ("secret-init-json-log", "enable-json-log"),
    ("vault-log-level", "log-level"),
    ("vault-passthrough", "vault-env-passthrough"),
    ("vault-from-path", "vault-env-from-path"),
    ("secret-init-daemon", "vault-env-daemon"),
    ("secret-init-delay", "vault-env-delay"),
    ("secret-init-image", "vault-env-image"),
    (
        "secret-init-image-pull-policy",
        "vault-env-image-pull-policy",
    ),
    ("vault-token-auth-mount", "token-auth-mount"),
    ("vault-transit-key-id", "transit-key-id"),
    ("vault-transit-path", "transit-path"),
    ("vault-transit-batch-size", "transit-batch-size"),
    (
        "vault-service-account-token-volume-name",
        "service-account-token-volume-name",
    ),
];

/// Keys that it alone has.
pub const OF_SECRETS_WEBHOOK: &[Mapping] = &[mapping(
    "provider",
    Carry::Nothing(
        "a connection's `flavour` is the operator's: have one configured for the product, and name \
         it in tokenpipe.dev/vault",
    ),
)];

/// The key above of one of that webhook's.
pub(super) fn older(key: &str) -> Option<&str> {
    match RENAMED.iter().find(|(newer, _)| *newer == key) {
        Some((_, older)) => Some(older),
        None => (!RENAMED.iter().any(|(_, older)| *older == key)).then_some(key),
    }
}

/// Whether a role is a template of bank-vaults' webhook, and not one that Helm has rendered before.
fn is_role_template(value: &str) -> bool {
    const FIELDS: [&str; 5] = [
        ".authmethod",
        ".name",
        ".namespace",
        ".path",
        ".serviceaccount",
    ];
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    value.contains("{{")
        && value
            .split(|c| !is_word(c))
            .any(|word| FIELDS.contains(&word))
}
