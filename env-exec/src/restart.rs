//! What a start without a usable token does.

use std::time::Duration;

use contract::names::{AGENT_CONTAINER, ANNOTATION_PREFIX};
use contract::{ExitCode, Restart};
use thiserror::Error;

/// Reruns in a row, after which kubelet's own back-off must slow us.
const MOST_RERUNS: usize = 2;

/// How many of them count on after a start that gave up: kubelet waits before the next one, which may
/// ask once more. So a pod recovers, however long that takes, with one login for each of kubelet's
/// pauses.
pub(crate) const KEPT_RERUNS: usize = MOST_RERUNS - 1;

/// What is wrong with the token, in a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lack {
    /// It is not there: an earlier start of this container used it up.
    Missing,
    /// Vault does not know it, or no longer.
    Invalid,
}

/// What to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Wait at least this long, then ask for the init containers.
    Rerun {
        /// The shortest pause; jitter at most doubles it.
        pause: Duration,
    },
    /// End with this.
    GiveUp(NoToken),
}

/// Why no rerun is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum NoToken {
    /// Not the container's first process.
    #[error(
        "this container's program runs already, and its token was used up when it started: values \
         reach that program and its children only, not `kubectl exec`, probes or hooks"
    )]
    ProgramRuns,
    /// The agent's init container did not do its work.
    #[error("no token was ever handed over; see the logs of the init container {AGENT_CONTAINER}")]
    NeverHandedOver,
    /// Reruns did not help.
    #[error(
        "running the init containers again {0} times gave no usable token; see their logs; the \
         container's next start asks once more"
    )]
    RerunsDidNotHelp(usize),
    /// Reruns gave tokens, and none was good for all that is asked with it.
    #[error(
        "running the init containers again {0} times gave no token that Vault accepts: if its role has \
         a `token_num_uses` other than 0, a token is used up before all values are read; the \
         container's next start asks once more"
    )]
    NeverAccepted(usize),
    /// `restart` is `retain`, and yet there is no token.
    #[error(
        "the token that was kept for restarts is gone; delete the pod so that a new one logs in"
    )]
    Lost,
    /// `restart` is `retain`, and the token's life is over.
    #[error(
        "the token that was kept for restarts has expired or was revoked; delete the pod so that a new one logs in"
    )]
    Expired,
    /// `restart` is `fail`, and an earlier start used the token up.
    #[error(
        "this container was restarted, and its token was used up by its first start, or removed when \
         that was told to end; delete the pod so that a new one logs in"
    )]
    UsedUp,
    /// The token of somebody else is not there.
    #[error(
        "whoever is to write it (annotation {ANNOTATION_PREFIX}token-from) has not done so; the \
         container's next start looks again"
    )]
    NotWritten,
    /// The token of somebody else is not there, and env-exec may have shredded it.
    #[error(
        "whoever is to write it (annotation {ANNOTATION_PREFIX}token-from) has not done so, or an \
         earlier start of this container has shredded it ({ANNOTATION_PREFIX}restart: fail)"
    )]
    NotWrittenAgain,
    /// The token of somebody else has no life left.
    #[error(
        "Vault does not accept the token of annotation {ANNOTATION_PREFIX}token-from (expired or \
         revoked); whoever wrote it must write another"
    )]
    NotRenewed,
    /// `restart` is `fail`, and the token's life is over.
    #[error(
        "Vault does not accept the token (expired, revoked, or used up where its role has a \
         `token_num_uses`); delete the pod so that a new one logs in"
    )]
    NotAccepted,
}

impl NoToken {
    /// Whether this ends a row of reruns.
    pub(crate) fn ends_reruns(self) -> bool {
        matches!(self, Self::RerunsDidNotHelp(_) | Self::NeverAccepted(_))
    }

    /// The code with which the start ends.
    pub(crate) fn exit_code(self) -> ExitCode {
        match self {
            Self::Expired | Self::NeverAccepted(_) | Self::NotAccepted | Self::NotRenewed => {
                ExitCode::Refused
            }
            _ => ExitCode::NoToken,
        }
    }
}

/// Decides. `reruns` is how many were asked for in a row.
pub(crate) fn decide(restart: Restart, lack: Lack, program_runs: bool, reruns: usize) -> Decision {
    let reason = match (restart, lack) {
        (_, Lack::Missing) if program_runs => NoToken::ProgramRuns,
        (Restart::Rerun, Lack::Invalid) if program_runs => NoToken::NotAccepted,
        (Restart::Rerun, Lack::Missing) if reruns >= MOST_RERUNS => {
            NoToken::RerunsDidNotHelp(reruns)
        }
        (Restart::Rerun, Lack::Invalid) if reruns >= MOST_RERUNS => NoToken::NeverAccepted(reruns),
        (Restart::Rerun, _) => {
            return Decision::Rerun {
                pause: pause(reruns),
            };
        }
        (Restart::Retain, Lack::Missing) => NoToken::Lost,
        (Restart::Retain, Lack::Invalid) => NoToken::Expired,
        (Restart::Fail, Lack::Missing) => NoToken::UsedUp,
        (Restart::Fail, Lack::Invalid) => NoToken::NotAccepted,
    };
    Decision::GiveUp(reason)
}

/// The pods of a Deployment crash together, and are not to log in together. The first pause is short,
/// because a crash is to be over soon; a second rerun in a row has no back-off of kubelet's.
fn pause(reruns: usize) -> Duration {
    Duration::from_millis(if reruns == 0 { 500 } else { 10_000 })
}

#[cfg(test)]
mod tests {
    use super::{Decision, Lack, NoToken, decide};
    use contract::Restart;
    use std::time::Duration;

    #[test]
    fn the_table() {
        use Lack::{Invalid, Missing};
        use Restart::{Fail, Rerun, Retain};
        let rerun = |pause| Decision::Rerun {
            pause: Duration::from_millis(pause),
        };
        let cases = [
            (Rerun, Missing, false, 0, rerun(500)),
            (Rerun, Invalid, false, 0, rerun(500)),
            (Rerun, Missing, false, 1, rerun(10_000)),
            (
                Rerun,
                Missing,
                false,
                2,
                Decision::GiveUp(NoToken::RerunsDidNotHelp(2)),
            ),
            (
                Rerun,
                Invalid,
                false,
                2,
                Decision::GiveUp(NoToken::NeverAccepted(2)),
            ),
            (
                Rerun,
                Missing,
                false,
                9,
                Decision::GiveUp(NoToken::RerunsDidNotHelp(9)),
            ),
            (
                Rerun,
                Missing,
                true,
                0,
                Decision::GiveUp(NoToken::ProgramRuns),
            ),
            (
                Rerun,
                Invalid,
                true,
                0,
                Decision::GiveUp(NoToken::NotAccepted),
            ),
            (Retain, Missing, false, 0, Decision::GiveUp(NoToken::Lost)),
            (
                Retain,
                Invalid,
                false,
                0,
                Decision::GiveUp(NoToken::Expired),
            ),
            (
                Retain,
                Missing,
                true,
                0,
                Decision::GiveUp(NoToken::ProgramRuns),
            ),
            (Fail, Missing, false, 0, Decision::GiveUp(NoToken::UsedUp)),
            (
                Fail,
                Invalid,
                false,
                0,
                Decision::GiveUp(NoToken::NotAccepted),
            ),
            (
                Fail,
                Missing,
                true,
                0,
                Decision::GiveUp(NoToken::ProgramRuns),
            ),
        ];
        for (restart, lack, program_runs, reruns, decision) in cases {
            assert_eq!(
                decide(restart, lack, program_runs, reruns),
                decision,
                "{restart:?} {lack:?} {program_runs} {reruns}"
            );
        }
    }
}
