//! How long a client may keep its connection waiting.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::{Sleep, sleep_until};

/// For the next byte of an answer. The API server gives a whole one as long (the chart's
/// `webhook.timeoutSeconds`).
const STALL: Duration = Duration::from_secs(5);

/// For the whole of an answer, by whatever few bytes it is taken.
const ANSWER: Duration = Duration::from_secs(15);

/// For the end of a connection after its last answer, so that a client that is still sending gets
/// to read it.
const END: Duration = Duration::from_secs(5);

/// The deadlines of one connection. Where it waits for nothing there is none, and no timer.
#[derive(Default)]
pub(super) struct Patience {
    stalls: Option<Instant>,
    answered: Option<Instant>,
    ended: Option<Instant>,
    timer: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Patience {
    /// An error if the client takes too long to take bytes; else the task is woken when it does.
    pub(super) fn wait_for_write(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let now = Instant::now();
        let stalls = *self.stalls.get_or_insert(now + STALL);
        let answered = *self.answered.get_or_insert(now + ANSWER);
        self.wait_until(stalls.min(answered), context)
    }

    /// The same where its last answer is written.
    pub(super) fn wait_for_end(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let ended = *self.ended.get_or_insert_with(|| Instant::now() + END);
        self.wait_until(ended, context)
    }

    /// The client has taken bytes.
    pub(super) fn set_written(&mut self) {
        self.stalls = None;
    }

    /// The client has taken an answer.
    pub(super) fn set_answered(&mut self) {
        (self.answered, self.timer) = (None, None);
    }

    fn wait_until(&mut self, deadline: Instant, context: &mut Context<'_>) -> io::Result<()> {
        if self.timer.as_ref().is_none_or(|(set, _)| *set != deadline) {
            self.timer = None;
        }
        let sleep = || (deadline, Box::pin(sleep_until(deadline.into())));
        let (_, timer) = self.timer.get_or_insert_with(sleep);
        match timer.as_mut().poll(context) {
            Poll::Ready(()) => Err(ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(()),
        }
    }
}
