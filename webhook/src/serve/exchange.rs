//! One request at a time on a connection, and no more of it than may be held.
//!
//! ```text
//! head ─► asked ─► body, as far as it is allowed ─► answer ─► all of it written ─► next head
//! ```
//!
//! actix-http takes all that a socket has: a body before the endpoint waits for it, and any number of
//! requests behind an answer that the client does not read. Here it gets the bytes of one request
//! alone, and those of the body only when the endpoint has permits for them.

mod head;
mod patience;
mod wire;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use super::budget::Held;
use super::connections::{Connection, Stage};
pub(super) use wire::Wire;

/// What a connection, the request on it and its answer share. All are on one thread.
pub(super) struct Exchange {
    connection: Rc<Connection>,
    phase: Cell<Phase>,
    /// Bytes of the body that may be read before more are allowed.
    allowed: Cell<usize>,
    /// Whether the connection ends with the answer.
    is_last: Cell<bool>,
    /// What the answer holds until it is written.
    held: RefCell<Option<Held>>,
    task: RefCell<Option<Waker>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// A request may begin.
    Head,
    /// A head has been read, and the endpoint was not called yet.
    Asked,
    /// So many bytes of the body are left, or the answer is being made.
    Body(u64),
    /// The last piece of the answer is with actix.
    Answered,
    /// The answer is written, and nothing else will be.
    Ended,
}

impl Exchange {
    fn new(connection: Rc<Connection>) -> Self {
        Self {
            connection,
            phase: Cell::new(Phase::Head),
            allowed: Cell::new(0),
            is_last: Cell::new(false),
            held: RefCell::default(),
            task: RefCell::default(),
        }
    }

    /// A request whose body has this length.
    pub(super) fn begin(&self, length: u64) {
        self.connection.mark(Stage::Reading);
        self.allowed.set(0);
        self.set_left(length);
    }

    /// Lets so many further bytes of the body be read.
    pub(super) fn allow(&self, bytes: usize) {
        self.allowed.set(self.allowed.get().saturating_add(bytes));
        self.wake();
    }

    /// The answer holds this until it is written.
    pub(super) fn hold(&self, held: Held) {
        *self.held.borrow_mut() = Some(held);
    }

    /// Nothing is read after this request.
    pub(super) fn set_last(&self) {
        self.is_last.set(true);
    }

    /// Whether the client was let in by an authority that is no longer trusted.
    pub(super) fn is_retired(&self) -> bool {
        self.connection.is_retired()
    }

    /// All of the answer is with actix.
    pub(super) fn set_answered(&self) {
        if let Phase::Body(left) = self.phase.get() {
            if left > 0 {
                // What is left of the body would be taken for a request.
                self.set_last();
            }
            self.phase.set(Phase::Answered);
        }
    }

    /// All that actix had is written. Tells whether that was an answer's end.
    fn set_written(&self) -> bool {
        if self.phase.get() != Phase::Answered {
            return false;
        }
        drop(self.held.take());
        let next = if self.is_last.get() {
            Phase::Ended
        } else {
            Phase::Head
        };
        self.phase.set(next);
        self.connection.mark(Stage::Idle);
        self.wake();
        true
    }

    /// So many bytes of the body have been read, of those that were left.
    fn take(&self, left: u64, bytes: usize) {
        self.allowed.set(self.allowed.get().saturating_sub(bytes));
        self.set_left(left.saturating_sub(bytes.try_into().unwrap_or(u64::MAX)));
    }

    fn set_left(&self, left: u64) {
        self.phase.set(Phase::Body(left));
        if left == 0 {
            self.connection.mark(Stage::Answering);
        }
    }

    fn wait(&self, task: &Waker) {
        let mut known = self.task.borrow_mut();
        if !known.as_ref().is_some_and(|known| known.will_wake(task)) {
            *known = Some(task.clone());
        }
    }

    fn wake(&self) {
        if let Some(task) = self.task.borrow_mut().take() {
            task.wake();
        }
    }
}
