//! Why a start stops before exec.

use nix::sys::signal::Signal;

use crate::error::Error;
use crate::restart::Lack;
use crate::vault::VaultError;

/// Why a start stops before exec, and what is still to be done about the token.
pub(super) enum Stop {
    /// Something is wrong; the token stays where it is, for the next start.
    Failed(Error),
    /// Somebody asked the process to end.
    Signalled(Signal),
    /// The token is missing or not accepted.
    NoToken(Lack),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        match error.into() {
            Error::Vault(VaultError::InvalidToken) => Self::NoToken(Lack::Invalid),
            error => Self::Failed(error),
        }
    }
}
