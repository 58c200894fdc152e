//! Why a variable has no value.

use contract::ExitCode;
use contract::names::ANNOTATION_PREFIX as P;
use templates::TemplateError;
use thiserror::Error;

use crate::foreign;
use crate::lease::TooShort;
use crate::vault::{Absence, VaultError};

/// Why a ciphertext has no plaintext.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum TransitError {
    #[error(
        "the value is a ciphertext of the transit engine, and no transit key is configured for \
         this container"
    )]
    NoKey,
    #[error("Vault cannot decrypt the ciphertext: {0}")]
    Refused(String),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Why a variable has no value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum RenderError {
    #[error("{0}")]
    Absent(Absence),
    #[error("`{path}` has no key `{key}`{hint}")]
    NoKey {
        path: String,
        key: String,
        hint: String,
    },
    #[error("key `{key}` of `{path}` is {kind}; write {fix}")]
    NotScalar {
        path: String,
        key: String,
        kind: &'static str,
        fix: String,
    },
    #[error("`{path}`: {error}")]
    Template {
        path: String,
        error: Box<TemplateError>,
    },
    #[error(
        "key `{0}` of `{path}` decides {decides}; allow it (`{0}`) or leave it out (`-{0}`) in \
         {P}from-path-keys",
        foreign::quote(key)
    )]
    StartupName {
        path: String,
        key: String,
        decides: &'static str,
    },
    #[error(
        "keys `{}` and `{}` of `{path}` both become variable {name}; leave one out, or rename it, \
         in {P}from-path-keys",
        foreign::quote(&keys[0]),
        foreign::quote(&keys[1])
    )]
    SameName {
        path: String,
        keys: [String; 2],
        name: String,
    },
    #[error("`{path}`: {error}")]
    Lease { path: String, error: TooShort },
    #[error("`{path}` is leased, and the life of the token is unknown: {error}")]
    LifeUnknown { path: String, error: VaultError },
    #[error(transparent)]
    Transit(#[from] TransitError),
    #[error("{0}")]
    Vault(#[from] VaultError),
    #[error("the token is not at hand")]
    NoToken,
}

impl RenderError {
    /// The code with which a start ends that met this.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Vault(error)
            | Self::LifeUnknown { error, .. }
            | Self::Transit(TransitError::Vault(error)) => error.exit_code(),
            _ => ExitCode::Reference,
        }
    }

    /// Whether it is nothing but an absent path or key.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Absent(_) | Self::NoKey { .. })
    }
}
