//! A blocking HTTP client for tests. It must not be used, nor dropped, inside an async runtime.

use std::error::Error;
use std::sync::Once;
use std::time::Duration;

use reqwest::blocking::{Client, ClientBuilder};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Identity};

/// A client that trusts the authorities in `trusted` (PEM) and no others, ignores proxies of
/// the environment, follows no redirect, and gives up after ten seconds.
pub fn client(trusted: &str) -> reqwest::Result<Client> {
    builder(trusted)?.build()
}

/// The client of [`client`], with a client certificate.
pub fn client_with_certificate(
    trusted: &str,
    identity: &crate::certificates::Identity,
) -> reqwest::Result<Client> {
    let pem = [identity.key.as_str(), &identity.certificate].concat();
    builder(trusted)?
        .identity(Identity::from_pem(pem.as_bytes())?)
        .build()
}

/// The client of [`client`] before it is built, to be given further settings.
pub fn builder(trusted: &str) -> reqwest::Result<ClientBuilder> {
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
        .timeout(Duration::from_secs(10)))
}

/// An error with its causes, which reqwest leaves out of its message.
pub(crate) fn sentence(error: &reqwest::Error) -> String {
    let mut sentence = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        sentence = format!("{sentence}: {cause}");
        source = cause.source();
    }
    sentence
}
