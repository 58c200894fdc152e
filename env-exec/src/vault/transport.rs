//! One HTTP request and its whole answer, whatever its status; below it hyper.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::header::{CONTENT_TYPE, PROXY_AUTHORIZATION, USER_AGENT};
use http::{HeaderValue, Method, Request};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper_rustls::{FixedServerNameResolver, HttpsConnector};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use nix::errno::Errno;
use rustify::errors::ClientError as RestError;
use rustls::CertificateError;
use rustls::pki_types::ServerName;
use thiserror::Error as ThisError;

use super::connect::Connector;
use super::error::VaultError;
use super::resolver::ResolveError;
use super::tls;
use crate::settings::VaultSettings;

/// Largest answer that is read. An environment takes 6 MiB at most.
const MAX_BODY: usize = 6 * 1024 * 1024;

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
}

/// Why no client can be made of the settings.
#[derive(Debug, ThisError)]
pub(crate) enum ClientError {
    #[error("Vault's address cannot be used as an HTTP address")]
    Address,
    #[error("{name} is not an `http://` proxy: env-exec knows no others")]
    Proxy { name: &'static str },
    #[error("TLS server name `{0}` is neither a host name nor an IP address")]
    ServerName(String),
    #[error("{source_name}: {reason}")]
    Pem { source_name: String, reason: String },
    #[error("the key in {key} is not that of the certificate in {certificate}")]
    OtherKey { key: String, certificate: String },
    #[error("no CA certificates were found here: name Vault's CA, or give the image a trust store")]
    NoSystemTrust,
    #[error("the TLS settings cannot be used: {0}")]
    Tls(rustls::Error),
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
        self.unreachable(reason)
    }

    async fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response, VaultError> {
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let response = self.client.request(request).await;
        let (head, body) = response.map_err(|error| self.broken(&error))?.into_parts();
        let body = Limited::new(body, MAX_BODY)
            .collect()
            .await
            .map_err(|error| {
                if error.is::<LengthLimitError>() {
                    VaultError::TooLarge { limit: MAX_BODY }
                } else {
                    self.broken(error.as_ref())
                }
            })?;
        Ok(Response::from_parts(head, body.to_bytes().into()))
    }

    /// What happened, from the depths of a chain of errors: the deepest knows best.
    fn broken(&self, error: &(dyn Error + 'static)) -> VaultError {
        let chain = std::iter::successors(Some(error), |error| inner(*error));
        let unresolved = chain
            .clone()
            .find_map(|error| error.downcast_ref::<ResolveError>());
        if let Some(error) = unresolved {
            return self.unreachable(error.to_string());
        }
        if let Some(reason) = chain.clone().find_map(untrusted) {
            return VaultError::Untrusted {
                address: self.address.clone(),
                reason,
            };
        }
        if let Some(reason) = chain.clone().find_map(not_accepted) {
            return VaultError::NotAccepted {
                address: self.address.clone(),
                reason,
            };
        }
        self.unreachable(chain.last().map(explained).unwrap_or_default())
    }

    fn unreachable(&self, reason: String) -> VaultError {
        VaultError::Unreachable {
            address: self.address.clone(),
            reason,
        }
    }
}

/// A certificate that does not prove what it must: another attempt would see it again.
fn untrusted(error: &(dyn Error + 'static)) -> Option<String> {
    let rustls::Error::InvalidCertificate(wrong) = error.downcast_ref()? else {
        return None;
    };
    Some(match wrong {
        CertificateError::UnknownIssuer => {
            "its certificate is signed by no CA that is trusted here".into()
        }
        wrong => format!("its certificate is not good: {wrong}"),
    })
}

/// What Vault has against our certificate, or against there being none: it would be the same again.
fn not_accepted(error: &(dyn Error + 'static)) -> Option<String> {
    use rustls::AlertDescription::{
        BadCertificate, CertificateExpired, CertificateRequired, CertificateRevoked,
        CertificateUnknown, UnknownCA, UnsupportedCertificate,
    };
    let rustls::Error::AlertReceived(alert) = error.downcast_ref()? else {
        return None;
    };
    match alert {
        CertificateRequired => Some("wants a TLS client certificate, and none was shown".into()),
        BadCertificate
        | CertificateExpired
        | CertificateRevoked
        | CertificateUnknown
        | UnknownCA
        | UnsupportedCertificate => Some(format!(
            "does not accept the TLS client certificate, or wants one ({alert:?})"
        )),
        _ => None,
    }
}

/// One error in words that tell a person where to look.
fn explained(error: &(dyn Error + 'static)) -> String {
    let number = error.downcast_ref().and_then(io::Error::raw_os_error);
    if let Some(number) = number {
        return Errno::from_raw(number).desc().into();
    }
    if matches!(error.downcast_ref(), Some(rustls::Error::InvalidMessage(_))) {
        return "what listens there does not speak TLS".into();
    }
    let text = error.to_string();
    // The type is private to hyper-util.
    if text.starts_with("tunnel error: ") {
        return format!("the proxy opens no way to it ({text})");
    }
    text
}

/// An [`io::Error`] skips what it wraps when it is asked for its source.
fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
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
