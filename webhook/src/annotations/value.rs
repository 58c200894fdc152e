//! The shapes that an annotation's value can have.

use std::collections::BTreeSet;

use contract::limits::AUTH_CONFIG;
use contract::sources::WriteFrom;
use contract::{Restart, Source};
use serde_json::{Map, Value};
use templates::{FromPath, ReferenceError};

use super::list;
use crate::excerpt::excerpt;

/// A value that can be read from an annotation's text. The error says what was found and what is
/// allowed.
pub(super) trait AnnotationValue: Sized {
    fn parse(text: &str) -> Result<Self, String>;
}

/// One word: not empty, no white space or control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(String);

impl Word {
    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Container names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(pub BTreeSet<String>);

/// Names of environment variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableNames(pub BTreeSet<String>);

/// Kinds of objects whose values may write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WritingSources(Vec<WriteFrom>);

impl WritingSources {
    /// Whether values of this source may.
    pub fn allows(&self, source: Source) -> bool {
        self.0.iter().any(|from| from.source() == source)
    }
}

/// A duration in seconds, greater than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds(pub u64);

/// An Auto-Auth method's own settings.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthConfig(pub Map<String, Value>);

// Somebody will put a credential there, and it must not reach a log on its way to being refused.
impl std::fmt::Debug for AuthConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// A file in a volume of the pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeFile {
    /// The volume's name.
    pub volume: String,
    /// The file's path below the volume's root.
    pub file: String,
}

/// A key of a `ConfigMap`, which is a file where that is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigMapKey {
    /// The `ConfigMap`'s name.
    pub name: String,
    /// The key.
    pub key: String,
}

/// The absolute path of a file, without any segment that leads elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePath(String);

impl FilePath {
    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where the injected init containers stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InitPosition {
    /// Right before the first wrapped container.
    Auto,
    /// Before all others.
    First,
    /// After all other init containers.
    Last,
    /// Right behind the init container of this name.
    After(String),
}

/// Whether env-exec revokes the token before the program starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoke {
    /// Where nobody can need it any more.
    Auto,
    /// Never.
    Never,
}

/// What was found, and what is allowed.
pub(super) fn found(text: &str, allowed: &str) -> String {
    format!("found {:?}, allowed is {allowed}", excerpt(text))
}

impl AnnotationValue for bool {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| found(text, "\"true\" or \"false\""))
    }
}

impl AnnotationValue for String {
    fn parse(text: &str) -> Result<Self, String> {
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(found(text, "one word"));
        }
        Ok(text.to_owned())
    }
}

impl AnnotationValue for Word {
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("the value is empty; give one, or leave the annotation out".into());
        }
        String::parse(text).map(Self)
    }
}

impl AnnotationValue for VolumeFile {
    fn parse(text: &str) -> Result<Self, String> {
        let allowed = || found(text, "VOLUME/FILE, as in vault-secrets/token");
        let (volume, file) = text.split_once('/').ok_or_else(allowed)?;
        if volume.is_empty() || !is_path(file) {
            return Err(allowed());
        }
        Ok(Self {
            volume: volume.to_owned(),
            file: file.to_owned(),
        })
    }
}

impl AnnotationValue for ConfigMapKey {
    fn parse(text: &str) -> Result<Self, String> {
        let (name, key) = text.split_once('/').unwrap_or((text, "config.hcl"));
        let is_name = |text: &str| {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
            text.chars().all(is_allowed) && is_path(text)
        };
        if !is_name(name) || !is_name(key) {
            return Err(found(text, "NAME or NAME/KEY, as in web-agent/config.hcl"));
        }
        Ok(Self {
            name: name.to_owned(),
            key: key.to_owned(),
        })
    }
}

impl AnnotationValue for FilePath {
    fn parse(text: &str) -> Result<Self, String> {
        match text.strip_prefix('/') {
            Some(path) if is_path(path) => Ok(Self(text.to_owned())),
            _ => Err(found(
                text,
                "an absolute path without `.` and `..`, as in /home/vault/.vault-token",
            )),
        }
    }
}

/// Segments that lead downwards, and no white space.
fn is_path(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || c.is_whitespace())
        && text
            .split('/')
            .all(|segment| !matches!(segment, "" | "." | ".."))
}

impl AnnotationValue for Names {
    fn parse(text: &str) -> Result<Self, String> {
        let names = list::entries(text)?;
        if names.contains(&"") {
            return Err(found(text, "a list of container names, as \"app, worker\""));
        }
        Ok(Self(names.into_iter().map(str::to_owned).collect()))
    }
}

impl AnnotationValue for VariableNames {
    fn parse(text: &str) -> Result<Self, String> {
        let names = list::entries(text)?.into_iter().map(str::to_owned);
        let names: BTreeSet<_> = names.collect();
        let is_wrong =
            |name: &String| name.is_empty() || name.contains(|c: char| "=$()".contains(c));
        if names.iter().any(is_wrong) {
            return Err(found(
                text,
                "a list of variable names, as \"TENANT, REGION\"",
            ));
        }
        Ok(Self(names))
    }
}

impl AnnotationValue for WritingSources {
    fn parse(text: &str) -> Result<Self, String> {
        let kind = |word: &str| WriteFrom::ALL.into_iter().find(|from| from.word() == word);
        let kinds = list::entries(text)?.into_iter().map(kind);
        let kinds: Option<Vec<_>> = kinds.collect();
        kinds
            .map(Self)
            .ok_or_else(|| found(text, "config-map, secret or both"))
    }
}

impl AnnotationValue for Seconds {
    fn parse(text: &str) -> Result<Self, String> {
        contract::duration::parse_seconds(text)
            .filter(|seconds| *seconds > 0)
            .map(Self)
            .ok_or_else(|| {
                found(
                    text,
                    "a duration of at least a second, such as 90s, 10m, 1h30m or 1d",
                )
            })
    }
}

impl AnnotationValue for Vec<FromPath> {
    fn parse(text: &str) -> Result<Self, String> {
        let paths = list::entries(text)?.into_iter().map(str::parse);
        paths
            .collect::<Result<_, ReferenceError>>()
            .map_err(|error| error.to_string())
    }
}

impl AnnotationValue for AuthConfig {
    fn parse(text: &str) -> Result<Self, String> {
        if text.len() > AUTH_CONFIG {
            let kib = AUTH_CONFIG / 1024;
            return Err(format!("the value is larger than {kib} KiB"));
        }
        crate::yaml::read(text)
            .map(Self)
            .map_err(|error| crate::yaml::place(&error))
    }
}

impl AnnotationValue for InitPosition {
    fn parse(text: &str) -> Result<Self, String> {
        match (text, text.strip_prefix("after:")) {
            ("auto", _) => Ok(Self::Auto),
            ("first", _) => Ok(Self::First),
            ("last", _) => Ok(Self::Last),
            (_, Some(name)) if !name.is_empty() => Ok(Self::After(name.to_owned())),
            _ => Err(found(text, "auto, first, last or after:NAME")),
        }
    }
}

impl AnnotationValue for Restart {
    fn parse(text: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        all.find(|restart| restart.word() == text)
            .ok_or_else(|| found(text, "rerun, retain or fail"))
    }
}

impl AnnotationValue for Revoke {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "never" => Ok(Self::Never),
            _ => Err(found(text, "auto or never")),
        }
    }
}
