//! What replicas share: the data of a Secret.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use k8s_openapi::ByteString;
use openssl::pkey::PKey;
use openssl::x509::{X509, X509Ref};
use zeroize::Zeroizing;

use super::decide::{Ages, CertificateAge};
use super::{Authority, Lifetimes, Step};
use crate::serve::certificate::{Pair, seconds};

/// Authorities that clients trust, the newest first, PEM.
const BUNDLE: &str = "ca.crt";
/// Key of the newest authority.
const AUTHORITY_KEY: &str = "ca.key";
/// Certificate of the server, and its intermediates.
const CERTIFICATE: &str = "tls.crt";
/// Its key.
const KEY: &str = "tls.key";

/// What replicas share. What a Secret holds that cannot be used is left out.
#[derive(Default)]
pub(in super::super) struct Stored {
    bundle: Vec<X509>,
    /// The first of the bundle, if its key is there.
    authority: Option<Authority>,
    pair: Option<Pair>,
}

impl Stored {
    pub(in super::super) fn read(data: &BTreeMap<String, ByteString>) -> Self {
        let part = |key: &str| data.get(key).map_or(&[][..], |value| &value.0);
        let bundle = X509::stack_from_pem(part(BUNDLE)).unwrap_or_default();
        let authority = bundle
            .first()
            .zip(PKey::private_key_from_pem(part(AUTHORITY_KEY)).ok());
        let authority = authority
            .filter(|(certificate, key)| belong(certificate, key))
            .map(|(certificate, key)| Authority {
                certificate: certificate.clone(),
                key,
            });
        let pair = Pair::parse((CERTIFICATE, part(CERTIFICATE)), (KEY, part(KEY))).ok();
        let pair = pair.filter(|pair| pair.leaf().is_some_and(|leaf| belong(leaf, &pair.key)));
        Self {
            bundle,
            authority,
            pair,
        }
    }

    /// Certificate and key of the server.
    pub(in super::super) fn pair(&self) -> Option<&Pair> {
        self.pair.as_ref()
    }

    /// The newest authority, for telling whether it is another than before.
    pub(in super::super) fn newest(&self) -> Option<Vec<u8>> {
        self.bundle.first()?.to_der().ok()
    }

    /// The bundle as PEM, for the webhook configuration.
    pub(in super::super) fn bundle(&self) -> anyhow::Result<Vec<u8>> {
        let pem: Vec<_> = self
            .bundle
            .iter()
            .map(|ca| ca.to_pem())
            .collect::<Result<_, _>>()?;
        Ok(pem.concat())
    }

    pub(in super::super) fn ages(
        &self,
        now: i64,
        names: &[String],
        published: Option<Duration>,
    ) -> Ages {
        let left = |certificate: &X509Ref| {
            seconds(certificate.not_after()).map_or(0, |end| end.saturating_sub(now))
        };
        let authority = self.authority.as_ref();
        let leaf = self.pair.as_ref().and_then(Pair::leaf);
        let leaf = leaf.filter(|leaf| covers(leaf, names));
        let issuer = leaf.and_then(|leaf| {
            let trusted = self.bundle.iter().filter(|authority| left(authority) > 0);
            trusted
                .into_iter()
                .find(|authority| is_signed_by(leaf, authority))
        });
        Ages {
            authority: authority.map(|authority| left(&authority.certificate)),
            certificate: leaf.zip(issuer).map(|(leaf, issuer)| CertificateAge {
                left: left(leaf),
                by_newest: authority.is_some_and(|newest| newest.certificate == *issuer),
            }),
            published,
        }
    }

    /// The same after a step. Authorities that have expired leave the bundle.
    pub(in super::super) fn after(
        mut self,
        step: Step,
        now: i64,
        lifetimes: &Lifetimes,
        names: &[String],
    ) -> anyhow::Result<Self> {
        if matches!(step, Step::Authority | Step::Everything) {
            let authority = Authority::create(now, lifetimes.authority)?;
            self.bundle.insert(0, authority.certificate.clone());
            self.authority = Some(authority);
        }
        if matches!(step, Step::Certificate | Step::Everything) {
            let authority = self.authority.as_ref().context("there is no authority")?;
            self.pair = Some(authority.issue(now, lifetimes.certificate, names)?);
        }
        self.bundle
            .retain(|authority| seconds(authority.not_after()).is_some_and(|end| end > now));
        Ok(self)
    }

    /// As the Secret's data.
    pub(in super::super) fn data(&self) -> anyhow::Result<BTreeMap<&'static str, ByteString>> {
        let authority = self.authority.as_ref().context("there is no authority")?;
        let pair = self.pair.as_ref().context("there is no certificate")?;
        let chain: Vec<_> = pair
            .chain
            .iter()
            .map(|c| c.to_pem())
            .collect::<Result<_, _>>()?;
        let key = |key: &PKey<_>| key.private_key_to_pem_pkcs8().map(Zeroizing::new);
        Ok(BTreeMap::from([
            (BUNDLE, ByteString(self.bundle()?)),
            (AUTHORITY_KEY, ByteString(key(&authority.key)?.to_vec())),
            (CERTIFICATE, ByteString(chain.concat())),
            (KEY, ByteString(key(&pair.key)?.to_vec())),
        ]))
    }
}

fn belong<T: openssl::pkey::HasPrivate>(certificate: &X509Ref, key: &PKey<T>) -> bool {
    certificate
        .public_key()
        .is_ok_and(|public| public.public_eq(key))
}

fn is_signed_by(leaf: &X509Ref, authority: &X509Ref) -> bool {
    authority
        .public_key()
        .is_ok_and(|key| leaf.verify(&key).unwrap_or(false))
}

/// Whether the certificate is for all of these names.
fn covers(leaf: &X509Ref, names: &[String]) -> bool {
    let present = leaf.subject_alt_names();
    let has = |name: &String| {
        present
            .iter()
            .flatten()
            .any(|present| match name.parse::<std::net::IpAddr>() {
                Ok(std::net::IpAddr::V4(address)) => present.ipaddress() == Some(&address.octets()),
                Ok(std::net::IpAddr::V6(address)) => present.ipaddress() == Some(&address.octets()),
                Err(_) => present.dnsname() == Some(name),
            })
    };
    names.iter().all(has)
}

#[cfg(test)]
mod tests;
