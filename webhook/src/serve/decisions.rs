//! Which reviews are being decided, so that one that does not end is noticed.
//!
//! A decision holds its worker until it ends, so the worker cannot say that it is stuck. Liveness and
//! readiness are served by a thread of their own, which looks here.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use contract::limits::{DECISION_SLOW_SECONDS, DECISION_STUCK_SECONDS};

/// The start of each running decision, by a number that grows.
#[derive(Default)]
pub(super) struct Decisions {
    running: Mutex<BTreeMap<u64, Instant>>,
    next: AtomicU64,
}

impl Decisions {
    /// A decision is running until the guard is dropped.
    pub(super) fn begin(&self) -> impl Drop {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.running().insert(number, Instant::now());
        Running {
            decisions: self,
            number,
        }
    }

    /// Whether one takes so long that no new review should come here.
    pub(super) fn is_slow(&self, now: Instant) -> bool {
        self.oldest(now) >= Duration::from_secs(DECISION_SLOW_SECONDS)
    }

    /// How long one has been running that will not end by itself.
    pub(super) fn stuck_for(&self, now: Instant) -> Option<Duration> {
        let oldest = self.oldest(now);
        (oldest >= Duration::from_secs(DECISION_STUCK_SECONDS)).then_some(oldest)
    }

    fn oldest(&self, now: Instant) -> Duration {
        let running = self.running();
        let first = running.first_key_value();
        first.map_or(Duration::ZERO, |(_, begin)| {
            now.saturating_duration_since(*begin)
        })
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<u64, Instant>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Running<'d> {
    decisions: &'d Decisions,
    number: u64,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.decisions.running().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::{Decisions, Duration, Instant};

    #[test]
    fn oldest_running_decision_decides_about_health() {
        let decisions = Decisions::default();
        let later = |seconds| Instant::now() + Duration::from_secs(seconds);
        assert!(!decisions.is_slow(later(100)) && decisions.stuck_for(later(100)).is_none());
        let first = decisions.begin();
        let second = decisions.begin();
        drop(first);
        assert!(!decisions.is_slow(later(1)));
        assert!(decisions.is_slow(later(4)) && decisions.stuck_for(later(4)).is_none());
        assert!(decisions.stuck_for(later(11)).is_some());
        drop(second);
        assert!(decisions.stuck_for(later(11)).is_none());
    }

    #[test]
    fn decision_that_panics_is_not_stuck() {
        let decisions = Decisions::default();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _running = decisions.begin();
            panic!("a decision");
        }));
        assert!(panicked.is_err());
        assert!(
            decisions
                .stuck_for(Instant::now() + Duration::from_secs(60))
                .is_none()
        );
    }
}
