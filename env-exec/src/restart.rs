//! What a start without a usable token does.

use std::time::Duration;

use contract::names::{AGENT_CONTAINER, ANNOTATION_PREFIX};
use contract::{ExitCode, Restart};
use thiserror::Error;

/// Reruns in a row, after which kubelet's own back-off must slow us.
pub(crate) const MOST_RERUNS: usize = 2;

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
        "this container's program already runs and used the token; `kubectl exec`, probes and hooks \
         see no values"
    )]
    ProgramRuns,
    /// The agent's init container did not do its work.
    #[error("no token was ever handed over; read the log of the init container {AGENT_CONTAINER}")]
    NeverHandedOver,
    /// Reruns did not help.
    #[error(
        "{MOST_RERUNS} reruns gave no token; read the logs of the init containers; the next restart \
         tries again"
    )]
    RerunsDidNotHelp,
    /// Reruns gave tokens, and none was good for all that is asked with it.
    #[error(
        "Vault still rejects the token after {MOST_RERUNS} reruns; the role needs token_num_uses=0 \
         and a token_ttl longer than the pod's start; the next restart tries again"
    )]
    NeverAccepted,
    /// `restart` is `retain`, and yet there is no token.
    #[error("the token kept for restarts is missing; delete the pod to log in again")]
    Lost,
    /// `restart` is `retain`, and the token's life is over.
    #[error(
        "the token kept for restarts has expired or was revoked; set a longer token_ttl for its role \
         and delete the pod"
    )]
    Expired,
    /// `restart` is `fail`, and an earlier start used the token up.
    #[error("an earlier start of this container used the token; delete the pod to log in again")]
    UsedUp,
    /// The token of somebody else is not there.
    #[error(
        "its writer ({ANNOTATION_PREFIX}token-from) has not run yet; the next restart tries again"
    )]
    NotWritten,
    /// The token of somebody else is not there, and env-exec may have shredded it.
    #[error(
        "its writer ({ANNOTATION_PREFIX}token-from) has not run yet, or an earlier start shredded it \
         ({ANNOTATION_PREFIX}restart: fail); delete the pod"
    )]
    NotWrittenAgain,
    /// The token of somebody else has no life left.
    #[error(
        "Vault rejects the token of {ANNOTATION_PREFIX}token-from (expired or revoked); its writer \
         must write a new one"
    )]
    NotRenewed,
    /// `restart` is `fail`, and the token's life is over.
    #[error(
        "Vault rejects the token (expired, revoked or used up); delete the pod to log in again"
    )]
    NotAccepted,
}

impl NoToken {
    /// Whether this ends a row of reruns.
    pub(crate) fn ends_reruns(self) -> bool {
        matches!(self, Self::RerunsDidNotHelp | Self::NeverAccepted)
    }

    /// The code with which the start ends.
    pub(crate) fn exit_code(self) -> ExitCode {
        match self {
            Self::Expired | Self::NeverAccepted | Self::NotAccepted | Self::NotRenewed => {
                ExitCode::Refused
            }
            _ => ExitCode::NoToken,
        }
    }
}

/// Decides by what earlier starts have left.
///
/// A start after one that gave up has kubelet's back-off behind it, and may ask once more: so a pod
/// recovers, however late the cause goes away, and with one login for each of kubelet's pauses. But not
/// where there is a token: another container had the init containers run again, which kubelet does
/// without a pause for anybody, and their token is no better.
pub(crate) fn decide(
    restart: Restart,
    lack: Lack,
    program_runs: bool,
    reruns: usize,
    gave_up: bool,
) -> Decision {
    let reason = match (restart, lack) {
        (_, Lack::Missing) if program_runs => NoToken::ProgramRuns,
        (Restart::Rerun, Lack::Invalid) if program_runs => NoToken::NotAccepted,
        (Restart::Rerun, Lack::Missing) if reruns >= MOST_RERUNS && !gave_up => {
            NoToken::RerunsDidNotHelp
        }
        (Restart::Rerun, Lack::Invalid) if reruns >= MOST_RERUNS => NoToken::NeverAccepted,
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

/// How long a start waits that env-exec did not ask for. The init containers ran again and logged in,
/// because the program itself ended with the code that asks for it, or another container did: kubelet
/// does that without a pause. The first is for nothing. The longest is shorter than kubelet's default
/// patience with a liveness probe (three times 10 s), because a neighbour of such a container waits too.
pub(crate) fn pause_before_program(unasked: u32) -> Duration {
    match unasked {
        0 | 1 => Duration::ZERO,
        2 => Duration::from_secs(10),
        _ => Duration::from_secs(20),
    }
}

#[cfg(test)]
mod tests {
    use super::{Decision, Lack, NoToken, decide, pause_before_program};
    use crate::error::Error;
    use contract::Restart;
    use contract::message::{MESSAGE_WORDS, words};
    use std::time::Duration;

    #[test]
    fn pause_before_program_stays_below_a_probes_patience() {
        let pauses = [0, 1, 2, 3, 4, 5, 6, 7, 8, u32::MAX].map(pause_before_program);
        let seconds = [0, 0, 10, 20, 20, 20, 20, 20, 20, 20];
        assert_eq!(pauses, seconds.map(Duration::from_secs));
    }

    #[test]
    fn reasons_are_short_behind_the_place_of_the_token() {
        for why in [
            NoToken::ProgramRuns,
            NoToken::NeverHandedOver,
            NoToken::RerunsDidNotHelp,
            NoToken::Lost,
            NoToken::UsedUp,
            NoToken::NotWritten,
            NoToken::NotWrittenAgain,
        ] {
            let sentence = Error::NoToken(why, "/tokenpipe/token".into()).to_string();
            let count = words(&sentence);
            assert!(count <= MESSAGE_WORDS, "{count} words: {sentence}");
        }
    }

    #[test]
    fn the_table() {
        use Lack::{Invalid, Missing};
        use Restart::{Fail, Rerun, Retain};
        let rerun = |pause| Decision::Rerun {
            pause: Duration::from_millis(pause),
        };
        let ends = Decision::GiveUp;
        for (restart, lack, program_runs, reruns, gave_up, decision) in [
            (Rerun, Missing, false, 0, false, rerun(500)),
            (Rerun, Invalid, false, 0, false, rerun(500)),
            (Rerun, Missing, false, 1, false, rerun(10_000)),
            (
                Rerun,
                Missing,
                false,
                2,
                false,
                ends(NoToken::RerunsDidNotHelp),
            ),
            (
                Rerun,
                Invalid,
                false,
                2,
                false,
                ends(NoToken::NeverAccepted),
            ),
            // kubelet has waited, or another container has asked.
            (Rerun, Missing, false, 2, true, rerun(10_000)),
            (Rerun, Invalid, false, 2, true, ends(NoToken::NeverAccepted)),
            (Rerun, Missing, true, 0, false, ends(NoToken::ProgramRuns)),
            (Rerun, Missing, true, 2, true, ends(NoToken::ProgramRuns)),
            (Rerun, Invalid, true, 0, false, ends(NoToken::NotAccepted)),
            (Retain, Missing, false, 0, false, ends(NoToken::Lost)),
            (Retain, Invalid, false, 0, false, ends(NoToken::Expired)),
            (Retain, Missing, true, 0, false, ends(NoToken::ProgramRuns)),
            (Fail, Missing, false, 0, false, ends(NoToken::UsedUp)),
            (Fail, Invalid, false, 0, false, ends(NoToken::NotAccepted)),
            (Fail, Missing, true, 0, false, ends(NoToken::ProgramRuns)),
        ] {
            assert_eq!(
                decide(restart, lack, program_runs, reruns, gave_up),
                decision,
                "{restart:?} {lack:?} {program_runs} {reruns} {gave_up}"
            );
        }
    }
}
