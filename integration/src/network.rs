//! What a network does to a program, where the real thing cannot be had on one machine: distance,
//! resets, and servers that answer nonsense.
//!
//! These are doubles. Whatever a real Vault or API server can be brought to do, a test has it do.

mod listener;
mod pipe;
mod port;
mod relay;
mod request_lines;
mod responder;
mod separate;

use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::net::connect_unspec;

pub use port::free_port;
pub use relay::{Relay, RelayBuilder, Reset};
pub use responder::{Answer, Request, Responder};
pub use separate::separate_network;

/// Starts a server on free ports, and tries again where `lost` says that another process took one
/// of them in between.
pub(crate) fn start_on_free_ports<T, E>(
    start: impl Fn() -> Result<T, E>,
    lost: impl Fn(&E) -> bool,
) -> Result<T, E> {
    const TRIES: usize = 3;
    let mut result = start();
    for _ in 1..TRIES {
        match &result {
            Err(error) if lost(error) => result = start(),
            _ => break,
        }
    }
    result
}

/// What a mutex holds, even if a thread that held it has panicked.
fn lock_mutex<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends a connection with a RST segment, which is what Linux does when a connected socket is
/// connected to nothing.
fn reset_connection(stream: &TcpStream) {
    // If the client has closed it there is nobody to tell.
    let _ = connect_unspec(stream);
}

#[cfg(test)]
mod tests;
