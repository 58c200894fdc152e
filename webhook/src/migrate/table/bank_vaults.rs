//! The annotations of bank-vaults' webhook.

use super::{Carry, Mapping, Mount, Word, breaking, dropped, mapping, method, noted, word};

const CONTAINERS: &str =
    "tokenpipe's containers always run without privileges; nothing is left to do";
const IMAGES: &str = "the operator sets images (`images` in the configuration file)";
const RESOURCES: &str = "the operator sets resources (`resources` in the configuration file)";
const CONNECTION: &str = "the operator sets how to reach Vault; ask for a connection, and name it \
    in tokenpipe.dev/vault";
const NO_FILES: &str = "tokenpipe writes no files; refer to the secrets in `env`, or keep an agent \
    that renders them";
const LOGS: &str = "the operator sets the form of logs (`defaults.log` in the configuration file)";
const NO_SIDECAR: &str = "no agent stays beside the program; nothing is left to do";
const BOOLEANS: &[Word] = &[
    word("true", &[("ignore-missing", "true")]),
    word("false", &[("ignore-missing", "false")]),
];
const METHODS: &[Word] = &[
    word("kubernetes", &[("auth-method", "kubernetes")]),
    word("jwt", &[("auth-method", "jwt")]),
    breaking(
        "azure",
        "the agent needs the resource of Vault's configuration; write tokenpipe.dev/auth-method, \
         and `resource` in tokenpipe.dev/auth-config",
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
        "the agent needs the account's e-mail; write tokenpipe.dev/auth-method `gcp`, and `type: \
         iam` with `service_account` in tokenpipe.dev/auth-config",
    ),
    breaking(
        "namespaced",
        "it chooses a role by the namespace; name the role in tokenpipe.dev/auth-role",
    ),
];
const AGENT: &[Word] = &[
    dropped(
        "true",
        "an agent logs in for every pod; nothing is left to do",
    ),
    dropped(
        "false",
        "an agent logs in for every pod; nothing is left to do",
    ),
];
const PROBES: &[Word] = &[
    breaking(
        "true",
        "a probe sees the references; let the program check itself, or read a file",
    ),
    dropped("false", "probes stay as they are; nothing is left to do"),
];

/// bank-vaults' webhook for Vault, in the order of its documentation.
pub const OF_BANK_VAULTS: &[Mapping] = &[
    mapping(
        "mutate",
        Carry::Stays(
            "with `skip` bank-vaults leaves the pod alone, with any other value tokenpipe rejects \
             it; for unresolved references add tokenpipe.dev/inject: \"false\"",
        ),
    ),
    mapping("mutate-probes", Carry::Words(PROBES)),
    mapping("psp-allow-privilege-escalation", Carry::Nothing(CONTAINERS)),
    mapping("run-as-non-root", Carry::Nothing(CONTAINERS)),
    mapping(
        "run-as-user",
        Carry::Nothing(
            "tokenpipe's containers run as the pod's common user, else as `defaults.runAsUser`",
        ),
    ),
    mapping("run-as-group", Carry::Nothing(CONTAINERS)),
    mapping("readonly-root-fs", Carry::Nothing(CONTAINERS)),
    mapping(
        "registry-skip-verify",
        Carry::Nothing(
            "no registry is asked; each wrapped container needs its `command` in the pod",
        ),
    ),
    mapping("enable-json-log", Carry::Nothing(LOGS)),
    mapping("log-level", Carry::Nothing(LOGS)),
    mapping("vault-addr", Carry::Nothing(CONNECTION)),
    Mapping {
        key: "vault-role",
        carry: Carry::Key("auth-role"),
        note: Some("the role is taken as it is; tokenpipe has no templates for it"),
        note_where: Some(is_role_template),
        mount: None,
    },
    mapping("vault-path", Carry::Key("auth-mount-path")),
    method(
        "vault-auth-method",
        Carry::Words(METHODS),
        Mount {
            named_by: "vault-path",
            note: "without vault-path bank-vaults logs in at `kubernetes`, unless its own \
                   VAULT_PATH differs; check the added tokenpipe.dev/auth-mount-path",
        },
    ),
    mapping(
        "vault-serviceaccount",
        Carry::Nothing("Secrets and ConfigMaps are not changed; refer to the secret in `env`"),
    ),
    mapping("vault-skip-verify", Carry::Nothing(CONNECTION)),
    mapping("vault-tls-secret", Carry::Nothing(CONNECTION)),
    mapping(
        "vault-client-timeout",
        Carry::Nothing("the operator sets deadlines (`defaults` in the configuration file)"),
    ),
    mapping("vault-namespace", Carry::Key("auth-namespace")),
    noted(
        "vault-ignore-missing-secrets",
        Carry::Words(BOOLEANS),
        "a missing key is ignored too; text around a missing reference is left out, where \
         bank-vaults keeps it",
    ),
    mapping(
        "vault-env-passthrough",
        Carry::Nothing("every VAULT_ variable of the manifest reaches the program as it is"),
    ),
    noted(
        "vault-env-from-path",
        Carry::Key("from-path"),
        "only app containers get the variables; name init containers in tokenpipe.dev/containers",
    ),
    mapping(
        "vault-env-daemon",
        Carry::Nothing(
            "env-exec becomes the program, so nothing renews a lease; give roles a long TTL, and \
             set tokenpipe.dev/min-lease",
        ),
    ),
    mapping(
        "vault-env-delay",
        Carry::Nothing("env-exec tries again by itself until its deadline; nothing is left to do"),
    ),
    mapping("vault-env-image", Carry::Nothing(IMAGES)),
    mapping("vault-env-image-pull-policy", Carry::Nothing(IMAGES)),
    noted(
        "token-auth-mount",
        Carry::VolumeFile("token-from"),
        "tokenpipe does not log in then; remove the other annotations about a login",
    ),
    mapping("transit-key-id", Carry::Key("transit-key")),
    mapping("transit-path", Carry::Key("transit-path")),
    mapping(
        "transit-batch-size",
        Carry::Nothing("all values are decrypted in one request; nothing is left to do"),
    ),
    mapping(
        "service-account-token-volume-name",
        Carry::Nothing(
            "the agent gets a token of its own, projected for it; nothing is left to do",
        ),
    ),
    mapping("vault-image", Carry::Nothing(IMAGES)),
    mapping("vault-image-pull-policy", Carry::Nothing(IMAGES)),
    mapping("vault-agent", Carry::Words(AGENT)),
    mapping(
        "vault-agent-configmap",
        Carry::Breaks(
            "name a file that logs in by tokenpipe.dev/agent-config-map, and its sink by \
             tokenpipe.dev/agent-sink; keep an agent that renders files",
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
            "the agent's variables follow from its method; see docs/reference/auth-methods.md",
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
        "the operator sets the `flavour` of a connection; ask for one of the product, and name it \
         in tokenpipe.dev/vault",
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
