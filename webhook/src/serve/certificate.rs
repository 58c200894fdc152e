//! The server's certificate, which can be replaced while connections are served.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use anyhow::Context;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::pkey::{PKey, Private};
use openssl::ssl::{
    NameType, SniError, SslAcceptor, SslAcceptorBuilder, SslContext, SslMethod, SslRef,
};
use openssl::x509::X509;

use super::self_signed::SelfSigned;
use crate::config::Tls;

/// A certificate with its chain and key.
#[derive(Clone)]
pub(super) struct Pair {
    pub(super) chain: Vec<X509>,
    pub(super) key: PKey<Private>,
}

/// Where a certificate comes from, and the one that is in use.
#[derive(Clone)]
pub(super) struct Certificate {
    source: Arc<Source>,
    current: Arc<RwLock<Current>>,
    /// The last error, which is told once.
    refused: Arc<Mutex<Option<String>>>,
}

enum Source {
    Files { certificate: PathBuf, key: PathBuf },
    SelfSigned(SelfSigned),
}

struct Current {
    pair: Pair,
    context: SslContext,
}

impl Certificate {
    pub(super) fn load(tls: &Tls) -> anyhow::Result<Self> {
        let source = match tls {
            Tls::Files { certificate, key } => Source::Files {
                certificate: certificate.clone(),
                key: key.clone(),
            },
            Tls::SelfSigned { dns_names, ca_file } => {
                Source::SelfSigned(SelfSigned::create(dns_names, ca_file.as_deref())?)
            }
        };
        let pair = source.read()?;
        let current = Current {
            context: acceptor(&pair)?.build().into_context(),
            pair,
        };
        Ok(Self {
            source: Arc::new(source),
            current: Arc::new(RwLock::new(current)),
            refused: Arc::default(),
        })
    }

    /// An acceptor that uses the current certificate for every new connection.
    pub(super) fn acceptor(&self) -> anyhow::Result<SslAcceptorBuilder> {
        let mut builder = acceptor(&self.current().pair)?;
        let current = Arc::clone(&self.current);
        // OpenSSL calls this for every handshake, also where the client names no server.
        builder.set_servername_callback(move |ssl: &mut SslRef, _| {
            let _: Option<&str> = ssl.servername(NameType::HOST_NAME);
            let current = current.read().unwrap_or_else(PoisonError::into_inner);
            ssl.set_ssl_context(&current.context)
                .map_err(|_| SniError::ALERT_FATAL)
        });
        Ok(builder)
    }

    /// Reads the source again; `None` if nothing changed. An error leaves the old one in use.
    pub(super) fn renew(&self) -> Option<anyhow::Result<()>> {
        if matches!(&*self.source, Source::SelfSigned(_))
            && !SelfSigned::is_due(self.current().pair.leaf())
        {
            return None;
        }
        // Between two reads the files may be replaced: then they fit when they are read again.
        let renewed = self.changed().or_else(|_| self.changed());
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match renewed {
            Ok(renewed) => {
                *refused = None;
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = renewed?;
                Some(Ok(()))
            }
            Err(error) => {
                let sentence = format!("{error:#}");
                let is_known = refused.replace(sentence.clone()) == Some(sentence);
                (!is_known).then_some(Err(error))
            }
        }
    }

    /// The source's certificate, if it is another than the one in use.
    fn changed(&self) -> anyhow::Result<Option<Current>> {
        let pair = self.source.read()?;
        if pair.is_same(&self.current().pair) {
            return Ok(None);
        }
        let context = acceptor(&pair)?.build().into_context();
        Ok(Some(Current { pair, context }))
    }

    /// End of validity, seconds since the epoch.
    pub(super) fn not_after(&self) -> Option<i64> {
        seconds(self.current().pair.leaf()?.not_after())
    }

    fn current(&self) -> RwLockReadGuard<'_, Current> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source {
    fn read(&self) -> anyhow::Result<Pair> {
        match self {
            Self::Files { certificate, key } => Pair::read(certificate, key),
            Self::SelfSigned(issuer) => issuer.issue(),
        }
    }
}

impl Pair {
    fn read(certificate: &Path, key: &Path) -> anyhow::Result<Self> {
        let read = |path: &Path| {
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
        };
        let chain = X509::stack_from_pem(&read(certificate)?)
            .ok()
            .filter(|chain| !chain.is_empty())
            .with_context(|| {
                format!("{} holds no certificate in PEM form", certificate.display())
            })?;
        let key_pem = zeroize::Zeroizing::new(read(key)?);
        let pair = PKey::private_key_from_pem(&key_pem)
            .with_context(|| format!("{} holds no private key in PEM form", key.display()))?;
        Ok(Self { chain, key: pair })
    }

    fn leaf(&self) -> Option<&X509> {
        self.chain.first()
    }

    fn is_same(&self, other: &Self) -> bool {
        let der = |pair: &Self| {
            pair.chain
                .iter()
                .map(|c| c.to_der().ok())
                .collect::<Vec<_>>()
        };
        der(self) == der(other)
    }
}

/// TLS 1.2 and 1.3 with Mozilla's intermediate settings. Fails where key and certificate do not
/// belong together, as they may for a moment while files are replaced one by one.
fn acceptor(pair: &Pair) -> anyhow::Result<SslAcceptorBuilder> {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    let (leaf, intermediates) = pair.chain.split_first().context("the chain is empty")?;
    builder.set_certificate(leaf)?;
    for certificate in intermediates {
        builder.add_extra_chain_cert(certificate.clone())?;
    }
    builder.set_private_key(&pair.key)?;
    builder
        .check_private_key()
        .context("certificate and key do not belong together")?;
    Ok(builder)
}

fn seconds(time: &Asn1TimeRef) -> Option<i64> {
    let epoch = Asn1Time::from_unix(0).ok()?;
    let difference = epoch.diff(time).ok()?;
    Some(i64::from(difference.days) * 24 * 3600 + i64::from(difference.secs))
}
