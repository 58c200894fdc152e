//! A certificate with its chain and key.

use anyhow::Context;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslAcceptor, SslAcceptorBuilder, SslMethod};
use openssl::x509::X509;

/// A certificate with its chain and key.
#[derive(Clone)]
pub(in super::super) struct Pair {
    pub(in super::super) chain: Vec<X509>,
    pub(in super::super) key: PKey<Private>,
}

impl Pair {
    /// Reads both from PEM; `certificate` and `key` are what an error calls them. The key may not
    /// belong to the certificate, as for a moment while files are replaced one by one.
    pub(in super::super) fn parse(
        (certificate, chain): (&str, &[u8]),
        (key, key_pem): (&str, &[u8]),
    ) -> anyhow::Result<Self> {
        let chain = X509::stack_from_pem(chain)
            .ok()
            .filter(|chain| !chain.is_empty())
            .with_context(|| format!("{certificate} holds no certificate in PEM form"))?;
        let key = PKey::private_key_from_pem(key_pem)
            .with_context(|| format!("{key} holds no private key in PEM form"))?;
        Ok(Self { chain, key })
    }

    pub(in super::super) fn leaf(&self) -> Option<&X509> {
        self.chain.first()
    }

    /// End of the leaf's validity, seconds since the epoch.
    pub(in super::super) fn not_after(&self) -> Option<i64> {
        seconds(self.leaf()?.not_after())
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        let der = |pair: &Self| {
            pair.chain
                .iter()
                .map(|c| c.to_der().ok())
                .collect::<Vec<_>>()
        };
        der(self) == der(other)
    }

    /// TLS 1.2 and 1.3 with Mozilla's intermediate settings. Fails where key and certificate do not
    /// belong together.
    pub(super) fn acceptor(&self) -> anyhow::Result<SslAcceptorBuilder> {
        let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
        let (leaf, intermediates) = self.chain.split_first().context("the chain is empty")?;
        builder.set_certificate(leaf)?;
        for certificate in intermediates {
            builder.add_extra_chain_cert(certificate.clone())?;
        }
        builder.set_private_key(&self.key)?;
        builder
            .check_private_key()
            .context("certificate and key do not belong together")?;
        Ok(builder)
    }
}

/// Seconds since the epoch.
pub(in super::super) fn seconds(time: &Asn1TimeRef) -> Option<i64> {
    let epoch = Asn1Time::from_unix(0).ok()?;
    let difference = epoch.diff(time).ok()?;
    Some(i64::from(difference.days) * 24 * 3600 + i64::from(difference.secs))
}
