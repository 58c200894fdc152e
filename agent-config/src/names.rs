//! Mount paths and namespaces, in the one form in which they are written out.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Longest mount path or namespace in bytes.
const MOST_BYTES: usize = 512;

/// Where an auth method is mounted: `auth/` and the path that `vault auth enable -path=` was given.
///
/// Read with and without `auth/` (vault-k8s writes it, the bank-vaults webhook does not) and with
/// or without `/` at its ends. A mount whose own path begins with `auth/` is written
/// `auth/auth/…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountPath(String);

impl MountPath {
    /// Where a method is mounted unless somebody chose another path.
    pub(crate) fn of_method(name: &str) -> Self {
        Self(format!("auth/{name}"))
    }

    /// The path below `/v1/`, such as `auth/kubernetes`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MountPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for MountPath {
    type Err = MountPathError;

    fn from_str(text: &str) -> Result<Self, MountPathError> {
        let path = segments(text)?.join("/");
        let shown = || text.trim_matches('/').to_owned();
        if path == "v1" || path.starts_with("v1/") {
            return Err(MountPathError::ApiPrefix { path: shown() });
        }
        let mount = match path.strip_prefix("auth/") {
            Some(mount) => mount,
            None if path == "auth" => return Err(MountPathError::Name(NameError::Empty)),
            None => &path,
        };
        if mount == "login" || mount.ends_with("/login") {
            return Err(MountPathError::Login { path: shown() });
        }
        if let Some((namespace, mount)) = mount.split_once("/auth/") {
            return Err(MountPathError::Namespace {
                namespace: namespace.to_owned(),
                mount: format!("auth/{mount}"),
            });
        }
        Ok(Self(format!("auth/{mount}")))
    }
}

/// A namespace of Vault Enterprise or `OpenBao`, without `/` at its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace(String);

impl Namespace {
    /// The value of `X-Vault-Namespace`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Namespace {
    type Err = NamespaceError;

    fn from_str(text: &str) -> Result<Self, NamespaceError> {
        Ok(Self(segments(text)?.join("/")))
    }
}

/// The segments between the slashes, with no empty one but at the ends.
fn segments(text: &str) -> Result<Vec<&str>, NameError> {
    if text.len() > MOST_BYTES {
        return Err(NameError::TooLong);
    }
    if let Some(character) = text.chars().find(|c| !is_allowed(*c)) {
        return Err(NameError::Character(character));
    }
    let inner = text.strip_prefix('/').unwrap_or(text);
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    if inner.is_empty() {
        return Err(NameError::Empty);
    }
    let segments: Vec<_> = inner.split('/').collect();
    match segments
        .iter()
        .find(|segment| matches!(**segment, "" | "." | ".."))
    {
        None => Ok(segments),
        Some(_) => Err(NameError::Segment),
    }
}

/// The path becomes part of a URL: what would end or change it there is refused.
fn is_allowed(character: char) -> bool {
    !(character.is_whitespace()
        || character.is_control()
        || matches!(character, '?' | '#' | '%' | '\\' | '"'))
}

/// What a mount path and a namespace have in common.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NameError {
    #[error("is empty")]
    Empty,
    #[error("is longer than {MOST_BYTES} bytes")]
    TooLong,
    #[error("contains {0:?}, which is not allowed there")]
    Character(char),
    #[error("has an empty segment, `.` or `..` in it")]
    Segment,
}

/// What is wrong with a mount path.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum MountPathError {
    #[error("the mount path {0}")]
    Name(#[from] NameError),
    #[error("the mount path `{path}` begins with `v1/`; write the part behind it")]
    ApiPrefix { path: String },
    #[error("the mount path `{path}` ends with `login`, which the agent adds itself")]
    Login { path: String },
    #[error(
        "the mount path has the namespace `{namespace}` in it; write `{mount}`, and the namespace \
         as `auth-namespace`"
    )]
    Namespace { namespace: String, mount: String },
}

/// What is wrong with a namespace.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the namespace {0}")]
pub struct NamespaceError(#[from] NameError);

#[cfg(test)]
mod tests {
    use super::{MountPath, Namespace};

    #[test]
    fn one_mount_path_in_many_spellings() {
        for text in [
            "kubernetes",
            "auth/kubernetes",
            "/auth/kubernetes/",
            "kubernetes/",
            "auth/kubernetes/",
        ] {
            let path: MountPath = text.parse().unwrap();
            assert_eq!(path.as_str(), "auth/kubernetes", "{text}");
        }
        for (text, path) in [
            ("k8s/prod-1", "auth/k8s/prod-1"),
            ("auth/auth/x", "auth/auth/x"),
            ("authority", "auth/authority"),
            ("logins", "auth/logins"),
        ] {
            assert_eq!(text.parse::<MountPath>().unwrap().as_str(), path);
        }
    }

    #[test]
    fn malformed_mount_path_is_rejected() {
        let cases = [
            ("", "is empty"),
            ("/", "is empty"),
            ("auth", "is empty"),
            ("auth/", "is empty"),
            ("//kubernetes", "empty segment"),
            ("auth//kubernetes", "empty segment"),
            ("auth/../sys", "`..`"),
            ("auth/./k", "`.`"),
            ("auth/k8s prod", "' '"),
            ("auth/k8s\n", "'\\n'"),
            ("auth/k8s?x", "'?'"),
            ("auth/%2e%2e/sys", "'%'"),
            ("/v1/auth/kubernetes", "`v1/`"),
            ("auth/kubernetes/login", "`login`"),
            ("team-a/auth/kubernetes", "namespace `team-a`"),
            ("auth/team-a/auth/kubernetes", "namespace `team-a`"),
        ];
        for (text, part) in cases {
            let error = text.parse::<MountPath>().unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
            assert!(!error.contains('\n'), "{text:?}: {error}");
        }
        assert!("a".repeat(513).parse::<MountPath>().is_err());
    }

    #[test]
    fn a_namespace_has_no_outer_slashes() {
        for text in ["team-a/web", "team-a/web/", "/team-a/web/"] {
            assert_eq!(text.parse::<Namespace>().unwrap().as_str(), "team-a/web");
        }
        for text in ["", "/", "a//b", "a/../b", "a b", "a\0b"] {
            assert!(text.parse::<Namespace>().is_err(), "{text:?}");
        }
    }
}
