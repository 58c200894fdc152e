//! A TCP relay in front of a real server: counts, distance, resets.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::listener::Listener;
use super::pipe::Pipe;
use super::request_lines::RequestLines;
use super::{lock_mutex, reset_connection};

/// When a connection is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// As soon as it is accepted.
    OnAccept,
    /// When the first bytes of a request have come; the server never sees them.
    OnRequest,
    /// When this many bytes of answers have been passed on.
    AfterAnswer(usize),
}

/// A relay to be.
pub struct RelayBuilder {
    target: SocketAddr,
    round_trip: Duration,
    resets: usize,
    reset: Reset,
}

/// A TCP relay on loopback that passes everything on to a real server and counts. It ends, with its
/// connections, when it is dropped.
///
/// It is a double of distance and of failing networks: a loopback interface has neither.
pub struct Relay {
    listener: Listener,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

impl Relay {
    /// A relay to an address such as `127.0.0.1:8200`, or to the origin of a URL such as
    /// `http://127.0.0.1:8200`.
    pub fn to_target(target: &str) -> io::Result<RelayBuilder> {
        let target = target.split_once("://").map_or(target, |(_, rest)| rest);
        let target = target.parse().map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("`{target}`: {error}"))
        })?;
        Ok(RelayBuilder {
            target,
            round_trip: Duration::ZERO,
            resets: 0,
            reset: Reset::OnAccept,
        })
    }

    /// Where it listens, as `127.0.0.1:12345`.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// How many connections it has accepted.
    pub fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// The first lines of the HTTP/1.1 requests that it has passed on, as `GET /v1/a`; none of
    /// what is encrypted.
    pub fn requests(&self) -> Vec<String> {
        lock_mutex(&self.counts.requests).clone()
    }
}

impl RelayBuilder {
    /// Delays what it passes on by half of this in each direction, and the first bytes of a
    /// connection by all of it more, as the handshake of TCP would. Bandwidth is not limited.
    #[must_use]
    pub fn round_trip(self, round_trip: Duration) -> Self {
        Self { round_trip, ..self }
    }

    /// Resets the first `resets` connections; `usize::MAX` for all.
    #[must_use]
    pub fn reset_first(self, resets: usize, reset: Reset) -> Self {
        Self {
            resets,
            reset,
            ..self
        }
    }

    /// Starts to listen.
    pub fn start(self) -> io::Result<Relay> {
        self.start_at((Ipv4Addr::LOCALHOST, 0).into())
    }

    /// The same at an address of one's choice.
    pub(super) fn start_at(self, address: SocketAddr) -> io::Result<Relay> {
        let counts = Arc::new(Counts::default());
        let of_listener = Arc::clone(&counts);
        let listener = Listener::start(address, move |client, before| {
            of_listener.connections.fetch_add(1, Ordering::SeqCst);
            let fault = (before < self.resets).then_some(self.reset);
            // A connection that fails is closed, which the client sees.
            let _ = self.relay_connection(client, fault, &of_listener);
        })?;
        Ok(Relay { listener, counts })
    }

    fn relay_connection(
        &self,
        client: &Arc<TcpStream>,
        fault: Option<Reset>,
        counts: &Arc<Counts>,
    ) -> io::Result<()> {
        if fault == Some(Reset::OnAccept) {
            reset_connection(client);
            return Ok(());
        }
        let server = Arc::new(TcpStream::connect(self.target)?);
        server.set_nodelay(true)?;
        let (client, counts) = (Arc::clone(client), Arc::clone(counts));
        let one_way = self.round_trip / 2;
        let up = Pipe {
            from: Arc::clone(&client),
            to: Arc::clone(&server),
            delay: one_way,
            first_delay: one_way + self.round_trip,
            reset: (fault == Some(Reset::OnRequest)).then_some((0, Arc::clone(&client))),
        };
        let answered = match fault {
            Some(Reset::AfterAnswer(bytes)) => Some((bytes, Arc::clone(&client))),
            _ => None,
        };
        let down = Pipe {
            from: server,
            to: client,
            delay: one_way,
            first_delay: one_way,
            reset: answered,
        };
        let up = thread::spawn(move || {
            let mut lines = RequestLines::default();
            up.run(|chunk| {
                let found = lines.find_lines(chunk);
                lock_mutex(&counts.requests).extend(found);
            });
        });
        down.run(|_| ());
        // A panic there would be a fault of this file, and the client sees a closed connection.
        let _ = up.join();
        Ok(())
    }
}
