//! The endpoints.

use std::time::{Duration, Instant};

use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ContentType};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use contract::limits::{DECIDED_BYTES, REVIEW_BYTES};
use contract::message::shorten;
use futures_util::StreamExt as _;
use futures_util::future::join;
use tokio::sync::SemaphorePermit;
use tokio::time::timeout;

use super::log;
use super::state::State;
use crate::admission::admit;
use crate::review::PodRequest;

/// How long a review may wait for its turn, then for its body, and then for its decision. Together
/// shorter than the API server's own timeout, so that it reads our sentence.
const TURN_TIMEOUT: Duration = Duration::from_secs(1);
const BODY_TIMEOUT: Duration = Duration::from_secs(3);
const DECISION_TIMEOUT: Duration = Duration::from_millis(500);

/// Why a request gets no AdmissionReview.
struct Invalid {
    status: StatusCode,
    /// One word for the log.
    reason: &'static str,
    /// For whoever sent it. It may quote the request, so it stays out of the log.
    sentence: String,
}

/// `POST /mutate`.
pub(super) async fn mutate(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> HttpResponse {
    let started = Instant::now();
    let _open = state.open_request();
    let body = body(&request, payload, &state).await;
    // From here to the answer the worker does nothing else, and is stuck where this is.
    let _running = state.decisions.begin();
    let answer = body.and_then(|body| {
        let read = Instant::now();
        let answer = review(&body.bytes, &state, started);
        state.metrics.decision(read.elapsed());
        answer
    });
    let response = answer.unwrap_or_else(|invalid| {
        state.metrics.review("invalid", "");
        log::invalid(invalid.reason, started);
        builder(invalid.status, &state)
            .content_type(ContentType::plaintext())
            .body(format!("{}\n", invalid.sentence))
    });
    state.metrics.duration(started.elapsed());
    response
}

/// A body, and the permits to hold its bytes and to decide about them.
struct Body<'s> {
    bytes: Vec<u8>,
    _held: Option<SemaphorePermit<'s>>,
    _decided: Option<SemaphorePermit<'s>>,
}

async fn body<'s>(
    request: &HttpRequest,
    payload: web::Payload,
    state: &'s State,
) -> Result<Body<'s>, Invalid> {
    let invalid = |status, reason, sentence: String| {
        Err(Invalid {
            status,
            reason,
            sentence,
        })
    };
    if !is_json(request) {
        let sentence = "expected is content-type application/json".into();
        return invalid(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type", sentence);
    }
    let limits = &state.config().server.limits;
    let limit = limits.body_bytes;
    // One that does not say how long it is may be as long as the limit.
    let length = content_length(request).unwrap_or(limit).min(limit);
    let turn = join(state.reviews.acquire(), state.hold(length));
    let Ok((_turn, held)) = timeout(TURN_TIMEOUT, turn).await else {
        let sentence = if state.reviews.available_permits() == 0 {
            format!("{} reviews are being read, the limit", limits.reviews)
        } else {
            let mib = REVIEW_BYTES / 1024 / 1024;
            format!("reviews of {mib} MiB are being read, the limit")
        };
        return invalid(StatusCode::SERVICE_UNAVAILABLE, "too-many", sentence);
    };
    match timeout(BODY_TIMEOUT, read(payload, length, limit)).await {
        Ok(Ok(Some(bytes))) => {
            let turn = timeout(DECISION_TIMEOUT, state.decide(bytes.len()));
            let Ok(decided) = turn.await else {
                let mib = DECIDED_BYTES / 1024 / 1024;
                let sentence = format!("reviews of {mib} MiB are being decided, the limit");
                return invalid(StatusCode::SERVICE_UNAVAILABLE, "too-many", sentence);
            };
            Ok(Body {
                bytes,
                _held: held,
                _decided: decided,
            })
        }
        Ok(Err(error)) => {
            let sentence = format!("the body cannot be read: {error}");
            invalid(StatusCode::BAD_REQUEST, "body", sentence)
        }
        Ok(Ok(None)) => {
            let sentence = format!("the review is larger than {limit} bytes, the limit");
            invalid(StatusCode::PAYLOAD_TOO_LARGE, "too-large", sentence)
        }
        Err(_) => {
            let sentence = format!("the body did not come within {BODY_TIMEOUT:?}");
            invalid(StatusCode::REQUEST_TIMEOUT, "too-slow", sentence)
        }
    }
}

fn content_length(request: &HttpRequest) -> Option<usize> {
    let value = request.headers().get(CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}

/// The body, or `None` if it is longer than the limit. Memory is reserved once, because a buffer that
/// grows holds a body three times at its last step; the kernel gives it when it is written to.
async fn read(
    mut payload: web::Payload,
    length: usize,
    limit: usize,
) -> Result<Option<Vec<u8>>, PayloadError> {
    let mut bytes = Vec::with_capacity(length);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk?;
        if bytes.len() + chunk.len() > limit {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

fn is_json(request: &HttpRequest) -> bool {
    let content_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

fn review(body: &[u8], state: &State, started: Instant) -> Result<HttpResponse, Invalid> {
    let request = PodRequest::parse(body).map_err(|error| Invalid {
        status: StatusCode::BAD_REQUEST,
        reason: error.label(),
        sentence: shorten(error.to_string()),
    })?;
    let outcome = admit(&request, &state.config(), state.facts());
    state.metrics.review(outcome.result, outcome.reason);
    if let Some(restart) = outcome.restart {
        state.metrics.injection(restart);
    }
    log::reviewed(&request, &outcome, started);
    let json = outcome.answer.to_json(&request.uid).map_err(|_| Invalid {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        reason: "internal",
        sentence: "no answer can be written".into(),
    })?;
    Ok(builder(StatusCode::OK, state)
        .content_type(ContentType::json())
        .body(json))
}

/// A server that stops ends the connection with the answer, so that its client does not send
/// another request just when it is closed.
fn builder(status: StatusCode, state: &State) -> HttpResponseBuilder {
    let mut builder = HttpResponse::build(status);
    if state.is_stopping() {
        builder.force_close();
    }
    builder
}

/// `GET /metrics`, as OpenMetrics text.
pub(super) async fn metrics(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(state.metrics.text())
}

/// `GET /healthz`: the process answers, and no worker is stuck, which only a restart helps.
pub(super) async fn healthz(state: web::Data<State>) -> HttpResponse {
    match state.decisions.stuck_for(Instant::now()) {
        None => HttpResponse::Ok().body("ok\n"),
        Some(time) => HttpResponse::ServiceUnavailable().body(format!(
            "a review has been running for {} s\n",
            time.as_secs()
        )),
    }
}

/// `GET /readyz`: reviews are answered, and will be for a while.
pub(super) async fn readyz(state: web::Data<State>) -> HttpResponse {
    if state.is_ready() {
        HttpResponse::Ok().body("ok\n")
    } else {
        HttpResponse::ServiceUnavailable().body("not ready\n")
    }
}
