//! Open connections, and which of them is closed for a newer one.
//!
//! A client that opens connections and leaves them idle must not keep others out. At the bound, a
//! new connection therefore closes another one. First that is one which has sent no request, once it
//! is a second old or a quarter of all are such; then an idle one; and last of all one whose request
//! is being answered. Of several it is the one whose last use is longest ago. A use is the opening, a
//! request's head, its last byte or its answer, and no other byte: a client that sends its bytes
//! slowly ages as an idle one does.

mod seat;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;
use seat::Seat;

/// What a connection may take for its handshake and its first head before it is the first to go: at the
/// bound, a client must not be closed for the next one right away.
const GRACE: Duration = Duration::from_secs(1);

/// All open connections of a listener.
pub(super) struct Connections {
    /// How many may be open.
    bound: usize,
    grace: Duration,
    uses: Mutex<Uses>,
    closed: Counter,
}

/// What a connection is doing, in the order in which they are closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// It has sent no whole head yet.
    New,
    /// Its last answer is written.
    Idle,
    /// A request's body is coming.
    Reading,
    /// A whole request is here, and its answer is not written.
    Answering,
}

/// A connection's stage, and the number of its last use: the smallest is the longest ago.
type Place = (Stage, u64);

#[derive(Default)]
struct Uses {
    next: u64,
    /// Connections that have sent no request.
    new: usize,
    connections: BTreeMap<Place, Arc<Seat>>,
}

/// An open connection. It is forgotten when this is dropped.
pub(super) struct Connection {
    seat: Arc<Seat>,
    place: Cell<Place>,
    all: Arc<Connections>,
}

impl Connections {
    /// At most `bound` connections, at least one; `closed` counts those that gave way.
    pub(super) fn new(bound: usize, closed: Counter) -> Arc<Self> {
        Arc::new(Self {
            bound: bound.max(1),
            grace: GRACE,
            uses: Mutex::default(),
            closed,
        })
    }

    /// At most so many.
    pub(super) fn bound(&self) -> usize {
        self.bound
    }

    /// A new connection, for which others are closed at the bound.
    pub(super) fn open(self: &Arc<Self>) -> Connection {
        let now = Instant::now();
        let seat = Arc::new(Seat::new(now));
        let mut uses = self.uses();
        while uses.connections.len() >= self.bound {
            let victim = uses.victim(now, self);
            let Some(seat) = victim.and_then(|place| uses.remove(place)) else {
                break;
            };
            seat.close();
            self.closed.inc();
        }
        let place = Cell::new(uses.insert(Stage::New, Arc::clone(&seat)));
        drop(uses);
        Connection {
            seat,
            place,
            all: Arc::clone(self),
        }
    }

    /// Closes all that are open, those with a request after its answer.
    pub(super) fn retire(&self) {
        let mut uses = self.uses();
        uses.new = 0;
        uses.connections.retain(|(stage, _), seat| {
            if *stage <= Stage::Idle {
                seat.close();
            } else {
                seat.retire();
            }
            *stage > Stage::Idle
        });
    }

    fn uses(&self) -> MutexGuard<'_, Uses> {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Uses {
    fn insert(&mut self, stage: Stage, seat: Arc<Seat>) -> Place {
        self.next += 1;
        self.new += usize::from(stage == Stage::New);
        let place = (stage, self.next);
        self.connections.insert(place, seat);
        place
    }

    /// `None` if it is closed.
    fn remove(&mut self, place: Place) -> Option<Arc<Seat>> {
        let seat = self.connections.remove(&place)?;
        self.new -= usize::from(place.0 == Stage::New);
        Some(seat)
    }

    /// Which one is closed for another.
    fn victim(&self, now: Instant, all: &Connections) -> Option<Place> {
        let (first, seat) = self.connections.first_key_value()?;
        let is_new_due = seat.age(now) >= all.grace || self.new > all.bound / 4;
        if first.0 > Stage::New || is_new_due {
            return Some(*first);
        }
        let idle = (Stage::Idle, 0)..(Stage::Reading, 0);
        let idle = self.connections.range(idle).next();
        Some(idle.map_or(*first, |(place, _)| *place))
    }
}

impl Connection {
    /// Makes it the one of this stage that was used last.
    pub(super) fn mark(&self, stage: Stage) {
        let mut uses = self.all.uses();
        let Some(seat) = uses.remove(self.place.get()) else {
            return;
        };
        if stage <= Stage::Idle && seat.is_retired() {
            seat.close();
        } else {
            self.place.set(uses.insert(stage, seat));
        }
    }

    /// Whether it is to end after its answer.
    pub(super) fn is_retired(&self) -> bool {
        self.seat.is_retired()
    }

    /// Whether it is to end; if not, the task is woken when it is.
    pub(super) fn is_closed(&self, task: &Waker) -> bool {
        self.seat.is_closed(task)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.uses().remove(self.place.get());
    }
}

#[cfg(test)]
mod tests;
