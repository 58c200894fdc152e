//! The end of the server, without a failed request.
//!
//! ```text
//! signal ─► not ready, every answer ends its connection ─► no new connections ─► last answers ─► end
//! ```
//!
//! For some seconds after kubelet's signal the Service still sends connections here, so they are
//! taken. Connections without a request are not waited for: the API server keeps them for minutes.

use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::rt::signal::unix::{Signal, SignalKind, signal};
use futures_util::future::{self, Either};

use super::state::State;
use crate::config::Limits;

const LOOK_EVERY: Duration = Duration::from_millis(50);
/// For the bytes of the last answers.
const FLUSH: Duration = Duration::from_millis(250);

/// The signals that ask for the end: kubelet's, and a person's at a terminal.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From now on they are waited for, and do not end the process by themselves.
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for one of them.
    pub(super) async fn next(&mut self) {
        let (terminate, interrupt) = (self.terminate.recv(), self.interrupt.recv());
        future::select(std::pin::pin!(terminate), std::pin::pin!(interrupt)).await;
    }
}

/// Waits for a signal and lets the server finish; a second signal ends that at once.
pub(super) async fn stop(
    mut signals: Signals,
    limits: &Limits,
    state: &State,
    reviews: ServerHandle,
) {
    signals.next().await;
    tracing::info!("stopping");
    state.set_stopping();
    let finish = std::pin::pin!(finish(limits, state, reviews));
    if let Either::Right(_) = future::select(finish, std::pin::pin!(signals.next())).await {
        tracing::warn!("told to stop twice, reviews may be lost");
    }
}

async fn finish(limits: &Limits, state: &State, reviews: ServerHandle) {
    tokio::time::sleep(Duration::from_secs(limits.drain_seconds)).await;
    // Its end, which waits for connections without a request too, is not waited for.
    drop(reviews.stop(true));
    let deadline = Instant::now() + Duration::from_secs(limits.stop_seconds);
    while state.open_requests() > 0 {
        if Instant::now() >= deadline {
            tracing::warn!(
                open = state.open_requests(),
                "time is up, requests are lost"
            );
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    tokio::time::sleep(FLUSH).await;
}
