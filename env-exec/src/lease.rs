//! How long a leased secret lives: no longer than the token that made it, which nobody renews.

use std::fmt;
use std::time::Duration;

use contract::duration::DisplayDuration;
use thiserror::Error;

/// The life of one leased answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    /// What Vault leased it for.
    lease: Duration,
    /// What is left of the token; `None` for ever.
    token: Option<Duration>,
}

/// A secret that would be gone too soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the leased secret lives {life}, which is less than the {} that were asked for", DisplayDuration(*.wanted))]
pub(crate) struct TooShort {
    life: Life,
    wanted: Duration,
}

impl Life {
    /// Vault revokes a token's leases with the token.
    pub(crate) fn new(lease: Duration, token: Option<Duration>) -> Self {
        Self { lease, token }
    }

    /// The smaller of the two.
    pub(crate) fn effective(self) -> Duration {
        self.token.map_or(self.lease, |token| token.min(self.lease))
    }

    /// Refuses one that is shorter than `wanted`.
    pub(crate) fn at_least(self, wanted: Duration) -> Result<(), TooShort> {
        if self.effective() < wanted {
            Err(TooShort { life: self, wanted })
        } else {
            Ok(())
        }
    }
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} (lease {}, token ",
            DisplayDuration(self.effective()),
            DisplayDuration(self.lease)
        )?;
        match self.token {
            Some(token) => write!(f, "{})", DisplayDuration(token)),
            None => f.write_str("without end)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Life;
    use std::time::Duration;

    #[test]
    fn the_smaller_of_lease_and_token() {
        let seconds = Duration::from_secs;
        let cases = [
            (3600, Some(60), 60, "1m (lease 1h, token 1m)"),
            (60, Some(3600), 60, "1m (lease 1m, token 1h)"),
            (90, None, 90, "1m30s (lease 1m30s, token without end)"),
            (0, Some(3661), 0, "0s (lease 0s, token 1h1m1s)"),
        ];
        for (lease, token, effective, shown) in cases {
            let life = Life::new(seconds(lease), token.map(seconds));
            assert_eq!(life.effective(), seconds(effective));
            assert_eq!(life.to_string(), shown);
            assert!(life.at_least(seconds(effective)).is_ok());
            let error = life.at_least(seconds(effective + 1)).unwrap_err();
            assert!(error.to_string().contains(shown), "{error}");
        }
    }
}
