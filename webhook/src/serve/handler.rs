//! The endpoints.

use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ContentType};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use tokio::time::timeout;

use super::log;
use super::state::State;
use crate::admission::admit;
use crate::review::PodRequest;

/// How long a review may wait for its turn, and then for its body. Together shorter than the API
/// server's own timeout, so that it reads our sentence.
const TURN_TIMEOUT: Duration = Duration::from_secs(1);
const BODY_TIMEOUT: Duration = Duration::from_secs(3);

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
    let answer = match body(&request, payload, &state).await {
        Ok(body) => {
            let read = Instant::now();
            let answer = review(&body, &state, started);
            state.metrics.decision(read.elapsed());
            answer
        }
        Err(invalid) => Err(invalid),
    };
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

async fn body(
    request: &HttpRequest,
    payload: web::Payload,
    state: &State,
) -> Result<web::Bytes, Invalid> {
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
    let Ok(_turn) = timeout(TURN_TIMEOUT, state.reviews.acquire()).await else {
        let sentence = format!("{} reviews are being read, the limit", limits.reviews);
        return invalid(StatusCode::SERVICE_UNAVAILABLE, "too-many", sentence);
    };
    let limit = limits.body_bytes;
    match timeout(BODY_TIMEOUT, payload.to_bytes_limited(limit)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(error))) => {
            let sentence = format!("the body cannot be read: {error}");
            invalid(StatusCode::BAD_REQUEST, "body", sentence)
        }
        Ok(Err(_)) => {
            let sentence = format!("the review is larger than {limit} bytes, the limit");
            invalid(StatusCode::PAYLOAD_TOO_LARGE, "too-large", sentence)
        }
        Err(_) => {
            let sentence = format!("the body did not come within {BODY_TIMEOUT:?}");
            invalid(StatusCode::REQUEST_TIMEOUT, "too-slow", sentence)
        }
    }
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
        sentence: error.to_string(),
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

/// `GET /healthz`: the process answers.
pub(super) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().body("ok\n")
}

/// `GET /readyz`: reviews are answered, and will be for a while.
pub(super) async fn readyz(state: web::Data<State>) -> HttpResponse {
    if state.is_ready() {
        HttpResponse::Ok().body("ok\n")
    } else {
        HttpResponse::ServiceUnavailable().body("not ready\n")
    }
}
