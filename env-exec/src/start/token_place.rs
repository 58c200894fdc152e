//! Where a start finds its token, and what it leaves there.

use contract::Restart;
use nix::sys::signal::Signal;

use super::no_token;
use super::pod_token::PodToken;
use super::warnings::describe_pause;
use crate::environment::Environment;
use crate::error::{End, Error};
use crate::report::Reporter;
use crate::restart::Lack;
use crate::settings::{self, Place, Settings};
use crate::signals::Signals;
use crate::stop::Stop;
use crate::token::{self, ForeignToken, Token, TokenError};

/// Where the token is.
pub(super) enum TokenPlace {
    /// In the container's token volume, which env-exec clears.
    Pod(PodToken),
    /// In a file of a pod's that somebody else writes.
    Foreign(ForeignToken),
    /// Where variables say, of which some may give the token. It is only read.
    Elsewhere { consumed: Vec<&'static str> },
}

impl TokenPlace {
    /// Looks where the token should be, and tells why the init containers ran again if they did.
    pub(super) fn open(
        settings: &Settings,
        environment: &Environment,
        report: &Reporter,
    ) -> Result<Self, Error> {
        let Place::Pod(pod) = &settings.place else {
            let consumed = settings::token_variables(environment);
            return Ok(Self::Elsewhere { consumed });
        };
        if let Some(file) = &pod.token_file {
            let is_shredded = pod.restart != Restart::Retain;
            let token = ForeignToken::new(&pod.token_volume, file, is_shredded);
            return Ok(Self::Foreign(token));
        }
        let token = PodToken::open(&pod.token_volume, pod.restart, report)?;
        Ok(Self::Pod(token))
    }

    /// Waits before a start that env-exec did not ask for, if there were such starts before. Without it a
    /// program that ends with the code for a rerun would have the pod log in as fast as it can.
    /// Gives the signal that ended the wait.
    pub(super) fn slow_down(
        &self,
        signals: &Signals,
        report: &Reporter,
    ) -> Result<Option<Signal>, TokenError> {
        let Self::Pod(pod) = self else {
            return Ok(None);
        };
        let pause = pod.pause_before_program()?;
        if pause.is_zero() {
            return Ok(None);
        }
        report.warning(&describe_pause(pause));
        Ok(signals.wait(pause))
    }

    /// Reads the token.
    pub(super) fn read(&self, environment: &Environment) -> Result<Token, Stop> {
        match self {
            Self::Pod(pod) => pod.read()?.ok_or(Stop::NoToken(Lack::Missing)),
            Self::Foreign(file) => file.read()?.ok_or(Stop::NoToken(Lack::Missing)),
            Self::Elsewhere { .. } => {
                let source = settings::token_source(environment)?;
                Ok(token::standalone(&source)?)
            }
        }
    }

    /// Refuses to use up what somebody else's next reader needs.
    pub(super) fn check_can_unwrap(&self) -> Result<(), TokenError> {
        match self {
            Self::Foreign(file) => file.check_can_unwrap(),
            Self::Pod(_) | Self::Elsewhere { .. } => Ok(()),
        }
    }

    /// What is in the volume has given the token and is spent: the next start can have the token
    /// itself, or nothing.
    pub(super) fn unwrapped(&self, token: &Token) -> Result<(), TokenError> {
        match self {
            Self::Pod(pod) => pod.replace(token),
            Self::Foreign(file) => file.give_up(),
            Self::Elsewhere { .. } => Ok(()),
        }
    }

    /// Whether the token is to be there for the next start.
    pub(super) fn is_retained(&self) -> bool {
        matches!(self, Self::Pod(pod) if pod.restart == Restart::Retain)
    }

    /// The variables that give a token, which the program has no use for.
    pub(super) fn consumed(&self) -> &[&'static str] {
        match self {
            Self::Elsewhere { consumed } => consumed,
            Self::Pod(_) | Self::Foreign(_) => &[],
        }
    }

    /// Leaves no token behind, and a mark that the program was started.
    pub(super) fn clear(&self, report: &Reporter) -> Result<(), Error> {
        let pod = match self {
            Self::Pod(pod) => pod,
            Self::Foreign(file) => return Ok(file.give_up()?),
            Self::Elsewhere { .. } => return Ok(()),
        };
        pod.give_up()?;
        pod.note_start(report);
        Ok(())
    }

    /// Ends a start that stopped before exec.
    pub(super) fn end(&self, stop: Stop, signals: Signals, report: &Reporter) -> End {
        match (stop, self) {
            (Stop::Failed(error), Self::Pod(pod)) => {
                // A row of reruns is over: kubelet waits before the next start.
                pod.note(report, |record| {
                    record.reruns.clear();
                    record.gave_up = false;
                    record.started = None;
                });
                End::Failed(error)
            }
            (Stop::Signalled(signal), _) => {
                if let Err(error) = self.give_up() {
                    report.warning(&error.to_string());
                }
                End::Signalled(Box::new(signals), signal)
            }
            (Stop::NoToken(lack), Self::Pod(pod)) => {
                no_token::end_in_pod(pod, lack, signals, report)
            }
            (Stop::NoToken(lack), Self::Foreign(file)) => {
                End::Failed(no_token::foreign_error(lack, file))
            }
            (stop, _) => stop.end(signals),
        }
    }

    fn give_up(&self) -> Result<(), TokenError> {
        match self {
            Self::Pod(pod) => pod.give_up(),
            Self::Foreign(file) => file.give_up(),
            Self::Elsewhere { .. } => Ok(()),
        }
    }
}
