//! Sentences about a start that goes on all the same.

use std::fmt::Display;
use std::time::Duration;

use contract::ExitCode;

use crate::vault::VaultError;

/// Of a connection without verification.
pub(super) const NOT_VERIFIED: &str =
    "Vault's certificate is not verified, so another server could answer";

/// Of a start that env-exec did not ask for, after others like it.
pub(super) fn describe_pause(pause: Duration) -> String {
    format!(
        "the init containers ran again without a request of this container; waiting {} s; check \
         the pod's programs for crashes and exit code {}",
        pause.as_secs(),
        ExitCode::Rerun.code()
    )
}

/// Of a leased secret, where Vault did not tell how long the token lives.
pub(super) fn describe_unknown_life(path: impl Display, error: &VaultError) -> String {
    format!("`{path}` is leased, and the life of the token is unknown: {error}")
}

#[cfg(test)]
mod tests {
    use contract::message::{MESSAGE_WORDS, words};

    use super::{Duration, NOT_VERIFIED, VaultError, describe_pause, describe_unknown_life};

    #[test]
    fn warnings_are_short() {
        let timeout = VaultError::Timeout {
            address: "https://vault.example:8200".into(),
            after: Duration::from_millis(2500),
        };
        let gave_up = VaultError::GaveUp {
            error: Box::new(timeout),
            limit: "3 attempts within 5 s".into(),
        };
        for warning in [
            NOT_VERIFIED.to_owned(),
            describe_pause(Duration::from_secs(20)),
            describe_unknown_life("database/creds/web", &gave_up),
        ] {
            let count = words(&warning);
            assert!(count <= MESSAGE_WORDS, "{count} words: {warning}");
        }
    }
}
