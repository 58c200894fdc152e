//! What can be wrong with settings, in sentences. No sentence shows a setting's value where that
//! could be a credential; names of keys and mounts are shown, shortened.

use std::fmt;

use contract::names::ANNOTATION_PREFIX;
use contract::{did_you_mean, did_you_mean_or};
use thiserror::Error;

use crate::flavour::Flavour;
use crate::names::{MountPathError, NamespaceError};
use contract::duration::DurationError;

/// Most problems that one message tells; the rest is counted.
const MOST_SHOWN: usize = 8;

/// Everything that is wrong with one pod's settings, in the order of the settings; never empty.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// `Err` if there is any.
    pub(crate) fn none(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self(problems))
        }
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

/// All of them on one line.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().take(MOST_SHOWN).enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{problem}")?;
        }
        match self.0.len().saturating_sub(MOST_SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{setting}: {fault}")]
pub struct Problem {
    /// Where it was written, or should be.
    pub setting: Setting,
    /// What is wrong.
    pub fault: Fault,
}

/// Where a setting comes from: one annotation each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `auth-role`.
    Role,
    /// `auth-mount-path`.
    MountPath,
    /// `auth-namespace`.
    Namespace,
    /// `auth-wrap-ttl`.
    WrapTtl,
    /// `auth-audience`.
    Audience,
    /// `auth-token-expiration`.
    TokenExpiration,
    /// `auth-config`.
    Config,
}

impl Setting {
    /// The annotation's name behind the prefix.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Role => "auth-role",
            Self::MountPath => "auth-mount-path",
            Self::Namespace => "auth-namespace",
            Self::WrapTtl => "auth-wrap-ttl",
            Self::Audience => "auth-audience",
            Self::TokenExpiration => "auth-token-expiration",
            Self::Config => "auth-config",
        }
    }
}

/// The whole annotation key.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ANNOTATION_PREFIX}{}", self.name())
    }
}

/// What is wrong with a setting. `key` is a key of the method's own settings, or the annotation
/// that stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Fault {
    #[error("method `{method}` has no key {key}{}", did_you_mean_or(*nearest, known))]
    UnknownKey {
        method: &'static str,
        key: String,
        nearest: Option<&'static str>,
        known: String,
    },
    #[error("`{key}` belongs to method `{owner}`, not to `{method}`, which has {known}")]
    OtherMethod {
        method: &'static str,
        key: &'static str,
        owner: &'static str,
        known: String,
    },
    #[error("{flavour}'s agent does not know `{key}` of method `{method}` and would ignore it")]
    OtherFlavour {
        method: &'static str,
        key: &'static str,
        flavour: Flavour,
    },
    #[error("`{key}` does not belong here: {sentence}")]
    Refused {
        key: &'static str,
        sentence: &'static str,
    },
    #[error("`{key}` takes {wanted}, and was given {found}")]
    Type {
        key: &'static str,
        wanted: String,
        found: &'static str,
    },
    #[error("`{key}` is a credential that every reader of the pod sees; {instead}")]
    Inline {
        key: &'static str,
        instead: &'static str,
    },
    #[error("`{key}` is empty")]
    Empty { key: &'static str },
    #[error("`{key}` is longer than {most} bytes")]
    TooLong { key: &'static str, most: usize },
    #[error("`{key}` contains {character:?}, which is not allowed there")]
    Character { key: &'static str, character: char },
    #[error("`{key}` begins or ends with white space")]
    OuterSpace { key: &'static str },
    #[error("`{key}` takes {allowed}{}", did_you_mean(*nearest))]
    NotOneOf {
        key: &'static str,
        allowed: String,
        nearest: Option<&'static str>,
    },
    #[error("`{key}` takes a whole number from {min} to {max}")]
    Range {
        key: &'static str,
        min: i64,
        max: i64,
    },
    #[error("`{key}` takes a duration such as `90`, `90s` or `5m`: {reason}")]
    Duration {
        key: &'static str,
        reason: DurationError,
    },
    #[error("method `{method}` needs `{key}`; {hint}")]
    Missing {
        method: &'static str,
        key: &'static str,
        hint: String,
    },
    #[error(
        "method `{method}` needs the file `{file}` (the agent's `{variable}`); mount a Secret with that \
         key by `auth-secret`, or a volume by `auth-volume`"
    )]
    MissingFile {
        method: &'static str,
        variable: &'static str,
        file: &'static str,
    },
    #[error("`{key}` takes the absolute path of a file, such as `{example}`")]
    RelativePath { key: &'static str, example: String },
    #[error("the path of `{key}` has an empty segment, `.` or `..` in it")]
    PathSegment { key: &'static str },
    #[error("the file of `{key}` is not mounted for the agent; {hint}")]
    NotMounted { key: &'static str, hint: String },
    #[error(
        "`{key}` cannot be true, because the file of `{file}` is mounted read-only; mount a volume \
         that the agent can write to"
    )]
    ReadOnly {
        key: &'static str,
        file: &'static str,
    },
    #[error("`{key}` needs `{file}`, the file to remove")]
    NothingToRemove {
        key: &'static str,
        file: &'static str,
    },
    #[error("{0}")]
    Rule(&'static str),
    #[error("method `{method}` takes no role: {sentence}")]
    NoRole {
        method: &'static str,
        sentence: &'static str,
    },
    #[error("the role is given twice, here and as `{key}` of `auth-config`")]
    TwoRoles { key: &'static str },
    #[error("{0}")]
    MountPath(MountPathError),
    #[error("method `{method}` looks its token up at `auth/token`; remove the mount path")]
    NoMountPath { method: &'static str },
    #[error("{0}")]
    Namespace(NamespaceError),
    #[error("the token of method `{method}` comes from no login, so it cannot be wrapped")]
    NotWrappable { method: &'static str },
    #[error("it is {0}")]
    WrapTtl(DurationError),
    #[error("it is less than a second")]
    ShortWrapTtl,
    #[error("it is for a projected ServiceAccount token, and this login reads {instead}")]
    NoProjectedToken { instead: String },
    #[error("the audience {0}")]
    Audience(&'static str),
    #[error("Kubernetes takes from {min} to {max} seconds")]
    TokenExpiration { min: u64, max: u64 },
}

/// `` `a`, `b` or `c` ``.
pub(crate) fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => "none".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A word of the author's, shortened and with nothing in it that could break a line.
pub(crate) fn shown(word: &str) -> String {
    const MOST: usize = 64;
    let start: String = word.chars().take(MOST).collect();
    let dots = if start.len() < word.len() { "…" } else { "" };
    let escaped = start.escape_debug();
    format!("`{escaped}{dots}`")
}
