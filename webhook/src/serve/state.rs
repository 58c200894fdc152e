//! What the workers share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use std::time::Instant;

use contract::limits::DECIDED_BYTES;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Metrics;
use super::budget::Budget;
use super::decisions::Decisions;
use crate::config::Config;
use crate::plan::Facts;

/// Shared by the workers and the loops that keep it current.
pub(super) struct State {
    config: RwLock<Arc<Config>>,
    facts: RwLock<Facts>,
    is_ready: AtomicBool,
    is_stopping: AtomicBool,
    open_requests: AtomicUsize,
    pub(super) metrics: Metrics,
    /// One permit for each large review that may be read at once.
    pub(super) reviews: Semaphore,
    /// The bytes of reviews and answers that may be held at once: they bound the memory that clients
    /// can make us use, whatever their number is.
    pub(super) budget: Budget,
    /// One permit for each byte of reviews that may be decided at once, which takes several times as
    /// much.
    decided: Semaphore,
    pub(super) decisions: Decisions,
}

impl State {
    pub(super) fn new(config: Config) -> Self {
        Self {
            facts: RwLock::new(Facts::default()),
            reviews: Semaphore::new(config.server.limits.reviews),
            config: RwLock::new(Arc::new(config)),
            is_ready: AtomicBool::new(false),
            is_stopping: AtomicBool::new(false),
            open_requests: AtomicUsize::new(0),
            budget: Budget::default(),
            decided: Semaphore::new(DECIDED_BYTES),
            decisions: Decisions::default(),
            metrics: Metrics::new(),
        }
    }

    pub(super) fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set_config(&self, config: Config) {
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }

    /// What was found out about the cluster.
    pub(super) fn found(&self) -> Facts {
        *self.facts.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of the cluster; what the operator says of it wins.
    pub(super) fn facts(&self) -> Facts {
        self.config().facts(self.found())
    }

    /// Keeps what was found.
    pub(super) fn set_facts(&self, facts: Facts) {
        *self.facts.write().unwrap_or_else(PoisonError::into_inner) = facts;
    }

    /// Whether connections are to be sent here.
    pub(super) fn is_ready(&self) -> bool {
        let is_slow = self.decisions.is_slow(Instant::now());
        self.is_ready.load(Ordering::Relaxed) && !self.is_stopping() && !is_slow
    }

    /// Waits until a review of so many bytes may be decided, or until no other is where it has more.
    pub(super) async fn decide(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        let bytes = u32::try_from(bytes.min(DECIDED_BYTES)).unwrap_or(u32::MAX);
        self.decided.acquire_many(bytes).await.ok()
    }

    pub(super) fn set_ready(&self, is_ready: bool) {
        self.is_ready.store(is_ready, Ordering::Relaxed);
    }

    /// Whether the server was told to stop.
    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    pub(super) fn set_stopping(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Counts a request until the guard is dropped.
    pub(super) fn open_request(&self) -> impl Drop {
        self.open_requests.fetch_add(1, Ordering::SeqCst);
        OpenRequest(&self.open_requests)
    }

    /// Requests that have no answer yet.
    pub(super) fn open_requests(&self) -> usize {
        self.open_requests.load(Ordering::SeqCst)
    }
}

struct OpenRequest<'s>(&'s AtomicUsize);

impl Drop for OpenRequest<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
