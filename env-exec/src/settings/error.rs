//! Why the settings cannot be used.

use contract::names::SETTINGS_VARIABLE;
use templates::{PathError, ReferenceError};
use thiserror::Error;

use super::AddressError;

/// Why the settings cannot be used.
#[derive(Debug, Error)]
pub(crate) enum SettingsError {
    #[error("{SETTINGS_VARIABLE} cannot be used: {0}")]
    Json(String),
    #[error("{SETTINGS_VARIABLE} is for {found}, and this is {wanted}")]
    Mode {
        found: &'static str,
        wanted: &'static str,
    },
    #[error("{SETTINGS_VARIABLE} is not set: `env-exec agent` runs only in a pod")]
    NoAgentSettings,
    #[error("from-path entry `{entry}`: {error}")]
    FromPath {
        entry: String,
        error: ReferenceError,
    },
    #[error("from-path-keys: {name:?} cannot be a variable's name; choose another one")]
    VariableName { name: String },
    #[error("mount path and key of the transit engine: {0}")]
    Transit(PathError),
    #[error("{name}: {error}")]
    Address {
        name: &'static str,
        error: AddressError,
    },
    #[error("{name} is {value:?}, which is not {wanted}")]
    Variable {
        name: &'static str,
        value: String,
        wanted: &'static str,
    },
    #[error("{name} names {path}, which cannot be read: {reason}")]
    File {
        name: &'static str,
        path: String,
        reason: String,
    },
    #[error("{given} is set and {missing} is not: a client certificate needs both")]
    HalfIdentity {
        given: &'static str,
        missing: &'static str,
    },
    #[error("the TLS client certificate for Vault: {place} {problem}")]
    ClientCertificate { place: String, problem: String },
    #[error("{name} is not UTF-8")]
    NotUtf8 { name: &'static str },
    #[error("Vault namespace {value:?} contains a character that a header cannot hold")]
    Namespace { value: String },
}
