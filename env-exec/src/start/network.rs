//! The phase in which others are talked to: one thread, no capability in effect, and a signal
//! ends it at once.

use std::future::Future;
use std::io;

use tokio::runtime::{Builder, Runtime};

use crate::privileges::Lowered;
use crate::signals::Signals;
use crate::stop::Stop;
use crate::vault::VaultError;

/// Runs what waits for Vault.
pub(super) struct Network<'a> {
    runtime: Runtime,
    signals: &'a Signals,
}

impl<'a> Network<'a> {
    /// Prepares the reactor; nothing runs beside the caller.
    pub(super) fn new(signals: &'a Signals) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        Ok(Self { runtime, signals })
    }

    /// Waits for the future, or until a signal comes.
    pub(super) fn run<T>(
        &self,
        future: impl Future<Output = Result<T, VaultError>>,
    ) -> Result<T, Stop> {
        let lowered = Lowered::new();
        let result = self.runtime.block_on(self.signals.or(future));
        drop(lowered);
        match result? {
            Ok(result) => result.map_err(Stop::after_request),
            Err(signal) => Err(Stop::Signalled(signal)),
        }
    }
}
