//! The token in the volume that the agent's init container fills.

use std::path::Path;
use std::time::Duration;

use contract::Restart;

use crate::foreign;
use crate::report::Reporter;
use crate::restart;
use crate::token::{self, Record, Token, TokenError, TokenVolume};

/// What is in a token volume.
pub(super) struct PodToken {
    /// Nothing if no token was ever handed over.
    pub(super) volume: Option<TokenVolume>,
    pub(super) path: String,
    pub(super) restart: Restart,
}

impl PodToken {
    /// Opens the volume, and reports why the init containers ran again if they did.
    pub(super) fn open(
        directory: &Path,
        restart: Restart,
        report: &Reporter,
    ) -> Result<Self, TokenError> {
        let token = Self {
            volume: TokenVolume::open(directory)?,
            path: TokenVolume::token_path(directory),
            restart,
        };
        let record = token.record();
        if let Some(last) = record.reruns.last().filter(|_| !record.program_runs()) {
            // A program can write there.
            let reason = foreign::quote(&last.describe());
            report.information(&format!(
                "the init containers were asked to run again {reason}"
            ));
        }
        Ok(token)
    }

    /// The token in the volume has given another and is spent: the next start can have that one, or
    /// nothing.
    pub(super) fn replace(&self, token: &Token) -> Result<(), TokenError> {
        match &self.volume {
            Some(volume) if self.restart == Restart::Retain => volume.put(token),
            _ => self.give_up(),
        }
    }

    /// Notes that the program is started.
    pub(super) fn note_start(&self, report: &Reporter) {
        let Some(volume) = &self.volume else { return };
        let record = Record {
            program: token::this_process(),
            started: Some(self.record().next_start()),
            ..Record::default()
        };
        if let Err(error) = volume.set_record(&record) {
            report.warning(&format!(
                "{}: the start cannot be noted there: {error}",
                self.path
            ));
        }
    }

    /// Reads it; `None` if there is none.
    pub(super) fn read(&self) -> Result<Option<Token>, TokenError> {
        self.volume.as_ref().map_or(Ok(None), TokenVolume::read)
    }

    /// What earlier starts have left.
    pub(super) fn record(&self) -> Record {
        self.volume
            .as_ref()
            .map(TokenVolume::record)
            .unwrap_or_default()
    }

    /// Only with a token: without one `restart` decides what follows.
    pub(super) fn pause_before_program(&self) -> Result<Duration, TokenError> {
        let record = self.record();
        if self.restart != Restart::Rerun || record.program_runs() || self.read()?.is_none() {
            return Ok(Duration::ZERO);
        }
        let start = record.next_start();
        Ok(restart::pause_before_program(start.unasked))
    }

    /// Shreds the token, unless it is to be there for the next start.
    pub(super) fn give_up(&self) -> Result<(), TokenError> {
        match &self.volume {
            Some(volume) if self.restart != Restart::Retain => volume.shred(),
            _ => Ok(()),
        }
    }

    /// Leaves something for the next start to know.
    pub(super) fn note(&self, report: &Reporter, change: impl FnOnce(&mut Record)) {
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
}
