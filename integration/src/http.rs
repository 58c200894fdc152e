//! A blocking HTTP client for tests. It must not be used, nor dropped, inside an async runtime.

use std::error::Error;
use std::sync::Once;
use std::time::Duration;

use reqwest::blocking::{Client, ClientBuilder, RequestBuilder};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Identity};
use serde_json::Value;

/// A client that trusts the authorities in `trusted` (PEM) and no others, ignores proxies of
/// the environment, follows no redirect, and gives up after half a minute.
pub fn build_client(trusted: &str) -> reqwest::Result<Client> {
    client_builder(trusted)?.build()
}

/// The client of [`build_client`], with a client certificate.
pub fn build_client_with_certificate(
    trusted: &str,
    identity: &crate::certificates::Identity,
) -> reqwest::Result<Client> {
    let pem = [identity.key.as_str(), &identity.certificate].concat();
    client_builder(trusted)?
        .identity(Identity::from_pem(pem.as_bytes())?)
        .build()
}

/// The client of [`build_client`] before it is built, to be given further settings.
pub fn client_builder(trusted: &str) -> reqwest::Result<ClientBuilder> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // An error means that there is one already, which does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let certificates = Certificate::from_pem_bundle(trusted.as_bytes())?;
    Ok(Client::builder()
        .tls_certs_only(certificates)
        .redirect(Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(60)))
}

/// A refusal: a status that is not 2xx, and the body that came with it.
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) answer: String,
}

/// Makes a request, and gives the JSON of its answer, or null where it is none.
pub(crate) fn send_request(request: RequestBuilder) -> reqwest::Result<Result<Value, Refusal>> {
    let response = request.send()?;
    let status = response.status();
    let answer = response.text()?;
    if !status.is_success() {
        return Ok(Err(Refusal {
            status: status.as_u16(),
            answer,
        }));
    }
    Ok(Ok(serde_json::from_str(&answer).unwrap_or(Value::Null)))
}

/// An error with its causes, which reqwest leaves out of its message.
pub(crate) fn describe_error(error: &reqwest::Error) -> String {
    let mut sentence = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        sentence = format!("{sentence}: {cause}");
        source = cause.source();
    }
    sentence
}
