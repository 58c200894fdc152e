//! What becomes of each annotation: one entry each. The table is the program and the page.

mod bank_vaults;
mod vault_k8s;

pub use bank_vaults::{OF_BANK_VAULTS, OF_SECRETS_WEBHOOK, RENAMED};
pub use vault_k8s::OF_VAULT_K8S;

use contract::names::ANNOTATION_PREFIX;

pub use crate::plan::{BANK_VAULTS, SECRETS_WEBHOOK};

/// Prefixes of bank-vaults' webhooks.
const OF_EITHER: [&str; 2] = [BANK_VAULTS, SECRETS_WEBHOOK];
/// Prefix of vault-k8s.
pub const VAULT_K8S: &str = "vault.hashicorp.com/";

/// Prefix of vault-k8s's settings of a method.
const AUTH_CONFIG: &str = "auth-config-";

/// What becomes of one annotation.
pub struct Mapping {
    /// The key behind the prefix.
    pub key: &'static str,
    /// What becomes of it.
    pub carry: Carry,
    /// What to know although it was carried over.
    pub note: Option<&'static str>,
    /// The values that the note is for; without it, every one.
    pub note_where: Option<fn(&str) -> bool>,
    /// Where a method that it names is mounted, if nothing says so.
    pub mount: Option<Mount>,
}

/// A mount path that the source has for every method, where tokenpipe has one for each.
pub struct Mount {
    /// The key behind the same prefix that names another one.
    pub named_by: &'static str,
    /// Why a line for it is added.
    pub note: &'static str,
}

impl Mount {
    /// The path, of either source.
    pub const PATH: &'static str = "kubernetes";
}

/// A way to carry a value over.
pub enum Carry {
    /// The line stays: why.
    Stays(&'static str),
    /// Under this key of ours, as it is.
    Key(&'static str),
    /// Under `auth-role`, if the agent reads a role for the method that the key behind the same prefix
    /// names.
    Role {
        /// The key.
        method: &'static str,
    },
    /// By its value.
    Words(&'static [Word]),
    /// `VOLUME:FILE`, as `VOLUME/FILE` under this key of ours.
    VolumeFile(&'static str),
    /// Not at all: why, and what to do.
    Nothing(&'static str),
    /// Its document stays as it is, because its pods would work less: why, and what to do.
    Breaks(&'static str),
}

/// One value.
pub struct Word {
    /// The value.
    pub from: &'static str,
    /// Keys and values of ours; none if it cannot be carried over.
    pub to: &'static [(&'static str, &'static str)],
    /// Why not, or what to know.
    pub why: &'static str,
    /// Its document stays as it is.
    pub breaks: bool,
}

/// Who goes on with an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// tokenpipe: the line is replaced.
    Ours,
    /// Both: it stays, beside what becomes of it.
    Both,
    /// The other webhook: it stays.
    Theirs,
}

/// A key of ours, whole.
pub(super) fn ours(key: &str) -> String {
    format!("{ANNOTATION_PREFIX}{key}")
}

/// Where an annotation is found.
pub(super) enum Source {
    /// In a table.
    Mapping(&'static Mapping),
    /// A setting of vault-k8s's method, by its key.
    AuthConfig(String),
}

/// What a full key means.
pub(super) fn find(key: &str) -> Option<Source> {
    let of = |table: &'static [Mapping], key: &str| {
        table
            .iter()
            .find(|mapping| mapping.key == key)
            .map(Source::Mapping)
    };
    if let Some(key) = key.strip_prefix(BANK_VAULTS) {
        return of(OF_BANK_VAULTS, key);
    }
    if let Some(key) = key.strip_prefix(SECRETS_WEBHOOK) {
        let shared = || of(OF_BANK_VAULTS, bank_vaults::older(key)?);
        return of(OF_SECRETS_WEBHOOK, key).or_else(shared);
    }
    let key = key.strip_prefix(VAULT_K8S)?;
    match key.strip_prefix(AUTH_CONFIG) {
        Some(setting) if is_setting(setting) => Some(Source::AuthConfig(setting.to_owned())),
        _ => of(OF_VAULT_K8S, key),
    }
}

/// Whether a full key is of one of bank-vaults' webhooks, known or not.
pub(super) fn is_of_bank_vaults(key: &str) -> bool {
    OF_EITHER.iter().any(|prefix| key.starts_with(prefix))
}

/// An annotation that a line names somewhere, if something would become of it.
pub(super) fn named_in(text: &str) -> Option<String> {
    if let Some(prefix) = OF_EITHER.iter().find(|prefix| text.contains(**prefix)) {
        return Some(format!("{prefix}…"));
    }
    let is_of_key = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let mut keys = text.split(VAULT_K8S).skip(1).map(|rest| {
        let end = rest.find(|c: char| !is_of_key(c)).unwrap_or(rest.len());
        format!("{VAULT_K8S}{}", &rest[..end])
    });
    keys.find(|key| find(key).is_some())
}

/// What vault-k8s can make a setting of.
fn is_setting(text: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_allowed)
}

const fn mapping(key: &'static str, carry: Carry) -> Mapping {
    Mapping {
        key,
        carry,
        note: None,
        note_where: None,
        mount: None,
    }
}

const fn noted(key: &'static str, carry: Carry, note: &'static str) -> Mapping {
    Mapping {
        key,
        carry,
        note: Some(note),
        note_where: None,
        mount: None,
    }
}

/// The entry that names a method.
const fn method(key: &'static str, carry: Carry, mount: Mount) -> Mapping {
    Mapping {
        key,
        carry,
        note: None,
        note_where: None,
        mount: Some(mount),
    }
}

const fn word(from: &'static str, to: &'static [(&'static str, &'static str)]) -> Word {
    Word {
        from,
        to,
        why: "",
        breaks: false,
    }
}

/// A value that has no counterpart, and that nothing needs.
const fn dropped(from: &'static str, why: &'static str) -> Word {
    Word {
        from,
        to: &[],
        why,
        breaks: false,
    }
}

/// A value with which pods would work less.
const fn breaking(from: &'static str, why: &'static str) -> Word {
    Word {
        from,
        to: &[],
        why,
        breaks: true,
    }
}
