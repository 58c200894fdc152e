//! One direction of a relayed connection.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::reset_connection;

/// Passes bytes on, each after its delay; later bytes travel while earlier ones still do.
pub(super) struct Pipe {
    pub(super) from: Arc<TcpStream>,
    pub(super) to: Arc<TcpStream>,
    pub(super) delay: Duration,
    /// The delay of the first bytes.
    pub(super) first_delay: Duration,
    /// After how many bytes which connection is to be reset.
    pub(super) reset: Option<(usize, Arc<TcpStream>)>,
}

struct Segment {
    due: Instant,
    bytes: Vec<u8>,
    then: Then,
}

enum Then {
    More,
    End,
    Reset(Arc<TcpStream>),
}

impl Pipe {
    /// Runs until either end is closed. `seen` sees the bytes as they come.
    pub(super) fn run(self, mut seen: impl FnMut(&[u8])) {
        let (sender, segments) = mpsc::channel();
        let to = Arc::clone(&self.to);
        let writer = thread::spawn(move || deliver_segments(&to, &segments));
        let mut buffer = vec![0; 64 * 1024];
        let mut delay = self.first_delay;
        let mut passed = 0;
        loop {
            // A connection that was reset is at its end as well.
            let read = (&*self.from).read(&mut buffer).unwrap_or(0);
            let due = Instant::now() + delay;
            delay = self.delay;
            seen(&buffer[..read]);
            let (pass, then) = self.decide_step(passed, read);
            passed += pass;
            let last = !matches!(then, Then::More);
            let bytes = buffer[..pass].to_vec();
            if sender.send(Segment { due, bytes, then }).is_err() || last {
                break;
            }
        }
        // A panic there would be a fault of this file, and the client sees a closed connection.
        let _ = writer.join();
    }

    /// How many of the bytes that were read are passed on, and what then.
    fn decide_step(&self, passed: usize, read: usize) -> (usize, Then) {
        match &self.reset {
            _ if read == 0 => (0, Then::End),
            Some((bytes, connection)) if passed + read >= *bytes => {
                (bytes - passed, Then::Reset(Arc::clone(connection)))
            }
            _ => (read, Then::More),
        }
    }
}

fn deliver_segments(to: &TcpStream, segments: &Receiver<Segment>) {
    for Segment { due, bytes, then } in segments {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let written = (&*to).write_all(&bytes).and_then(|()| match then {
            Then::More => Ok(()),
            Then::End => to.shutdown(Shutdown::Write),
            Then::Reset(connection) => {
                reset_connection(&connection);
                // The other end learns of it as of an ordinary end.
                to.shutdown(Shutdown::Both)
            }
        });
        if written.is_err() {
            break;
        }
    }
}
