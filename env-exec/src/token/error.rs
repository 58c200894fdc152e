//! Why there is no token, or why it stays.

use contract::names::ANNOTATION_PREFIX;
use thiserror::Error;

use crate::files::FileError;

/// Why there is no token. Never shows what was read.
#[derive(Debug, Error)]
pub(crate) enum TokenError {
    #[error("token file {path} {problem}")]
    File { path: String, problem: FileError },
    #[error("token file {path} is empty")]
    Empty { path: String },
    #[error("{place} holds a token with a space or control character inside")]
    Characters { place: String },
    #[error(
        "no token; set VAULT_TOKEN, BAO_TOKEN or VAULT_TOKEN_FILE, or log in with `vault login`, \
         which writes ~/.vault-token"
    )]
    None,
    #[error("the token file begins like a wrapped token and is none")]
    WrapInfo,
    #[error(
        "token file {path} holds a wrapped token, which gives the real one only once; have the \
         real one written, or set {ANNOTATION_PREFIX}restart to \"fail\""
    )]
    WrappedAndKept { path: String },
    #[error("the token volume cannot be written: {0}")]
    NotWritten(std::io::Error),
    #[error("{path} cannot be shredded: {reason}")]
    NotShredded { path: String, reason: String },
}
