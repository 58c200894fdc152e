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
    /// The same before the token was read: it stays for the next start, which then needs no login.
    Interrupted(Signal),
    /// The token is missing or not accepted.
    NoToken(Lack),
}

impl Stop {
    /// A request failed. With a dead token the start ends as one without a token does: what follows is
    /// for `restart` to decide. After any other failure the token stays.
    pub(super) fn after_request(error: VaultError) -> Self {
        match error {
            VaultError::InvalidToken => Self::NoToken(Lack::Invalid),
            error => Self::Failed(error.into()),
        }
    }
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
