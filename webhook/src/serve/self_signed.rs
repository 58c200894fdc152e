//! An authority of our own, and the certificates that it signs.

mod decide;
mod stored;

use std::time::{SystemTime, UNIX_EPOCH};

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
    SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509NameBuilder, X509NameRef};

use super::certificate::{Pair, seconds};
pub(super) use decide::{Lifetimes, Step, decide, is_due};
pub(super) use stored::Stored;

/// A certificate is valid from a little earlier on: the API server's clock may be behind ours.
const BACKDATED: i64 = 3600;

/// An authority and its key.
#[derive(Clone)]
pub(super) struct Authority {
    pub(super) certificate: X509,
    pub(super) key: PKey<Private>,
}

/// An authority in memory, and what it issues.
pub(super) struct SelfSigned {
    authority: Authority,
    lifetimes: Lifetimes,
    dns_names: Vec<String>,
}

impl SelfSigned {
    pub(super) fn create(dns_names: &[String]) -> anyhow::Result<Self> {
        let lifetimes = Lifetimes::IN_MEMORY;
        Ok(Self {
            authority: Authority::create(now(), lifetimes.authority)?,
            lifetimes,
            dns_names: dns_names.to_vec(),
        })
    }

    /// The authority's certificate.
    pub(super) fn authority(&self) -> &X509 {
        &self.authority.certificate
    }

    /// A new certificate with a new key.
    pub(super) fn issue(&self) -> anyhow::Result<Pair> {
        self.authority
            .issue(now(), self.lifetimes.certificate, &self.dns_names)
    }

    /// Whether a certificate that ends then is to be replaced.
    pub(super) fn is_due(&self, not_after: Option<i64>) -> bool {
        not_after.is_none_or(|end| is_due(end - now(), self.lifetimes.certificate))
    }
}

impl Authority {
    /// A new authority with a new key, for so many seconds.
    pub(super) fn create(now: i64, lifetime: i64) -> anyhow::Result<Self> {
        let key = new_key()?;
        let name = name("tokenpipe")?;
        let mut builder = builder(&name, &key, now, now + lifetime)?;
        builder.set_issuer_name(&name)?;
        builder.append_extension(BasicConstraints::new().critical().ca().pathlen(0).build()?)?;
        let usage = KeyUsage::new()
            .critical()
            .key_cert_sign()
            .crl_sign()
            .build()?;
        builder.append_extension(usage)?;
        let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
        builder.append_extension(identifier)?;
        builder.sign(&key, MessageDigest::sha256())?;
        Ok(Self {
            certificate: builder.build(),
            key,
        })
    }

    /// A new certificate with a new key, for so many seconds or until the authority itself ends.
    pub(super) fn issue(
        &self,
        now: i64,
        lifetime: i64,
        dns_names: &[String],
    ) -> anyhow::Result<Pair> {
        let key = new_key()?;
        let name = name(dns_names.first().map_or("tokenpipe", String::as_str))?;
        let end = seconds(self.certificate.not_after()).unwrap_or(i64::MAX);
        let mut builder = builder(&name, &key, now, end.min(now + lifetime))?;
        builder.set_issuer_name(self.certificate.subject_name())?;
        builder.append_extension(BasicConstraints::new().critical().build()?)?;
        builder.append_extension(KeyUsage::new().critical().digital_signature().build()?)?;
        builder.append_extension(ExtendedKeyUsage::new().server_auth().build()?)?;
        let mut names = SubjectAlternativeName::new();
        for name in dns_names {
            match name.parse::<std::net::IpAddr>() {
                Ok(_) => names.ip(name),
                Err(_) => names.dns(name),
            };
        }
        let context = builder.x509v3_context(Some(&self.certificate), None);
        let names = names.build(&context)?;
        // Authorities of one rotation have the same name: this tells which of them signed.
        let issuer = AuthorityKeyIdentifier::new().keyid(true).build(&context)?;
        builder.append_extension(names)?;
        builder.append_extension(issuer)?;
        builder.sign(&self.key, MessageDigest::sha256())?;
        Ok(Pair {
            chain: vec![builder.build()],
            key,
        })
    }
}

/// Seconds since the epoch.
pub(super) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    elapsed.map_or(0, |elapsed| {
        i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
    })
}

fn builder(
    name: &X509NameRef,
    key: &PKey<Private>,
    now: i64,
    end: i64,
) -> anyhow::Result<X509Builder> {
    let mut serial = BigNum::new()?;
    serial.rand(159, MsbOption::MAYBE_ZERO, false)?;
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*serial.to_asn1_integer()?)?;
    builder.set_subject_name(name)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(&*Asn1Time::from_unix(now - BACKDATED)?)?;
    builder.set_not_after(&*Asn1Time::from_unix(end)?)?;
    Ok(builder)
}

fn new_key() -> anyhow::Result<PKey<Private>> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    Ok(PKey::from_ec_key(EcKey::generate(&group)?)?)
}

fn name(common_name: &str) -> anyhow::Result<openssl::x509::X509Name> {
    let mut builder = X509NameBuilder::new()?;
    // RFC 5280 bounds a common name at 64 characters; clients look at the alternative names.
    let common_name: String = common_name.chars().take(64).collect();
    builder.append_entry_by_nid(Nid::COMMONNAME, &common_name)?;
    Ok(builder.build())
}
