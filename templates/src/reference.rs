//! One reference: which request to make, and what to take from the answer.
//!
//! ```text
//! direct  := "vault:"   PATH ["?"] "#" WHAT ["#" VERSION]      read
//!          | ">>vault:" PATH ["?"] "#" WHAT ["#" JSON-OBJECT]  write (Vault's "update")
//!          | "vault:v" DIGITS ":" CIPHERTEXT                   transit
//!          | "vault:login"                                     only as the value of VAULT_TOKEN
//! WHAT    := KEY ["?"] | text with at least one "${ action }"
//! ```
//!
//! Version 0 is the latest one. In a PATH a space is `%20`; see [`crate::path::ESCAPES`].
//!
//! Which text begins with a reference at all is the table of [`shape`].
//!
//! `#` separates the parts wherever it does not stand inside an action, so text around actions
//! cannot contain it; `${"#"}` does.

mod parse;
pub(crate) mod shape;

use std::fmt;

use thiserror::Error;

pub(crate) use parse::parse_at;
pub use shape::{is_json, starts_reference};

use crate::path::{PathError, VaultPath};

/// The prefix of a reference that reads.
pub const READ: &str = "vault:";
/// The prefix of a reference that writes.
pub const WRITE: &str = ">>vault:";

/// What stands behind `vault:` or `>>vault:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A field or template of what a path gives.
    Secret(SecretReference),
    /// A ciphertext of the transit engine, `vault:v1:…`, to decrypt.
    Transit(String),
    /// The client token itself.
    Login,
}

/// A request and what to take from its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretReference {
    /// What to ask Vault.
    pub request: Request,
    /// `?` behind the path: an absent path is not an error.
    pub optional: bool,
    /// What to take from the answer.
    pub selector: Selector,
}

/// A request to Vault. Equal requests are made once in a process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Request {
    /// `GET /v1/PATH[?version=N]`.
    Read {
        /// The path below `/v1`.
        path: VaultPath,
        /// Version of a KV 2 secret; the latest if absent.
        version: Option<u32>,
    },
    /// `PUT /v1/PATH` with a JSON object.
    Write {
        /// The path below `/v1`.
        path: VaultPath,
        /// The body.
        body: Body,
    },
}

impl Request {
    /// The path below `/v1`.
    pub fn path(&self) -> &VaultPath {
        match self {
            Self::Read { path, .. } | Self::Write { path, .. } => path,
        }
    }
}

/// The JSON object of a write, with sorted keys. It may hold what nobody should read in a log.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Body(String);

impl Body {
    /// The object as JSON text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body(<hidden>)")
    }
}

/// What to take from an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// One field, which must be a scalar.
    Key {
        /// Name of the field.
        name: String,
        /// `?` behind the key: an absent field is not an error.
        optional: bool,
    },
    /// The source of a template, for which `.` is the map of all fields.
    Template(String),
}

/// One entry of `from-path`: every key of a path becomes a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FromPath {
    /// What to read.
    pub request: Request,
    /// `?` behind the path: an absent path gives no variables.
    pub optional: bool,
}

/// As in an annotation: `PATH[?][#VERSION]`.
impl fmt::Display for FromPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A comma separates entries.
        let path = self.request.path().to_string().replace(',', "%2C");
        write!(f, "{path}{}", if self.optional { "?" } else { "" })?;
        match self.request {
            Request::Read {
                version: Some(version),
                ..
            } => write!(f, "#{version}"),
            _ => Ok(()),
        }
    }
}

/// The whole reference, in the form that [`crate::EnvValue::parse`] reads back.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(secret) => secret.fmt(f),
            Self::Transit(ciphertext) => f.write_str(ciphertext),
            Self::Login => f.write_str("vault:login"),
        }
    }
}

impl fmt::Display for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self.request {
            Request::Read { .. } => READ,
            Request::Write { .. } => WRITE,
        };
        let question = if self.optional { "?" } else { "" };
        write!(
            f,
            "{prefix}{}{question}#{}",
            self.request.path(),
            self.selector
        )?;
        match &self.request {
            Request::Read { version: None, .. } => Ok(()),
            Request::Read {
                version: Some(version),
                ..
            } => write!(f, "#{version}"),
            Request::Write { body, .. } if body.0 == "{}" => Ok(()),
            Request::Write { body, .. } => write!(f, "#{}", body.0),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { name, optional } => {
                write!(f, "{name}{}", if *optional { "?" } else { "" })
            }
            Self::Template(source) => f.write_str(source),
        }
    }
}

/// Why a text that begins like a reference is none. Shows paths and keys, never a body.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ReferenceError {
    #[error("{0}")]
    Path(PathError),
    #[error("{0}")]
    FromPath(PathError),
    #[error("`{READ}{path}` names no key; write `{READ}{path}#KEY`")]
    NoKey { path: VaultPath },
    #[error("the key of path `{path}` is empty; name one")]
    EmptyKey { path: VaultPath },
    #[error(
        "key {key:?} of path `{path}` contains {character:?}; write it as a template, \
         `${{index . \"KEY\"}}`"
    )]
    KeyCharacter {
        path: VaultPath,
        key: String,
        character: char,
    },
    #[error(
        "version {version:?} of path `{path}` is not a whole number; leave it out for the latest, \
         or write `${{\"#\"}}` for `#`"
    )]
    Version { path: VaultPath, version: String },
    #[error("the body of the write to `{path}` is no JSON object: {reason}")]
    Body {
        path: VaultPath,
        reason: &'static str,
    },
    #[error("a template action of path `{path}` has no closing `}}`")]
    UnclosedAction { path: VaultPath },
    #[error("an inline reference, `${{vault:…`, has no closing `}}`")]
    UnclosedReference,
    #[error("`vault:login` is only allowed as the whole value of VAULT_TOKEN")]
    Login,
}

impl ReferenceError {
    /// Whether the author perhaps meant the text and no reference. How to say that depends on where
    /// the text is.
    pub const fn may_be_text(&self) -> bool {
        matches!(self, Self::Path(_) | Self::NoKey { .. })
    }
}
