//! A CA and certificates of our own, made at start and kept in memory.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{
    BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
};
use openssl::x509::{X509, X509Builder, X509NameBuilder, X509NameRef};

use super::certificate::Pair;

/// The CA lives only as long as this process.
const CA_DAYS: u32 = 3650;
/// A certificate is replaced when less than a third of this is left.
const LEAF_DAYS: u32 = 90;

/// Issuer of the server's certificate.
pub(super) struct SelfSigned {
    ca: X509,
    key: PKey<Private>,
    dns_names: Vec<String>,
}

impl SelfSigned {
    /// Makes the CA, and writes its certificate where it is asked for.
    pub(super) fn create(dns_names: &[String], ca_file: Option<&Path>) -> anyhow::Result<Self> {
        let key = new_key()?;
        let ca = ca_certificate(&key)?;
        if let Some(path) = ca_file {
            std::fs::write(path, ca.to_pem()?)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(Self {
            ca,
            key,
            dns_names: dns_names.to_vec(),
        })
    }

    /// A new certificate with a new key.
    pub(super) fn issue(&self) -> anyhow::Result<Pair> {
        let key = new_key()?;
        let name = name(self.dns_names.first().map_or("tokenpipe", String::as_str))?;
        let mut builder = builder(&name, &key, LEAF_DAYS)?;
        builder.set_issuer_name(self.ca.subject_name())?;
        builder.append_extension(BasicConstraints::new().critical().build()?)?;
        builder.append_extension(KeyUsage::new().critical().digital_signature().build()?)?;
        builder.append_extension(ExtendedKeyUsage::new().server_auth().build()?)?;
        let mut names = SubjectAlternativeName::new();
        for name in &self.dns_names {
            match name.parse::<std::net::IpAddr>() {
                Ok(_) => names.ip(name),
                Err(_) => names.dns(name),
            };
        }
        let names = names.build(&builder.x509v3_context(Some(&self.ca), None))?;
        builder.append_extension(names)?;
        builder.sign(&self.key, MessageDigest::sha256())?;
        Ok(Pair {
            chain: vec![builder.build()],
            key,
        })
    }

    /// Whether a certificate is to be replaced.
    pub(super) fn is_due(leaf: Option<&X509>) -> bool {
        let limit = Asn1Time::days_from_now(LEAF_DAYS / 3);
        match (leaf, limit) {
            (Some(leaf), Ok(limit)) => leaf.not_after() < limit,
            _ => true,
        }
    }
}

fn ca_certificate(key: &PKey<Private>) -> anyhow::Result<X509> {
    let name = name("tokenpipe")?;
    let mut builder = builder(&name, key, CA_DAYS)?;
    builder.set_issuer_name(&name)?;
    builder.append_extension(BasicConstraints::new().critical().ca().pathlen(0).build()?)?;
    builder.append_extension(
        KeyUsage::new()
            .critical()
            .key_cert_sign()
            .crl_sign()
            .build()?,
    )?;
    builder.sign(key, MessageDigest::sha256())?;
    Ok(builder.build())
}

fn builder(name: &X509NameRef, key: &PKey<Private>, days: u32) -> anyhow::Result<X509Builder> {
    let mut serial = BigNum::new()?;
    serial.rand(159, MsbOption::MAYBE_ZERO, false)?;
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*serial.to_asn1_integer()?)?;
    builder.set_subject_name(name)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(&*Asn1Time::from_unix(an_hour_ago()?)?)?;
    builder.set_not_after(&*Asn1Time::days_from_now(days)?)?;
    Ok(builder)
}

/// The API server's clock may be behind ours.
fn an_hour_ago() -> anyhow::Result<i64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(i64::try_from(now.saturating_sub(3600))?)
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
