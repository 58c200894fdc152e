//! The HTTP server's addresses, certificate and limits.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ConfigError;

/// The HTTP server. Changes take effect at the next start.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Server {
    /// Where `/mutate` is served, with TLS.
    pub listen: SocketAddr,
    /// Where `/metrics`, `/healthz` and `/readyz` are served, without TLS.
    pub listen_metrics: SocketAddr,
    /// The certificate of `listen`: `files` or `selfSigned`. Without it a self-signed one for
    /// `localhost`.
    pub tls: Tls,
    /// Limits.
    pub limits: Limits,
}

/// The certificate of `listen`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Tls {
    /// PEM files, as in a mounted Secret of type `kubernetes.io/tls`. Watched for changes.
    #[serde(rename_all = "camelCase")]
    Files {
        /// Certificate and intermediates.
        certificate: PathBuf,
        /// Private key.
        key: PathBuf,
    },
    /// A CA and certificate made at start.
    #[serde(rename_all = "camelCase")]
    SelfSigned {
        /// Names that clients use, such as `tokenpipe.tokenpipe.svc`.
        dns_names: Vec<String>,
        /// Where to write the CA's certificate, PEM, for the webhook configuration's `caBundle`.
        #[serde(default)]
        ca_file: Option<PathBuf>,
    },
}

/// Limits of the server.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// Largest review in bytes. The API server takes objects of 3 MiB.
    pub body_bytes: usize,
    /// Connections at once, of all threads together; further ones wait.
    pub connections: usize,
    /// Reviews at once; a further one is answered 503.
    pub reviews: usize,
    /// Threads. Without it as many as there are cores.
    pub workers: Option<usize>,
    /// Seconds for which the server, told to stop, still takes connections, and says that it is
    /// not ready: until then the Service may send some.
    pub drain_seconds: u64,
    /// Seconds that running reviews get after that.
    pub stop_seconds: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::UNSPECIFIED, 8443).into(),
            listen_metrics: (Ipv4Addr::UNSPECIFIED, 9090).into(),
            tls: Tls::SelfSigned {
                dns_names: vec!["localhost".into()],
                ca_file: None,
            },
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 4 * 1024 * 1024,
            connections: 1024,
            reviews: 64,
            workers: None,
            drain_seconds: 5,
            stop_seconds: 20,
        }
    }
}

impl Server {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let problem = |key, reason: &str| {
            Err(ConfigError::Value {
                key,
                reason: reason.into(),
            })
        };
        if matches!(&self.tls, Tls::SelfSigned { dns_names, .. } if dns_names.is_empty()) {
            return problem(
                "server.tls.selfSigned.dnsNames",
                "at least one name is needed",
            );
        }
        let limits = &self.limits;
        if limits.body_bytes < 64 * 1024 {
            return problem("server.limits.bodyBytes", "must be at least 65536");
        }
        if limits.connections == 0 || limits.reviews == 0 || limits.workers == Some(0) {
            return problem("server.limits", "a limit must be at least 1");
        }
        Ok(())
    }
}
