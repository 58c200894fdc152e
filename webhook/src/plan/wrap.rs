//! What changes in a wrapped container.

use std::collections::HashSet;

use contract::{Settings, names, paths};
use openssl::sha::sha256;
use serde::Serialize;
use serde_json::{Value, json};

use super::access::TokenFile;
use super::restart::ContainerRestart;
use super::survey::Surveyed;
use crate::pod::{Place, VolumeMount};

/// Longest name of a volume (a DNS label, RFC 1123).
const MAX_VOLUME_NAME: usize = 63;

/// The changes to one wrapped container.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Wrap {
    /// The container.
    pub container: String,
    /// Where it stands.
    #[serde(skip)]
    pub place: Place,
    /// Its whole command, with env-exec before the author's.
    pub command: Vec<String>,
    /// Values of the author's variables that must be written otherwise, by index in `env`.
    pub values: Vec<(usize, String)>,
    /// What env-exec is told.
    pub settings: Settings,
    /// Mounts to have.
    pub mounts: Vec<Value>,
    /// `restartPolicy` to set.
    pub restart_policy: Option<&'static str>,
    /// Rule to put before the author's.
    pub restart_rule: Option<Value>,
    /// Rules to take away, by index in `restartPolicyRules`.
    pub stale_rules: Vec<usize>,
    /// Whether `restartPolicy` is to be taken away.
    pub is_policy_stale: bool,
}

impl Wrap {
    pub(super) fn new(
        surveyed: &Surveyed<'_, '_>,
        token_file: Option<&TokenFile>,
        settings: Settings,
        restart: ContainerRestart,
    ) -> Self {
        let command = [paths::ENV_EXEC, "--"].iter().chain(&surveyed.command);
        let rewritten = surveyed
            .variables
            .iter()
            .filter_map(|variable| Some((variable.index, variable.rewritten.clone()?)));
        Self {
            container: surveyed.name().into(),
            place: surveyed.place,
            command: command.map(|word| (*word).to_owned()).collect(),
            values: rewritten.collect(),
            settings,
            mounts: WrapMounts {
                container: surveyed.name(),
                token_file,
            }
            .to_json()
            .into(),
            restart_policy: restart.policy,
            restart_rule: restart.rule,
            stale_rules: restart.stale_rules,
            is_policy_stale: restart.is_policy_stale,
        }
    }
}

/// The mounts of a wrapped container.
#[derive(Clone, Copy)]
pub(super) struct WrapMounts<'n> {
    pub(super) container: &'n str,
    /// The author's volume with the token, in place of one of ours.
    pub(super) token_file: Option<&'n TokenFile>,
}

impl WrapMounts<'_> {
    fn to_json(self) -> [Value; 2] {
        [
            json!({"name": names::BIN_VOLUME, "mountPath": paths::BIN, "readOnly": true}),
            match self.token() {
                (name, false) => json!({"name": name, "mountPath": paths::TOKEN}),
                (name, true) => json!({"name": name, "mountPath": paths::TOKEN, "readOnly": true}),
            },
        ]
    }

    /// The volume with the token, and whether it is mounted read-only.
    fn token(self) -> (String, bool) {
        match self.token_file {
            None => (token_volume(self.container), false),
            Some(file) => (file.volume.clone(), !file.is_shredded),
        }
    }
}

/// The mounts of several wrapped containers, to look many others up in.
pub(super) struct MadeMounts {
    /// The volumes with tokens, and whether they are mounted read-only.
    tokens: HashSet<(String, bool)>,
}

impl MadeMounts {
    pub(super) fn of(wrapped: &[WrapMounts<'_>]) -> Self {
        Self {
            tokens: wrapped.iter().map(|mounts| mounts.token()).collect(),
        }
    }

    /// Whether this mount is the copy of one of them.
    pub(super) fn hold(&self, mount: &VolumeMount<'_>) -> bool {
        let (name, is_read_only) = (mount.name.as_str(), mount.read_only.unwrap_or_default());
        mount.is_simple()
            && match mount.mount_path.as_str() {
                paths::BIN => name == names::BIN_VOLUME && is_read_only,
                paths::TOKEN => self.tokens.contains(&(name.to_owned(), is_read_only)),
                _ => false,
            }
    }
}

/// The name of a wrapped container's token volume: its own name where that fits, else the
/// beginning of it and a hash.
pub(super) fn token_volume(container: &str) -> String {
    let name = format!("{}{container}", names::TOKEN_VOLUME_PREFIX);
    if name.len() <= MAX_VOLUME_NAME {
        return name;
    }
    let [a, b, c, d, ..] = sha256(container.as_bytes());
    let hash = format!("-{a:02x}{b:02x}{c:02x}{d:02x}");
    format!(
        "{}{hash}",
        name.get(..MAX_VOLUME_NAME - hash.len()).unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::token_volume;

    #[test]
    fn names_fit_and_differ() {
        assert_eq!(token_volume("app"), "tokenpipe-token-app");
        let long = token_volume(&"a".repeat(63));
        let other = token_volume(&format!("{}b", "a".repeat(62)));
        assert_eq!((long.len(), other.len()), (63, 63));
        assert_ne!(long, other);
    }
}
