//! The body of a review, read as far as there is room for it.
//!
//! A byte is read only when its request holds a permit for it, so bodies that do not come hold next
//! to nothing. Where there is none for its next piece, a body waits for all that it lacks: of many
//! that come at once the first gets what others give back, and goes on to its end. A body that waits
//! holds what it has, and may wait for one that waits itself: who runs out of time gives up its own.

mod collected;
mod reading;

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING};
use actix_web::web::{Bytes, Payload};
use contract::limits::DECIDED_BYTES;
use tokio::sync::SemaphorePermit;
use tokio::time::timeout;

use super::budget::Held;
use super::exchange::Exchange;
use super::invalid::{Invalid, being, too_many};
use super::state::State;
use reading::Reading;

/// How long all of a body may take, and how long it may wait for its decision. Together shorter than
/// the API server's own timeout, so that it reads our sentence.
const BODY_TIMEOUT: Duration = Duration::from_secs(3);
const DECISION_TIMEOUT: Duration = Duration::from_millis(500);

/// A body, and the permits to hold its bytes and to decide about them.
pub(super) struct Body<'s> {
    pub(super) bytes: Bytes,
    pub(super) held: Held,
    /// To be read as a large one, and to be decided.
    _permits: [Option<SemaphorePermit<'s>>; 2],
}

/// Reads the body of a request that is JSON of a known length.
pub(super) async fn receive<'s>(
    request: &HttpRequest,
    exchange: &Exchange,
    payload: Payload,
    state: &'s State,
) -> Result<Body<'s>, Invalid> {
    let limits = &state.config().server.limits;
    let length = expected(request.headers(), limits.body_bytes)?;
    let reading = Reading {
        state,
        exchange,
        length,
        most: limits.reviews,
    };
    let Ok(body) = timeout(BODY_TIMEOUT, reading.read(payload)).await else {
        let sentence = format!("the body did not come within {BODY_TIMEOUT:?}");
        return Err(Invalid::new(
            StatusCode::REQUEST_TIMEOUT,
            "too-slow",
            sentence,
        ));
    };
    let (bytes, held, turn) = body?;
    let Ok(decided) = timeout(DECISION_TIMEOUT, state.decide(bytes.len())).await else {
        return Err(too_many(being(DECIDED_BYTES, "decided")));
    };
    Ok(Body {
        bytes,
        held,
        _permits: [turn, decided],
    })
}

/// The length of a body that is read at all.
fn expected(headers: &HeaderMap, limit: usize) -> Result<usize, Invalid> {
    if !is_json(headers) {
        let sentence = "expected Content-Type application/json".into();
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Invalid::new(status, "content-type", sentence));
    }
    if headers.contains_key(TRANSFER_ENCODING) {
        let sentence = "expected is a body with a content-length".into();
        return Err(Invalid::new(
            StatusCode::LENGTH_REQUIRED,
            "length",
            sentence,
        ));
    }
    let length = headers.get(CONTENT_LENGTH).map_or(Some(0), |value| {
        let text = value.to_str().ok()?;
        text.trim().parse().ok()
    });
    length.filter(|length| *length <= limit).ok_or_else(|| {
        let sentence = format!("the review is larger than {limit} bytes, the limit");
        Invalid::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", sentence)
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}
