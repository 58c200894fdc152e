//! The body of an answer, in pieces.

use std::error::Error;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use contract::limits::WIRE_PIECE;

use super::exchange::Exchange;

/// The body of an answer. actix takes the next piece when the client has taken the former one: of one
/// piece alone it would make a copy, of whatever size.
pub(super) struct Answer {
    body: BoxBody,
    /// What is left of the bytes that the body gave last.
    rest: Bytes,
    exchange: Option<Rc<Exchange>>,
}

impl Answer {
    pub(super) fn new(body: BoxBody, exchange: Option<Rc<Exchange>>) -> Self {
        Self {
            body,
            rest: Bytes::new(),
            exchange,
        }
    }
}

impl MessageBody for Answer {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_next(context)) {
                Some(Ok(bytes)) => self.rest = bytes,
                end => return Poll::Ready(end),
            }
        }
        let length = self.rest.len().min(WIRE_PIECE);
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(exchange) = &self.exchange {
            exchange.set_answered();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn pieces(length: usize) -> Vec<usize> {
        let mut answer = Answer::new(BoxBody::new(vec![b'a'; length]), None);
        let mut context = Context::from_waker(Waker::noop());
        let mut pieces = Vec::new();
        while let Poll::Ready(Some(piece)) = Pin::new(&mut answer).poll_next(&mut context) {
            pieces.push(piece.unwrap().len());
        }
        pieces
    }

    #[test]
    fn answer_comes_in_pieces_and_a_small_one_whole() {
        assert_eq!(pieces(0), [0; 0]);
        assert_eq!(pieces(100), [100]);
        assert_eq!(pieces(WIRE_PIECE), [WIRE_PIECE]);
        assert_eq!(pieces(2 * WIRE_PIECE + 1), [WIRE_PIECE, WIRE_PIECE, 1]);
    }
}
