//! The endpoints.

use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};
use tracing::field::Empty;

use super::state::State;
use crate::admission::{Outcome, admit};
use crate::review::PodRequest;

/// How long a review may wait for its turn and for its body. Shorter than the API server's own
/// timeout, so that it reads our sentence.
const BODY_TIMEOUT: Duration = Duration::from_secs(4);

/// `POST /mutate`.
pub(super) async fn mutate(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> HttpResponse {
    let started = Instant::now();
    let response = match body(&request, payload, &state).await {
        Ok(body) => review(&body, &state, started),
        Err((status, sentence)) => unanswerable(&state, status, &sentence),
    };
    state.metrics.duration(started.elapsed());
    response
}

async fn body(
    request: &HttpRequest,
    payload: web::Payload,
    state: &State,
) -> Result<web::Bytes, (StatusCode, String)> {
    let content_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|value| value.starts_with("application/json")) {
        let sentence = "expected is content-type application/json".to_owned();
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, sentence));
    }
    let limit = state.config().server.limits.body_bytes;
    let read = async {
        let _turn = state.reviews.acquire().await;
        payload.to_bytes_limited(limit).await
    };
    match tokio::time::timeout(BODY_TIMEOUT, read).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(error))) => Err((
            StatusCode::BAD_REQUEST,
            format!("the body cannot be read: {error}"),
        )),
        Ok(Err(_)) => {
            let sentence = format!("the review is larger than {limit} bytes, the limit");
            Err((StatusCode::PAYLOAD_TOO_LARGE, sentence))
        }
        Err(_) => {
            let sentence = "too many reviews at once, or the body came too slowly".to_owned();
            Err((StatusCode::SERVICE_UNAVAILABLE, sentence))
        }
    }
}

fn review(body: &[u8], state: &State, started: Instant) -> HttpResponse {
    let request = match PodRequest::parse(body) {
        Ok(request) => request,
        Err(error) => return unanswerable(state, StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let outcome = admit(&request, &state.config(), state.facts());
    state.metrics.review(outcome.result, outcome.reason);
    log(&request, &outcome, started);
    match outcome.answer.to_json(&request.uid) {
        Ok(json) => HttpResponse::Ok()
            .content_type(ContentType::json())
            .body(json),
        Err(_) => unanswerable(
            state,
            StatusCode::INTERNAL_SERVER_ERROR,
            "no answer can be written",
        ),
    }
}

/// One span for each review, with these fields and no others: a pod's environment is nobody's
/// business, and neither is a sentence that quotes from it.
fn log(request: &PodRequest<'_>, outcome: &Outcome, started: Instant) {
    let span = tracing::info_span!(
        "review",
        uid = Empty,
        namespace = %request.namespace,
        kind = %request.kind.kind,
        operation = %request.operation,
        dry_run = request.dry_run,
        result = outcome.result,
        reason = outcome.reason,
        containers = outcome.containers,
        operations = outcome.operations,
        micros = Empty,
    );
    span.record("uid", request.uid.as_str());
    span.record(
        "micros",
        u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
    );
    span.in_scope(|| tracing::info!("reviewed"));
}

fn unanswerable(state: &State, status: StatusCode, sentence: &str) -> HttpResponse {
    state.metrics.review("invalid", "");
    tracing::warn!(status = status.as_u16(), "{sentence}");
    HttpResponse::build(status)
        .content_type(ContentType::plaintext())
        .body(format!("{sentence}\n"))
}

/// `GET /metrics`, as OpenMetrics text.
pub(super) async fn metrics(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(state.metrics.text())
}

/// `GET /healthz`: the process answers.
pub(super) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().body("ok\n")
}

/// `GET /readyz`: reviews are answered.
pub(super) async fn readyz(state: web::Data<State>) -> HttpResponse {
    if state.is_ready() {
        HttpResponse::Ok().body("ok\n")
    } else {
        HttpResponse::ServiceUnavailable().body("not ready\n")
    }
}
