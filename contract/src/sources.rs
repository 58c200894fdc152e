//! Where a variable's value comes from, and what it may therefore ask of Vault.
//!
//! The only home of that rule: the webhook writes [`Sources`] into the settings, env-exec asks
//! [`may`], and a test holds the tables of `docs/references.md` and `SECURITY.md` to [`table`].

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// Where a variable's value comes from. The manifest's words for it, but for the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// `value`, and nothing in it that only kubelet knows.
    Literal,
    /// `valueFrom.configMapKeyRef`.
    ConfigMap,
    /// `valueFrom.secretKeyRef`.
    Secret,
    /// The manifest does not name the variable: `envFrom`, the image's ENV, a Service's variables.
    Unnamed,
    /// `valueFrom.fieldRef`: whoever may patch the pod's metadata changes it at any time.
    FieldRef,
    /// `valueFrom.resourceFieldRef`.
    ResourceFieldRef,
    /// `valueFrom.fileKeyRef`: another container writes it.
    FileKeyRef,
    /// A kind of `valueFrom` that this release does not know.
    Other,
}

/// What a reference asks of Vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Read a path, or decrypt with the transit engine.
    Read,
    /// Write to a path: `>>vault:…`.
    Write,
    /// Take the client token itself: `vault:login`.
    Login,
}

/// What the pod's author allows, in one container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permissions {
    /// `inject` is `true`, or `containers` lists the container: hidden references are meant.
    #[serde(default, skip_serializing_if = "is_false")]
    pub asked: bool,
    /// `allow-write-from` has `config-map`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub config_maps_write: bool,
    /// `allow-write-from` has `secret`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub secrets_write: bool,
}

/// Where the values of one container's variables come from: part of its settings.
///
/// A variable that is in no list is [`Source::Unnamed`]. So literals without a reference, which
/// are most, need no entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// What the author allows.
    #[serde(default, skip_serializing_if = "is_default")]
    pub allow: Permissions,
    /// Names of variables. A literal that takes `$(X)` is in the list of the lower source.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub named: BTreeMap<Source, Vec<String>>,
    /// Names of variables that the author exempts: their values are text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<String>,
    /// Literals with a `$(X)` that only kubelet knows, and a reference or escape of their own or such a
    /// `$(X)` at the beginning: texts at even places, names of variables at odd ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub composed: BTreeMap<String, Vec<String>>,
}

/// The rule: whether a value of this source may ask for that.
pub const fn may(source: Source, wanted: Use, allow: Permissions) -> bool {
    let reads = matches!(wanted, Use::Read);
    match source {
        Source::Literal => true,
        Source::ConfigMap => allow.asked && (reads || allow.config_maps_write),
        Source::Secret => allow.asked && (reads || allow.secrets_write),
        Source::Unnamed => allow.asked && reads,
        Source::FieldRef | Source::ResourceFieldRef | Source::FileKeyRef | Source::Other => false,
    }
}

/// A kind of object whose values may write where the author says so: the words of the annotation
/// `allow-write-from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteFrom {
    /// [`Source::ConfigMap`].
    ConfigMap,
    /// [`Source::Secret`].
    Secret,
}

impl WriteFrom {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::ConfigMap, Self::Secret];

    /// The word for it in the annotation.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ConfigMap => "config-map",
            Self::Secret => "secret",
        }
    }

    /// The source that it is about.
    pub const fn source(self) -> Source {
        match self {
            Self::ConfigMap => Source::ConfigMap,
            Self::Secret => Source::Secret,
        }
    }
}

impl Source {
    /// Each of them, in the order of the table.
    pub const ALL: [Self; 8] = [
        Self::Literal,
        Self::ConfigMap,
        Self::Secret,
        Self::Unnamed,
        Self::FieldRef,
        Self::ResourceFieldRef,
        Self::FileKeyRef,
        Self::Other,
    ];

    /// Whether it may never hold a reference. Then its value is text.
    pub const fn is_text(self) -> bool {
        let all = Permissions {
            asked: true,
            config_maps_write: true,
            secrets_write: true,
        };
        !may(self, Use::Read, all)
    }

    /// The source of a value that is put together from two: it may do what both may.
    #[must_use]
    pub fn lower(self, other: Self) -> Self {
        match (self, other) {
            (Self::Literal, source) | (source, Self::Literal) => source,
            _ if self == other || self.is_text() => self,
            _ if other.is_text() => other,
            _ => Self::Unnamed,
        }
    }

    /// For a sentence: "a value from …".
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Literal => "the manifest",
            Self::ConfigMap => "a ConfigMap",
            Self::Secret => "a Secret",
            Self::Unnamed => "envFrom, the image or a Service",
            Self::FieldRef => "a fieldRef",
            Self::ResourceFieldRef => "a resourceFieldRef",
            Self::FileKeyRef => "a fileKeyRef",
            Self::Other => "an unknown kind of valueFrom",
        }
    }

    /// For the table.
    const fn title(self) -> &'static str {
        match self {
            Self::Literal => "`value` in the manifest",
            Self::ConfigMap => "`valueFrom.configMapKeyRef`",
            Self::Secret => "`valueFrom.secretKeyRef`",
            Self::Unnamed => "`envFrom`, the image's `ENV`, a Service's variables",
            Self::FieldRef => "`valueFrom.fieldRef`",
            Self::ResourceFieldRef => "`valueFrom.resourceFieldRef`",
            Self::FileKeyRef => "`valueFrom.fileKeyRef`",
            Self::Other => "any other `valueFrom`",
        }
    }
}

/// The rule as Markdown: source × use × what the author must set.
pub fn table() -> String {
    let mut table =
        "| a variable's value comes from | read, decrypt | write (`>>vault:`) | `vault:login` |\n\
                     |---|---|---|---|\n"
            .to_owned();
    for source in Source::ALL {
        let cell = |wanted| needed(source, wanted);
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} |",
            source.title(),
            cell(Use::Read),
            cell(Use::Write),
            cell(Use::Login)
        );
    }
    table
}

/// The least that the author must set.
fn needed(source: Source, wanted: Use) -> &'static str {
    let allow = |asked, config_maps_write, secrets_write| Permissions {
        asked,
        config_maps_write,
        secrets_write,
    };
    let steps = [
        ("yes", allow(false, false, false)),
        ("asked", allow(true, false, false)),
        (
            "asked, and `allow-write-from: config-map`",
            allow(true, true, false),
        ),
        (
            "asked, and `allow-write-from: secret`",
            allow(true, false, true),
        ),
    ];
    let mut allowing = steps.iter();
    allowing
        .find(|(_, allow)| may(source, wanted, *allow))
        .map_or("never", |(text, _)| text)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_default(value: &Permissions) -> bool {
    *value == Permissions::default()
}

#[cfg(test)]
mod tests;
