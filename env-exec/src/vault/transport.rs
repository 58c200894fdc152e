//! One HTTP request and its whole answer, whatever its status; below it hyper.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use contract::limits::ERROR_ANSWER_BYTES;
use http::header::{CONTENT_TYPE, LOCATION, PROXY_AUTHORIZATION, USER_AGENT};
use http::{HeaderValue, Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper_rustls::{FixedServerNameResolver, HttpsConnector};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rustify::errors::ClientError as RestError;
use rustls::pki_types::ServerName;

use super::budget::Budget;
use super::client_error::ClientError;
use super::connect::Connector;
use super::connection_error::explain_connection_error;
use super::error::VaultError;
use super::plain_http;
use super::redirect::redirected;
use super::tls;
use crate::settings::VaultSettings;

const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("env-exec/", env!("CARGO_PKG_VERSION")));

/// An answer with its body read.
pub(super) type Response = http::Response<Vec<u8>>;

/// HTTP to one Vault.
pub(crate) struct Transport {
    client: Client<HttpsConnector<Connector>, Full<Bytes>>,
    base: String,
    /// For messages.
    address: String,
    proxy_credentials: Option<HeaderValue>,
    attempt: Duration,
    budget: Budget,
}

impl Transport {
    /// Prepares a client. An attempt may take half of the time for everything, so that one that
    /// hangs is not the last.
    pub(super) fn new(settings: &VaultSettings) -> Result<Self, ClientError> {
        let attempt = settings.deadline / 2;
        let (connector, proxy_credentials) = Connector::new(settings, attempt / 2)?;
        let tls = tls::config(settings)?;
        let connector = match &settings.server_name {
            None => HttpsConnector::from((connector, tls)),
            Some(name) => {
                let server_name = ServerName::try_from(name.clone())
                    .map_err(|_| ClientError::ServerName(name.clone()))?;
                let fixed = Arc::new(FixedServerNameResolver::new(server_name));
                HttpsConnector::new(connector, tls, false, fixed)
            }
        };
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            base: settings.address.base().into(),
            address: settings.address.to_string(),
            proxy_credentials,
            attempt,
            budget: Budget::new(),
        })
    }

    /// Our own error out of the one that rustify carried.
    pub(super) fn explain(&self, error: RestError) -> VaultError {
        let reason = error.to_string();
        if let RestError::RequestError { source, .. } = error
            && let Ok(error) = source.downcast::<VaultError>()
        {
            return error;
        }
        VaultError::Unreachable {
            address: self.address.clone(),
            reason,
        }
    }

    async fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response, VaultError> {
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let response = self.client.request(request).await;
        let (head, body) = response
            .map_err(|error| explain_connection_error(&self.address, &error))?
            .into_parts();
        if head.status.is_redirection() {
            let location = head.headers.get(LOCATION);
            let location = location.and_then(|value| value.to_str().ok());
            return Err(redirected(&self.address, location));
        }
        let body = if head.status.is_success() {
            self.read_answer(body).await?
        } else {
            self.read_error(body).await?
        };
        if let Some(error) = plain_http::wants_tls(&self.address, head.status, &body) {
            return Err(error);
        }
        Ok(Response::from_parts(head, body))
    }

    /// Reads what is kept until the program starts.
    async fn read_answer(&self, mut body: Incoming) -> Result<Vec<u8>, VaultError> {
        let mut reading = self.budget.begin();
        let mut bytes = Vec::new();
        while let Some(piece) = self.next_piece(&mut body).await? {
            reading.take(piece.len())?;
            bytes.extend_from_slice(&piece);
        }
        reading.keep(&bytes)?;
        Ok(bytes)
    }

    /// Reads an error, or nothing of one that is not Vault's by its length.
    async fn read_error(&self, mut body: Incoming) -> Result<Vec<u8>, VaultError> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next_piece(&mut body).await? {
            if bytes.len() + piece.len() > ERROR_ANSWER_BYTES {
                return Ok(Vec::new());
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }

    async fn next_piece(&self, body: &mut Incoming) -> Result<Option<Bytes>, VaultError> {
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| explain_connection_error(&self.address, &error))?;
            if let Ok(piece) = frame.into_data() {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }
}

#[async_trait]
impl rustify::client::Client for Transport {
    async fn send(&self, mut request: Request<Vec<u8>>) -> Result<Response, RestError> {
        let method = request.method().clone();
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, AGENT);
        if method != Method::GET {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(credentials) = &self.proxy_credentials {
            headers.insert(PROXY_AUTHORIZATION, credentials.clone());
        }
        if let Some(token) = headers.get_mut("X-Vault-Token") {
            token.set_sensitive(true);
        }
        let exchanged = tokio::time::timeout(self.attempt, self.exchange(request)).await;
        exchanged
            .unwrap_or_else(|_| {
                Err(VaultError::Timeout {
                    address: self.address.clone(),
                    after: self.attempt,
                })
            })
            .map_err(|error| RestError::RequestError {
                source: error.into(),
                url: self.address.clone(),
                method: method.to_string(),
            })
    }

    fn base(&self) -> &str {
        &self.base
    }

    /// Every status is an answer; the default would drop the headers of a refusal.
    async fn execute(&self, request: Request<Vec<u8>>) -> Result<Response, RestError> {
        self.send(request).await
    }
}
