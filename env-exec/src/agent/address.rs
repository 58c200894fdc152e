//! A question before the login: whether something redirects what is asked of Vault.
//!
//! The agent follows a redirect once, with its credentials, to whatever the answer names, and nothing
//! turns that off: its login uses a copy of its client that drops `VAULT_DISABLE_REDIRECTS`. The reads
//! of the containers follow none. So that no pod logs in and then fails, the login fails first.

use std::io;
use std::time::Duration;

use contract::Connection;
use nix::sys::signal::Signal;
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::settings::VaultSettings;
use crate::signals::Signals;
use crate::stop::Stop;
use crate::vault::{Vault, VaultError};

/// The longest wait for an answer. Where none comes, the agent's own attempts say why.
const LIMIT: Duration = Duration::from_secs(2);

/// Fails if Vault's address redirects. Sends no token.
pub(super) fn reject_redirect(connection: &Connection, signals: &Signals) -> Result<(), Stop> {
    // Where the settings cannot be used, the agent reports it.
    let Some(vault) = prepare(connection) else {
        return Ok(());
    };
    let runtime = Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    // The clock belongs to the runtime.
    let question = async { timeout(LIMIT, vault.health()).await };
    let answer: io::Result<Result<_, Signal>> = runtime.block_on(signals.or(question));
    match answer? {
        Err(signal) => Err(Stop::Signalled(signal)),
        Ok(Ok(Err(error @ VaultError::Redirected { .. }))) => Err(error.into()),
        Ok(_) => Ok(()),
    }
}

fn prepare(connection: &Connection) -> Option<Vault> {
    let settings = VaultSettings::of_agent(connection, LIMIT).ok()?;
    Vault::without_token(&settings).ok()
}
