//! A body that is being read, piece by piece.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Payload};
use contract::limits::{
    REVIEW_FIRST_BYTES, REVIEW_PIECE, REVIEWS_FIRST_BYTES, REVIEWS_FURTHER_BYTES,
};
use futures_util::StreamExt as _;
use tokio::sync::SemaphorePermit;
use tokio::time::timeout;

use super::super::budget::Held;
use super::super::exchange::Exchange;
use super::super::invalid::{Invalid, being, too_many};
use super::super::state::State;
use super::collected::Collected;

/// How long a body may wait for room for its next piece.
const TURN_TIMEOUT: Duration = Duration::from_secs(1);

/// A body, what it holds, and its turn as a large one.
pub(super) type Read<'s> = (Bytes, Held, Option<SemaphorePermit<'s>>);

/// A body that is being read.
pub(super) struct Reading<'r, 's> {
    pub(super) state: &'s State,
    pub(super) exchange: &'r Exchange,
    pub(super) length: usize,
    /// Large reviews that may be read at once.
    pub(super) most: usize,
}

impl<'s> Reading<'_, 's> {
    pub(super) async fn read(&self, mut payload: Payload) -> Result<Read<'s>, Invalid> {
        let mut held = self.state.budget.hold();
        let mut turn = None;
        let mut bytes = Collected::default();
        let mut allowed = 0;
        loop {
            if bytes.len() == allowed && allowed < self.length {
                let next = self.next(allowed);
                if next > REVIEW_FIRST_BYTES && turn.is_none() {
                    turn = self.turn().await?;
                }
                let next = self.room(&mut held, next).await?;
                self.exchange.allow(next - allowed);
                allowed = next;
            }
            match payload.next().await {
                Some(Ok(chunk)) => bytes.add(chunk, self.length),
                Some(Err(error)) => {
                    let sentence = format!("the body cannot be read: {error}");
                    return Err(Invalid::new(StatusCode::BAD_REQUEST, "body", sentence));
                }
                None => break,
            }
        }
        Ok((bytes.into(), held, turn))
    }

    /// How much of it there is to be room for next.
    fn next(&self, allowed: usize) -> usize {
        let next = if allowed == 0 {
            REVIEW_FIRST_BYTES
        } else {
            allowed + REVIEW_PIECE
        };
        next.min(self.length)
    }

    /// With room for the answer where all of a large body is read. A patch is as long as the largest
    /// part of the pod, by a third longer in base64; a decision without room for it is for nothing.
    fn with_answer(&self, next: usize) -> usize {
        let is_all = next == self.length && next > REVIEW_FIRST_BYTES;
        next + if is_all { next / 2 } else { 0 }
    }

    async fn turn(&self) -> Result<Option<SemaphorePermit<'s>>, Invalid> {
        let turn = timeout(TURN_TIMEOUT, self.state.reviews.acquire()).await;
        let most = self.most;
        let sentence = || format!("{most} large reviews are being read, the limit");
        turn.map(Result::ok).map_err(|_| too_many(sentence()))
    }

    /// Holds so much of it, or all: tells how much.
    async fn room(&self, held: &mut Held, next: usize) -> Result<usize, Invalid> {
        if held.resize(self.with_answer(next)) {
            return Ok(next);
        }
        let room = held.grow(self.with_answer(self.length));
        let room = timeout(TURN_TIMEOUT, room).await;
        let all = REVIEWS_FIRST_BYTES + REVIEWS_FURTHER_BYTES;
        // That permits are closed does not happen.
        room.map(|_| self.length)
            .map_err(|_| too_many(being(all, "read")))
    }
}
