//! Open connections, and which of them is closed for a newer one.
//!
//! A client that opens connections and leaves them idle must not keep others out. At the bound, a
//! new connection therefore closes the one whose last use is longest ago. A use is the opening, a
//! request's head or its answer, and no single byte: a client that sends its bytes slowly ages as
//! an idle one does, in the handshake and in a body too.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use futures_util::task::AtomicWaker;
use prometheus_client::metrics::counter::Counter;

/// All open connections of a listener.
pub(super) struct Connections {
    /// How many may be open.
    bound: usize,
    uses: Mutex<Uses>,
    closed: Counter,
}

/// Connections by the number of their last use: the first is the one that is used longest ago.
#[derive(Default)]
struct Uses {
    next: u64,
    connections: BTreeMap<u64, Arc<Seat>>,
}

/// What the listener knows of a connection.
#[derive(Default)]
struct Seat {
    last_use: AtomicU64,
    is_closed: AtomicBool,
    task: AtomicWaker,
}

/// An open connection. It is forgotten when this is dropped.
pub(super) struct Connection {
    seat: Arc<Seat>,
    all: Arc<Connections>,
}

impl Connections {
    /// At most `bound` connections, at least one; `closed` counts those that gave way.
    pub(super) fn new(bound: usize, closed: Counter) -> Arc<Self> {
        Arc::new(Self {
            bound: bound.max(1),
            uses: Mutex::default(),
            closed,
        })
    }

    /// A new connection, for which others are closed at the bound.
    pub(super) fn open(self: &Arc<Self>) -> Connection {
        let seat = Arc::new(Seat::default());
        let mut uses = self.uses();
        while uses.connections.len() >= self.bound {
            let Some((_, oldest)) = uses.connections.pop_first() else {
                break;
            };
            oldest.close();
            self.closed.inc();
        }
        uses.insert(&seat);
        Connection {
            seat,
            all: Arc::clone(self),
        }
    }

    fn uses(&self) -> MutexGuard<'_, Uses> {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Uses {
    fn insert(&mut self, seat: &Arc<Seat>) {
        self.next += 1;
        seat.last_use.store(self.next, Ordering::Relaxed);
        self.connections.insert(self.next, Arc::clone(seat));
    }

    /// Whether it was there, and not closed for another one.
    fn remove(&mut self, seat: &Seat) -> bool {
        let number = seat.last_use.load(Ordering::Relaxed);
        self.connections.remove(&number).is_some()
    }
}

impl Seat {
    fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl Connection {
    /// Makes it the one that was used last.
    pub(super) fn mark_used(&self) {
        let mut uses = self.all.uses();
        if uses.remove(&self.seat) {
            uses.insert(&self.seat);
        }
    }

    /// Whether it is to end; if not, the task is woken when it is.
    pub(super) fn is_closed(&self, task: &Waker) -> bool {
        // In this order, so that no close between the two is missed.
        self.seat.task.register(task);
        self.seat.is_closed.load(Ordering::Acquire)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.uses().remove(&self.seat);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_closed(connection: &Connection) -> bool {
        connection.is_closed(Waker::noop())
    }

    fn closed_of(connections: &[Connection]) -> Vec<usize> {
        let numbered = connections.iter().enumerate();
        numbered
            .filter(|(_, c)| is_closed(c))
            .map(|(number, _)| number)
            .collect()
    }

    #[test]
    fn newcomer_at_bound_closes_least_recently_used() {
        let all = Connections::new(3, Counter::default());
        let mut open: Vec<_> = (0..3).map(|_| all.open()).collect();
        assert_eq!(closed_of(&open), Vec::<usize>::new());
        open[0].mark_used();
        open.push(all.open());
        assert_eq!(closed_of(&open), [1]);
        // One that was closed takes no place by a late use.
        open[1].mark_used();
        open.push(all.open());
        assert_eq!(closed_of(&open), [1, 2]);
        open.push(all.open());
        assert_eq!(closed_of(&open), [0, 1, 2]);
        assert_eq!(all.closed.get(), 3);
        assert_eq!(all.uses().connections.len(), 3);
    }

    #[test]
    fn ended_connection_leaves_its_place() {
        let all = Connections::new(2, Counter::default());
        let kept = all.open();
        for _ in 0..10 {
            drop(all.open());
        }
        let newer = all.open();
        assert!(!is_closed(&kept) && !is_closed(&newer));
        drop((kept, newer));
        assert!(all.uses().connections.is_empty());
    }

    #[test]
    fn bound_of_zero_admits_one() {
        let all = Connections::new(0, Counter::default());
        let first = all.open();
        let second = all.open();
        assert!(is_closed(&first) && !is_closed(&second));
    }
}
