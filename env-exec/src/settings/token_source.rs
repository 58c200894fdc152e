//! Where the token of a start outside of a pod is.

use std::path::PathBuf;

use secrecy::SecretString;

/// Where the token of a start outside of a pod is.
pub(crate) enum TokenSource {
    /// It was the value of this variable.
    Variable(&'static str, SecretString),
    /// In a file that env-exec only reads.
    File(PathBuf),
    /// In the file that `vault login` writes, if it exists.
    Home(Option<PathBuf>),
}
