//! What every request on a connection does to it.

use std::rc::Rc;

use actix_http::ConnectionType;
use actix_web::Error;
use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};

use super::answer::Answer;
use super::exchange::Exchange;

/// Has a request's connection read its body, and wait until its answer is written. After a request
/// that no API server sends the connection ends, so that a place is not kept by such.
pub(super) fn follow<S>(
    request: ServiceRequest,
    service: &S,
) -> impl Future<Output = Result<ServiceResponse<Answer>, Error>> + use<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error>,
{
    let exchange: Option<Rc<Exchange>> = request.request().conn_data().cloned();
    // Where such a body ends is not looked for, so nothing behind it can be told from it.
    let has_no_length = request.headers().contains_key(TRANSFER_ENCODING);
    if let Some(exchange) = &exchange {
        exchange.begin(length(request.headers()));
    }
    let answer = service.call(request);
    async move {
        let mut answer = answer.await?;
        let is_retired = exchange.as_ref().is_some_and(|e| e.is_retired());
        if answer.status().is_client_error() || has_no_length || is_retired {
            let head = answer.response_mut().head_mut();
            head.set_connection_type(ConnectionType::Close);
            if let Some(exchange) = &exchange {
                exchange.set_last();
            }
        }
        Ok(answer.map_body(|_, body| Answer::new(body, exchange)))
    }
}

/// What actix takes for the length of a body too: it has rejected all that is no number.
fn length(headers: &HeaderMap) -> u64 {
    let value = headers.get(CONTENT_LENGTH);
    let value = value.and_then(|value| value.to_str().ok());
    value
        .and_then(|value| value.trim().parse().ok())
        .unwrap_or(0)
}
