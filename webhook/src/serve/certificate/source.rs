//! Where the certificate comes from.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use kube::Client;

use super::super::self_signed::SelfSigned;
use super::secret::SharedSecret;
use super::{Certificate, Clients, Pair};
use crate::config::Tls;

/// How often files are compared. kubelet replaces a mounted Secret by swapping a symbolic link, of
/// which a watch on the file itself sees the first time at most.
const FILES_INTERVAL: Duration = Duration::from_secs(2);

/// Where the certificate comes from.
pub(in super::super) enum Source {
    /// Files that somebody else replaces.
    Files { certificate: PathBuf, key: PathBuf },
    /// An authority that lives as long as this process.
    Memory(SelfSigned),
    /// A Secret that all replicas share.
    Secret(Box<SharedSecret>),
}

impl Source {
    pub(in super::super) fn new(tls: &Tls, client: Option<&Client>) -> anyhow::Result<Self> {
        Ok(match tls {
            Tls::Files { certificate, key } => Self::Files {
                certificate: certificate.clone(),
                key: key.clone(),
            },
            Tls::SelfSigned { dns_names, ca_file } => {
                let issuer = SelfSigned::create(dns_names)?;
                if let Some(path) = ca_file {
                    std::fs::write(path, issuer.authority().to_pem()?)
                        .with_context(|| format!("cannot write {}", path.display()))?;
                }
                Self::Memory(issuer)
            }
            Tls::Secret(settings) => {
                let client = client.context(
                    "server.tls.secret needs an API server, and there is neither a ServiceAccount \
                     nor a kubeconfig",
                )?;
                Self::Secret(Box::new(SharedSecret::new(client, settings)))
            }
        })
    }

    /// The first certificate. A Secret is waited for, because it, the webhook configuration or the
    /// rights to them may come a moment later than this pod.
    pub(in super::super) async fn first(
        &mut self,
        clients: Option<Clients>,
    ) -> anyhow::Result<Certificate> {
        let pair = match self {
            Self::Secret(secret) => secret.first().await,
            source => source.read().await?,
        };
        Certificate::new(pair, clients)
    }

    /// Replaces the certificate if the source has another; an error leaves the old one in use.
    pub(in super::super) async fn renew(
        &mut self,
        certificate: &Certificate,
    ) -> anyhow::Result<bool> {
        if let Self::Memory(issuer) = self
            && !issuer.is_due(certificate.not_after())
        {
            return Ok(false);
        }
        match self.take(certificate).await {
            // Between two reads the files may be replaced: then they fit when they are read again.
            Err(_) if matches!(self, Self::Files { .. }) => self.take(certificate).await,
            result => result,
        }
    }

    async fn take(&mut self, certificate: &Certificate) -> anyhow::Result<bool> {
        certificate.replace(self.read().await?)
    }

    pub(in super::super) fn interval(&self) -> Duration {
        match self {
            Self::Files { .. } | Self::Memory(_) => FILES_INTERVAL,
            Self::Secret(secret) => secret.interval(),
        }
    }

    async fn read(&mut self) -> anyhow::Result<Pair> {
        match self {
            Self::Files { certificate, key } => read_files(certificate, key),
            Self::Memory(issuer) => issuer.issue(),
            Self::Secret(secret) => secret.sync().await,
        }
    }
}

fn read_files(certificate: &Path, key: &Path) -> anyhow::Result<Pair> {
    let read = |path: &Path| {
        std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
    };
    let chain = read(certificate)?;
    let key_pem = zeroize::Zeroizing::new(read(key)?);
    Pair::parse(
        (&certificate.display().to_string(), &chain),
        (&key.display().to_string(), &key_pem),
    )
}
