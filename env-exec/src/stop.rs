//! Why a run stops before what it was asked for is done.

use nix::sys::signal::Signal;

use crate::error::{End, Error};
use crate::restart::Lack;
use crate::signals::Signals;
use crate::vault::VaultError;

/// Why a run stops, and what is still to be done about the token.
pub(crate) enum Stop {
    /// Something is wrong; the token stays where it is, for the next start.
    Failed(Error),
    /// Somebody asked the process to end.
    Signalled(Signal),
    /// The token is missing or not accepted.
    NoToken(Lack),
}

impl Stop {
    /// A request failed. With a dead token the start ends as one without a token does: what follows is
    /// for `restart` to decide. After any other failure the token stays.
    pub(crate) fn after_request(error: VaultError) -> Self {
        match error {
            VaultError::InvalidToken => Self::NoToken(Lack::Invalid),
            error => Self::Failed(error.into()),
        }
    }

    /// The end of a run that has no token of its own to look after.
    pub(crate) fn end(self, signals: Signals) -> End {
        match self {
            Self::Failed(error) => End::Failed(error),
            Self::Signalled(signal) => End::Signalled(Box::new(signals), signal),
            Self::NoToken(_) => End::Failed(Error::Vault(VaultError::InvalidToken)),
        }
    }
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
