//! The endpoints.

use std::rc::Rc;
use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use contract::limits::REVIEWS_FURTHER_BYTES;
use contract::message::shorten;

use super::body::{Body, receive};
use super::exchange::Exchange;
use super::invalid::{Invalid, too_many};
use super::log;
use super::state::State;
use crate::admission::admit;
use crate::review::PodRequest;

/// `POST /mutate`.
pub(super) async fn mutate(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> HttpResponse {
    let started = Instant::now();
    let _open = state.open_request();
    let answer = match request.conn_data::<Rc<Exchange>>() {
        Some(exchange) => answer(&request, payload, exchange, &state, started).await,
        None => Err(internal()),
    };
    let response = match answer {
        Ok(json) => builder(StatusCode::OK, &state)
            .content_type(ContentType::json())
            .body(json),
        Err(invalid) => {
            state.metrics.review("invalid", "");
            log::invalid(invalid.reason, started);
            builder(invalid.status, &state)
                .content_type(ContentType::plaintext())
                .body(format!("{}\n", invalid.sentence))
        }
    };
    state.metrics.duration(started.elapsed());
    response
}

async fn answer(
    request: &HttpRequest,
    payload: web::Payload,
    exchange: &Exchange,
    state: &State,
    started: Instant,
) -> Result<Bytes, Invalid> {
    let body = receive(request, exchange, payload, state).await?;
    // From here to the answer the worker does nothing else, and is stuck where this is.
    let _running = state.decisions.begin();
    let read = Instant::now();
    let answer = review(body, exchange, state, started);
    state.metrics.decision(read.elapsed());
    answer
}

fn review(
    mut body: Body<'_>,
    exchange: &Exchange,
    state: &State,
    started: Instant,
) -> Result<Bytes, Invalid> {
    let request = PodRequest::parse(&body.bytes).map_err(|error| Invalid {
        status: StatusCode::BAD_REQUEST,
        reason: error.label(),
        sentence: shorten(error.to_string()),
    })?;
    let outcome = admit(&request, &state.config(), state.facts());
    let json = outcome.answer.to_json(&request.uid);
    let json = json.map_err(|_| internal())?;
    // From now on its permits are for the answer, until the client has taken it.
    if !body.held.resize(json.capacity()) {
        let mib = REVIEWS_FURTHER_BYTES / 1024 / 1024;
        let sentence = format!("large reviews and answers of {mib} MiB are held, the limit");
        return Err(too_many(sentence));
    }
    exchange.hold(body.held);
    state.metrics.review(outcome.result, outcome.reason);
    if let Some(restart) = outcome.restart {
        state.metrics.injection(restart);
    }
    log::reviewed(&request, &outcome, started);
    Ok(json.into())
}

fn internal() -> Invalid {
    let sentence = "no answer can be written".into();
    Invalid::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", sentence)
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
