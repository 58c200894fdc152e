//! One direction of a relayed connection.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::reset;

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
    content: Content,
}

enum Content {
    Bytes(Vec<u8>),
    Reset(Arc<TcpStream>),
    End,
}

impl Pipe {
    /// Runs until either end is closed. `seen` sees the bytes as they come.
    pub(super) fn run(self, mut seen: impl FnMut(&[u8])) {
        let (sender, segments) = mpsc::channel();
        let to = Arc::clone(&self.to);
        let writer = thread::spawn(move || deliver(&to, &segments));
        let mut buffer = vec![0; 64 * 1024];
        let mut delay = self.first_delay;
        let mut passed = 0;
        loop {
            // A connection that was reset is at its end as well.
            let read = (&*self.from).read(&mut buffer).unwrap_or(0);
            let due = Instant::now() + delay;
            delay = self.delay;
            seen(&buffer[..read]);
            let room = self
                .reset
                .as_ref()
                .map_or(usize::MAX, |(bytes, _)| bytes - passed);
            let pass = read.min(room);
            passed += pass;
            let bytes = Content::Bytes(buffer[..pass].to_vec());
            let last = match &self.reset {
                Some((_, connection)) if read > 0 && pass == room => {
                    Some(Content::Reset(Arc::clone(connection)))
                }
                _ if read == 0 => Some(Content::End),
                _ => None,
            };
            let ended = last.is_some();
            let contents = std::iter::once(bytes).chain(last);
            let gone = contents
                .map(|content| Segment { due, content })
                .any(|s| sender.send(s).is_err());
            if ended || gone {
                break;
            }
        }
        // A panic there would be a fault of this file, and the client sees a closed connection.
        let _ = writer.join();
    }
}

fn deliver(to: &TcpStream, segments: &Receiver<Segment>) {
    for Segment { due, content } in segments {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let written = match content {
            Content::Bytes(bytes) => (&*to).write_all(&bytes),
            Content::End => to.shutdown(Shutdown::Write),
            Content::Reset(connection) => {
                reset(&connection);
                // The other end learns of it as of an ordinary end.
                to.shutdown(Shutdown::Both)
            }
        };
        if written.is_err() {
            break;
        }
    }
}
