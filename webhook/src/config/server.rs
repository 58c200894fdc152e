//! The HTTP server's addresses, certificate and limits.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{ConfigError, PositiveDuration};

/// The HTTP server. Changes take effect at the next start.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Server {
    /// The release that this file comes with, by any name. A file of another one is not taken while the
    /// server runs: its images and settings are for the replicas that come with it.
    pub release: Option<String>,
    /// Where `/mutate` is served, with TLS.
    pub listen: SocketAddr,
    /// Where `/metrics`, `/healthz` and `/readyz` are served, without TLS.
    pub listen_metrics: SocketAddr,
    /// The certificate of `listen`: `files`, `selfSigned` or `secret`. Without it a self-signed one for
    /// `localhost`.
    pub tls: Tls,
    /// File with the authorities, PEM, of the client certificates that connections to `listen` must show.
    /// Watched for changes. Without it none is asked for: the API server shows one only where its
    /// `AdmissionConfiguration` names a kubeconfig that has it.
    pub client_ca_file: Option<PathBuf>,
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
    /// A Secret that all replicas share.
    Secret(TlsSecret),
}

/// A Secret with `tls.crt`, `tls.key` and `ca.crt`, read through the API server.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TlsSecret {
    /// The Secret.
    pub name: String,
    /// Its namespace; the pod's own if absent.
    #[serde(default)]
    pub namespace: Option<String>,
    /// The `MutatingWebhookConfiguration` whose `caBundle` the webhook keeps equal to `ca.crt`. Absent:
    /// the webhook changes none.
    #[serde(default)]
    pub webhook_configuration: Option<String>,
    /// Duration between two looks at both.
    #[serde(default = "every_15_seconds")]
    pub interval: PositiveDuration,
    /// Has the replicas fill the Secret, and replace its content in time. Absent: another component
    /// does.
    #[serde(default)]
    pub issue: Option<Issue>,
}

/// An authority and a certificate that the replicas make.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Issue {
    /// Names that clients use, such as `tokenpipe.tokenpipe.svc`.
    pub dns_names: Vec<String>,
    /// Lifetime of an authority, a duration of at least three times that of a certificate. A new one is
    /// made when a third of it is left.
    #[serde(default = "a_year")]
    pub authority_lifetime: PositiveDuration,
    /// Lifetime of a certificate, a duration. A new one is made when a third of it is left.
    #[serde(default = "ninety_days")]
    pub certificate_lifetime: PositiveDuration,
    /// Duration for which a new authority is in the webhook configuration before it signs, so that every
    /// API server knows it by then.
    #[serde(default = "ten_minutes")]
    pub settle: PositiveDuration,
}

fn every_15_seconds() -> PositiveDuration {
    PositiveDuration::of_seconds(15)
}

fn a_year() -> PositiveDuration {
    PositiveDuration::of_seconds(365 * 24 * 3600)
}

fn ninety_days() -> PositiveDuration {
    PositiveDuration::of_seconds(90 * 24 * 3600)
}

fn ten_minutes() -> PositiveDuration {
    PositiveDuration::of_seconds(600)
}

/// Limits of the server.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// Largest review in bytes. The API server takes objects of 3 MiB.
    pub body_bytes: usize,
    /// Connections at once, of all threads together. At the limit, a new connection closes an old one:
    /// first one without a request, then an idle one, and last one with a request.
    pub connections: usize,
    /// Reviews of more than 48 KiB that are read at once; a further one is answered 503.
    pub reviews: usize,
    /// Threads. Without it as many as there are cores.
    pub workers: Option<usize>,
    /// Seconds after a stop signal for which the server still takes connections and reports that it is
    /// not ready. The Service may send connections until then.
    pub drain_seconds: u64,
    /// Seconds that running reviews get after that.
    pub stop_seconds: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            release: None,
            listen: (Ipv4Addr::UNSPECIFIED, 8443).into(),
            listen_metrics: (Ipv4Addr::UNSPECIFIED, 9090).into(),
            tls: Tls::SelfSigned {
                dns_names: vec!["localhost".into()],
                ca_file: None,
            },
            client_ca_file: None,
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
        if let Tls::Secret(TlsSecret {
            issue: Some(issue),
            interval,
            ..
        }) = &self.tls
        {
            issue.check(*interval)?;
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

impl Issue {
    fn check(&self, interval: PositiveDuration) -> Result<(), ConfigError> {
        let problem = |key, reason: String| Err(ConfigError::Value { key, reason });
        if self.dns_names.is_empty() {
            let key = "server.tls.secret.issue.dnsNames";
            return problem(key, "at least one name is needed".into());
        }
        if self.authority_lifetime.get() < 3 * self.certificate_lifetime.get() {
            let key = "server.tls.secret.issue.authorityLifetime";
            return problem(
                key,
                "must be at least three times certificateLifetime".into(),
            );
        }
        // A certificate that is due must not expire while a new authority settles.
        if self.certificate_lifetime.get() < 3 * (self.settle.get() + 2 * interval.get()) {
            let key = "server.tls.secret.issue.certificateLifetime";
            let reason = "must be at least three times settle and twice the interval together";
            return problem(key, reason.into());
        }
        Ok(())
    }
}
