//! Where a start finds its token, and what it leaves there.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use contract::{ExitCode, Restart};

use super::Stop;
use crate::environment::Environment;
use crate::error::{End, Error};
use crate::foreign;
use crate::report::Reporter;
use crate::restart::{self, Decision, Lack, NoToken};
use crate::settings::{self, Place, Settings};
use crate::signals::Signals;
use crate::token::{self, ForeignToken, Record, Rerun, Token, TokenError, TokenVolume};

/// Where the token is.
pub(super) enum TokenPlace {
    /// In the container's token volume, which env-exec clears.
    Pod(PodToken),
    /// In a file of a pod's that somebody else writes.
    Foreign(ForeignToken),
    /// Where variables say, of which some may give the token. It is only read.
    Elsewhere { consumed: Vec<&'static str> },
}

/// What is in a token volume.
pub(super) struct PodToken {
    /// Nothing if no token was ever handed over.
    volume: Option<TokenVolume>,
    path: String,
    restart: Restart,
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
        let token = PodToken {
            volume: TokenVolume::open(&pod.token_volume)?,
            path: TokenVolume::token_path(&pod.token_volume),
            restart: pod.restart,
        };
        let record = token.record();
        if let Some(last) = record.reruns.last().filter(|_| !record.program_runs()) {
            // A program can write there.
            let reason = foreign::quote(&last.describe());
            report.information(&format!(
                "the init containers were asked to run again {reason}"
            ));
        }
        Ok(Self::Pod(token))
    }

    /// Waits before a start that env-exec did not ask for, if there were such starts before. Without it a
    /// program that ends with the code for a rerun would have the pod log in as fast as it can.
    pub(super) fn slow_down(&self, signals: &Signals, report: &Reporter) -> Result<(), Stop> {
        let Self::Pod(pod) = self else { return Ok(()) };
        let pause = pod.pause_before_program()?;
        if pause.is_zero() {
            return Ok(());
        }
        report.warning(&format!(
            "the init containers ran again and again, and not for this container; waiting {} s. Does a \
             program of this pod crash, or end with exit code {}, which reruns them?",
            pause.as_secs(),
            ExitCode::Rerun.code()
        ));
        match signals.wait(pause) {
            Some(signal) => Err(Stop::Interrupted(signal)),
            None => Ok(()),
        }
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
            Self::Pod(PodToken {
                volume: Some(volume),
                restart: Restart::Retain,
                ..
            }) => volume.put(token),
            Self::Pod(pod) => pod.give_up(),
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
        let Some(volume) = &pod.volume else {
            return Ok(());
        };
        let record = Record {
            program: token::this_process(),
            started: Some(pod.record().next_start()),
            ..Record::default()
        };
        if let Err(error) = volume.set_record(&record) {
            report.warning(&format!(
                "{}: the start cannot be noted there: {error}",
                pod.path
            ));
        }
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
            (Stop::Failed(error), _) => End::Failed(error),
            (Stop::Signalled(signal), _) => {
                if let Err(error) = self.give_up() {
                    report.warning(&error.to_string());
                }
                End::Signalled(Box::new(signals), signal)
            }
            (Stop::Interrupted(signal), _) => End::Signalled(Box::new(signals), signal),
            (Stop::NoToken(lack), Self::Pod(pod)) => pod.without_token(lack, signals, report),
            (Stop::NoToken(lack), Self::Foreign(file)) => End::Failed(without(lack, file)),
            (Stop::NoToken(_), Self::Elsewhere { .. }) => {
                End::Failed(Error::Vault(crate::vault::VaultError::InvalidToken))
            }
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

/// Nobody of ours can write another token.
fn without(lack: Lack, file: &ForeignToken) -> Error {
    match (lack, file.is_shredded()) {
        (Lack::Invalid, _) => Error::NotAccepted(NoToken::NotRenewed),
        (Lack::Missing, false) => Error::NoToken(NoToken::NotWritten, file.path()),
        (Lack::Missing, true) => Error::NoToken(NoToken::NotWrittenAgain, file.path()),
    }
}

impl PodToken {
    fn read(&self) -> Result<Option<Token>, TokenError> {
        self.volume.as_ref().map_or(Ok(None), TokenVolume::read)
    }

    fn record(&self) -> Record {
        self.volume
            .as_ref()
            .map(TokenVolume::record)
            .unwrap_or_default()
    }

    /// Only with a token: without one `restart` decides what follows.
    fn pause_before_program(&self) -> Result<Duration, TokenError> {
        let record = self.record();
        if self.restart != Restart::Rerun || record.program_runs() || self.read()?.is_none() {
            return Ok(Duration::ZERO);
        }
        let start = record.next_start();
        Ok(restart::pause_before_program(start.unasked))
    }

    /// Shreds the token, unless it is to be there for the next start.
    fn give_up(&self) -> Result<(), TokenError> {
        match &self.volume {
            Some(volume) if self.restart != Restart::Retain => volume.shred(),
            _ => Ok(()),
        }
    }

    /// Leaves something for the next start to know.
    fn note(&self, report: &Reporter, change: impl FnOnce(&mut Record)) {
        let Some(volume) = &self.volume else { return };
        let before = volume.record();
        let mut record = before.clone();
        change(&mut record);
        if record != before
            && let Err(error) = volume.set_record(&record)
        {
            report.warning(&format!(
                "{}: that cannot be noted there: {error}",
                self.path
            ));
        }
    }

    fn without_token(&self, lack: Lack, signals: Signals, report: &Reporter) -> End {
        let record = self.record();
        let decision = restart::decide(
            self.restart,
            lack,
            record.program_runs(),
            record.reruns.len(),
            record.gave_up,
        );
        let asked = match (decision, &self.volume) {
            (Decision::GiveUp(why), _) => {
                if why.ends_reruns() {
                    self.note(report, |record| record.gave_up = true);
                }
                Err(match lack {
                    Lack::Invalid => Error::NotAccepted(why),
                    Lack::Missing => Error::NoToken(why, self.path.clone()),
                })
            }
            // Without the volume reruns could not be counted.
            (Decision::Rerun { .. }, None) => {
                Err(Error::NoToken(NoToken::NeverHandedOver, self.path.clone()))
            }
            (Decision::Rerun { pause }, Some(volume)) => Ok((pause, volume)),
        };
        // What Vault does not accept is of no use to the next start.
        let shredded = match (lack, &self.volume) {
            (Lack::Invalid, Some(volume)) => volume.shred(),
            _ => Ok(()),
        };
        let (pause, volume) = match asked.and_then(|asked| Ok(shredded.map(|()| asked)?)) {
            Err(error) => return End::Failed(error),
            Ok(asked) => asked,
        };
        let jittered = ExponentialBuilder::new()
            .with_min_delay(pause)
            .with_jitter();
        if let Some(signal) = signals.wait(jittered.build().next().unwrap_or(pause)) {
            return End::Signalled(Box::new(signals), signal);
        }
        // Not before the pause: what is told to end in it has asked for nothing.
        match note_rerun(volume, record, report.redact(&self.reason(lack))) {
            Err(error) => End::Failed(error),
            Ok(reason) => End::Failed(Error::Rerun(reason)),
        }
    }

    fn reason(&self, lack: Lack) -> String {
        match lack {
            Lack::Missing => format!("no token in {}: this container was restarted", self.path),
            Lack::Invalid => "Vault rejects the token: it is expired, revoked or used up".into(),
        }
    }
}

/// kubelet loses the cause of a rerun, so the next start must be able to tell it; and without a
/// count a rerun must not be asked for.
fn note_rerun(volume: &TokenVolume, mut record: Record, reason: String) -> Result<String, Error> {
    record.ask(Rerun::now(reason.clone()), restart::MOST_RERUNS);
    let noted = volume.set_record(&record);
    noted
        .map(|()| reason)
        .map_err(|error| Error::Token(TokenError::NotWritten(error)))
}
