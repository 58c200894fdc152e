//! Bytes of reviews and answers that may be held at once.
//!
//! There are two shares. The first bytes of each review come from one that has room for those of
//! every connection, and a usual review has no more. What a large one has beyond comes from the
//! other. So large reviews, slow ones and answers that no client reads keep out only their like.

use std::sync::Arc;

use contract::limits::{REVIEW_FIRST_BYTES, REVIEWS_FIRST_BYTES, REVIEWS_FURTHER_BYTES};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// The bytes that may be held.
#[derive(Clone)]
pub(super) struct Budget {
    /// Bytes of each review that come from the first share.
    each: usize,
    first: Share,
    further: Share,
}

/// Permits, one for each byte.
#[derive(Clone)]
struct Share {
    permits: Arc<Semaphore>,
    most: usize,
}

/// The bytes that one request holds, until this is dropped.
pub(super) struct Held {
    budget: Budget,
    first: Part,
    further: Part,
}

#[derive(Default)]
struct Part(Option<OwnedSemaphorePermit>);

impl Default for Budget {
    fn default() -> Self {
        Self::new(
            REVIEW_FIRST_BYTES,
            REVIEWS_FIRST_BYTES,
            REVIEWS_FURTHER_BYTES,
        )
    }
}

impl Budget {
    fn new(each: usize, first: usize, further: usize) -> Self {
        let (first, further) = (Share::new(first), Share::new(further));
        Self {
            each,
            first,
            further,
        }
    }

    /// A request that holds nothing yet.
    pub(super) fn hold(&self) -> Held {
        Held {
            budget: self.clone(),
            first: Part::default(),
            further: Part::default(),
        }
    }

    /// How many bytes of each share so many are. More than there are wait for all of them.
    fn parts(&self, bytes: usize) -> (usize, usize) {
        let first = bytes.min(self.each);
        let further = bytes - first;
        (first.min(self.first.most), further.min(self.further.most))
    }
}

impl Held {
    /// Waits until it holds so many bytes.
    pub(super) async fn grow(&mut self, bytes: usize) -> Result<(), AcquireError> {
        let (first, further) = self.budget.parts(bytes);
        self.first.grow(&self.budget.first, first).await?;
        self.further.grow(&self.budget.further, further).await
    }

    /// Holds so many bytes, more or fewer than before, if that is possible without waiting.
    pub(super) fn resize(&mut self, bytes: usize) -> bool {
        let (first, further) = self.budget.parts(bytes);
        self.first.resize(&self.budget.first, first)
            && self.further.resize(&self.budget.further, further)
    }
}

impl Share {
    fn new(most: usize) -> Self {
        let most = most.min(Semaphore::MAX_PERMITS);
        let permits = Arc::new(Semaphore::new(most));
        Self { permits, most }
    }
}

impl Part {
    fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }

    async fn grow(&mut self, share: &Share, bytes: usize) -> Result<(), AcquireError> {
        let more = number(bytes.saturating_sub(self.bytes()));
        if more > 0 {
            self.add(Arc::clone(&share.permits).acquire_many_owned(more).await?);
        }
        Ok(())
    }

    fn resize(&mut self, share: &Share, bytes: usize) -> bool {
        let has = self.bytes();
        if let Some(permit) = &mut self.0
            && has > bytes
        {
            drop(permit.split(has - bytes));
        }
        let more = number(bytes.saturating_sub(has));
        if more == 0 {
            return true;
        }
        let more = Arc::clone(&share.permits).try_acquire_many_owned(more);
        more.map(|more| self.add(more)).is_ok()
    }

    fn add(&mut self, more: OwnedSemaphorePermit) {
        match &mut self.0 {
            Some(permit) => permit.merge(more),
            None => self.0 = Some(more),
        }
    }
}

fn number(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
