//! Why no client can be made.

use thiserror::Error;

/// Why no client can be made of the settings.
#[derive(Debug, Error)]
pub(crate) enum ClientError {
    #[error("Vault's address cannot be used as an HTTP address")]
    Address,
    #[error("{name} is not an `http://` proxy; env-exec knows no others")]
    Proxy { name: &'static str },
    #[error("TLS server name `{0}` is neither a host name nor an IP address")]
    ServerName(String),
    #[error("{source_name}: {reason}")]
    Pem { source_name: String, reason: String },
    #[error("the key in {key} is not that of the certificate in {certificate}")]
    OtherKey { key: String, certificate: String },
    #[error("no CA certificates were found here; name Vault's CA, or give the image a trust store")]
    NoSystemTrust,
    #[error("the TLS settings cannot be used: {0}")]
    Tls(rustls::Error),
}
