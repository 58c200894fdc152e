//! Other injectors that may be about the same pod, before us or after us.

use contract::paths;

use super::mounts::{MadeMounts, WrapMounts};
use super::refusal::Refusal;
use super::surveyed::Surveyed;
use crate::pod::{Container, PodView};

/// What an injector of agents adds to a pod.
struct Injector {
    /// Annotation that asks for it.
    inject: &'static str,
    /// Annotation that says it was here.
    status: &'static str,
    /// Annotation that, set to false, leaves out its init container.
    pre_populate: &'static str,
    /// Its init container.
    init_container: &'static str,
    /// Its containers.
    containers: &'static [&'static str],
    /// Its volumes; a name ending with `-` stands for all that begin with it.
    volumes: &'static [&'static str],
}

const VAULT_K8S: Injector = Injector {
    inject: "vault.hashicorp.com/agent-inject",
    status: "vault.hashicorp.com/agent-inject-status",
    pre_populate: "vault.hashicorp.com/agent-pre-populate",
    init_container: "vault-agent-init",
    containers: &["vault-agent-init", "vault-agent"],
    volumes: &[
        "home-init",
        "home-sidecar",
        "vault-secrets",
        "vault-secrets-",
    ],
};

const OPENBAO_K8S: Injector = Injector {
    inject: "openbao.org/agent-inject",
    status: "openbao.org/agent-inject-status",
    pre_populate: "openbao.org/agent-pre-populate",
    init_container: "openbao-agent-init",
    containers: &["openbao-agent-init", "openbao-agent"],
    volumes: &[
        "home-init",
        "home-sidecar",
        "openbao-secrets",
        "openbao-secrets-",
    ],
};

const INJECTORS: [Injector; 2] = [VAULT_K8S, OPENBAO_K8S];

/// Init containers of service meshes, whose webhooks ask the namespace and not the pod alone.
const MESHES: [&str; 8] = [
    "consul-connect-inject-init",
    "istio-init",
    "istio-proxy",
    "istio-validation",
    "kuma-init",
    "linkerd-init",
    "linkerd-network-validator",
    "linkerd-proxy",
];

/// Prefix of the annotations of bank-vaults' webhook for Vault.
pub const BANK_VAULTS: &str = "vault.security.banzaicloud.io/";
/// Prefix of those of its webhook for several products.
pub const SECRETS_WEBHOOK: &str = "secrets-webhook.security.bank-vaults.io/";

/// These prefixes, and the wrappers that the two put before commands: the second has had its own in
/// several directories.
const WRAPPERS: [(&str, &[&str]); 2] = [
    (BANK_VAULTS, &["/vault/vault-env"]),
    (
        SECRETS_WEBHOOK,
        &[
            "/bank-vaults/secret-init",
            "/vault/secret-init",
            "/bao/secret-init",
        ],
    ),
];

/// Their label that leaves a pod alone.
const BANK_VAULTS_LABEL: &str = "security.banzaicloud.io/mutate";

/// Whether an injector that comes after us adds this volume. OpenBao's takes Vault's annotations
/// for its own, so either may.
pub(super) fn will_bring(pod: &PodView<'_>, volume: &str) -> bool {
    let asks = |injector: &Injector| flag(pod, injector.inject) == Some(true);
    let is_one = |pattern: &str| {
        volume == pattern || (pattern.ends_with('-') && volume.starts_with(pattern))
    };
    INJECTORS.iter().any(asks)
        && INJECTORS
            .iter()
            .any(|injector| injector.volumes.iter().any(|pattern| is_one(pattern)))
}

/// Whether a webhook that comes after us may add this init container.
pub(super) fn may_bring_init(pod: &PodView<'_>, name: &str) -> bool {
    let brings = |injector: &Injector| {
        injector.init_container == name
            && flag(pod, injector.inject) == Some(true)
            && flag(pod, injector.pre_populate) != Some(false)
            && annotation(pod, injector.status) != Some("injected")
    };
    INJECTORS.iter().any(brings) || MESHES.contains(&name)
}

/// Mounts, by index, that an injector which came after us has copied from a wrapped container into its
/// own (`agent-copy-volume-mounts` of vault-k8s). Called before us it would have found none.
pub(super) fn copied_mounts(
    pod: &PodView<'_>,
    container: &Container<'_>,
    wrapped: &[WrapMounts<'_>],
) -> Vec<usize> {
    let name = container.name.as_str();
    if !added(pod, container) || wrapped.iter().any(|ours| ours.container == name) {
        return Vec::new();
    }
    let made = MadeMounts::of(wrapped);
    let mounts = container.volume_mounts().iter().enumerate();
    mounts
        .filter(|(_, mount)| made.hold(mount))
        .map(|(index, _)| index)
        .collect()
}

/// Whether an injector that came before us added this container, which is not the author's then.
pub(super) fn added(pod: &PodView<'_>, container: &Container<'_>) -> bool {
    INJECTORS.iter().any(|injector| {
        injector.containers.contains(&container.name.as_str())
            && annotation(pod, injector.status) == Some("injected")
    })
}

/// Theirs has wrapped what was ours before, so that our settings stand in a container which does not
/// begin with env-exec.
pub(super) fn check_wrapped_around_us(surveyed: &[Surveyed<'_, '_>]) -> Result<(), Refusal> {
    let is_ours = |container: &Surveyed<'_, '_>| {
        let mut args = container.container.args.iter();
        args.any(|word| word.as_str() == paths::ENV_EXEC)
    };
    surveyed
        .iter()
        .filter(|container| is_ours(container))
        .try_for_each(check_not_behind_theirs)
}

/// Both webhooks of bank-vaults take every `vault:` in a variable for theirs: only one may have the
/// pod.
pub(super) fn check_bank_vaults(
    pod: &PodView<'_>,
    surveyed: &[Surveyed<'_, '_>],
) -> Result<(), Refusal> {
    surveyed.iter().try_for_each(check_not_behind_theirs)?;
    for (prefix, _) in WRAPPERS {
        let theirs = pod.annotations().find(|(key, _)| key.starts_with(prefix));
        if let (Some((key, _)), false) = (theirs, is_left_alone(pod, prefix)) {
            return Err(Refusal::ForBankVaults {
                key: key.to_string(),
                prefix,
            });
        }
    }
    Ok(())
}

fn check_not_behind_theirs(container: &Surveyed<'_, '_>) -> Result<(), Refusal> {
    for (prefix, wrappers) in WRAPPERS {
        let mut command = container.container.command.iter();
        let wrapper = command.find_map(|word| {
            let mut wrappers = wrappers.iter();
            wrappers.find(|wrapper| **wrapper == word.as_str())
        });
        if let Some(wrapper) = wrapper {
            return Err(Refusal::WrappedByBankVaults {
                container: container.name().to_owned(),
                wrapper,
                prefix,
            });
        }
    }
    Ok(())
}

fn is_left_alone(pod: &PodView<'_>, prefix: &str) -> bool {
    let labels = pod.metadata.labels.as_ref();
    let label = labels.and_then(|labels| labels.get(BANK_VAULTS_LABEL));
    annotation(pod, &format!("{prefix}mutate")) == Some("skip")
        || label.is_some_and(|value| value.as_str() == "skip")
}

/// An annotation that these injectors read by Go's `strconv.ParseBool`.
fn flag(pod: &PodView<'_>, key: &str) -> Option<bool> {
    match annotation(pod, key)? {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

fn annotation<'p>(pod: &'p PodView<'_>, wanted: &str) -> Option<&'p str> {
    pod.annotation(wanted)
}
