//! What a listener can do to a connection, whichever thread that is on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;
use std::time::{Duration, Instant};

use futures_util::task::AtomicWaker;

/// What the listener knows of a connection.
pub(super) struct Seat {
    opened: Instant,
    is_closed: AtomicBool,
    is_retired: AtomicBool,
    task: AtomicWaker,
}

impl Seat {
    pub(super) fn new(opened: Instant) -> Self {
        Self {
            opened,
            is_closed: AtomicBool::new(false),
            is_retired: AtomicBool::new(false),
            task: AtomicWaker::new(),
        }
    }

    pub(super) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.opened)
    }

    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        self.task.wake();
    }

    pub(super) fn is_closed(&self, task: &Waker) -> bool {
        // In this order, so that no close between the two is missed.
        self.task.register(task);
        self.is_closed.load(Ordering::Acquire)
    }

    /// Has it closed after its answer.
    pub(super) fn retire(&self) {
        self.is_retired.store(true, Ordering::Release);
    }

    pub(super) fn is_retired(&self) -> bool {
        self.is_retired.load(Ordering::Acquire)
    }
}
