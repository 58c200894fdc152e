//! The mounts of wrapped containers: tokenpipe's program, and the token.

use std::collections::HashSet;

use contract::{names, paths};
use openssl::sha::sha256;
use serde::Serialize;

use crate::pod::VolumeMount;

/// Longest name of a volume (a DNS label, RFC 1123).
const MAX_VOLUME_NAME: usize = 63;

/// A mount as it is added, `volumeMounts[]` of a container.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddedMount {
    /// Name of the volume.
    pub name: String,
    /// Where the container sees it.
    pub mount_path: &'static str,
    /// Absent where the container may write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
}

/// The mounts of a wrapped container.
#[derive(Clone, Copy)]
pub(super) struct WrapMounts<'n> {
    pub(super) container: &'n str,
    /// The author's volume with the token, in place of tokenpipe's.
    pub(super) token: Option<AuthorVolume<'n>>,
}

/// A volume of the author's.
#[derive(Clone, Copy)]
pub(super) struct AuthorVolume<'n> {
    pub(super) name: &'n str,
    pub(super) is_read_only: bool,
}

impl WrapMounts<'_> {
    /// As they are added.
    pub(super) fn to_mounts(self) -> [AddedMount; 2] {
        let (token, is_read_only) = self.token();
        [
            AddedMount {
                name: names::BIN_VOLUME.to_owned(),
                mount_path: paths::BIN,
                read_only: Some(true),
            },
            AddedMount {
                name: token,
                mount_path: paths::TOKEN,
                read_only: is_read_only.then_some(true),
            },
        ]
    }

    /// The volume with the token, and whether it is mounted read-only.
    fn token(self) -> (String, bool) {
        match self.token {
            None => (token_volume(self.container), false),
            Some(volume) => (volume.name.to_owned(), volume.is_read_only),
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
