//! Certificate authorities of the tests' own, and what they sign. All PEM, all ECDSA P-256.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;

/// A certificate with its private key.
#[derive(Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: String,
    /// The private key, PKCS #8.
    pub key: String,
}

impl Identity {
    /// What a server of the tests' own needs to show it.
    pub fn server_config(&self) -> Result<ServerConfig, rustls::Error> {
        let other = |error| rustls::Error::General(format!("{error}"));
        let chain = CertificateDer::pem_slice_iter(self.certificate.as_bytes());
        let chain = chain.collect::<Result<_, _>>().map_err(other)?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).map_err(other)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)
    }
}

/// A certificate for a key that stays with whoever asked for it.
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// From when on it is valid, when half of that time is over, and until when: as RFC 3339 has times,
    /// in whole seconds of UTC.
    pub times: [String; 3],
}

/// A certificate authority.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Authority {
    /// A new authority of this common name.
    pub fn new(name: &str) -> Result<Self, CertificateError> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self {
            issuer: Issuer::new(params, key),
            certificate,
        })
    }

    /// The authority's own certificate.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The authority itself with its key, as a server shows it that has nothing else.
    pub fn identity(&self) -> Identity {
        Identity {
            certificate: self.certificate.clone(),
            key: self.issuer.key().serialize_pem(),
        }
    }

    /// A server's certificate for these DNS names and IP addresses.
    pub fn issue_server(&self, names: &[&str]) -> Result<Identity, CertificateError> {
        let names = names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>();
        let mut params = CertificateParams::new(names.clone())?;
        params
            .distinguished_name
            .push(DnType::CommonName, names.join(" "));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign_params(params)
    }

    /// A client's certificate. Kubernetes takes the common name for the user and the organization
    /// for the group.
    pub fn issue_client(
        &self,
        common_name: &str,
        organization: Option<&str>,
    ) -> Result<Identity, CertificateError> {
        let mut params = build_client_params(common_name);
        if let Some(organization) = organization {
            params
                .distinguished_name
                .push(DnType::OrganizationName, organization);
        }
        self.sign_params(params)
    }

    /// A client's certificate, valid from now on, for the key of a PKCS #10 request in DER. Of what else
    /// the request says nothing is taken over.
    pub fn client_of_request(
        &self,
        request: &[u8],
        common_name: &str,
        lifetime: Duration,
    ) -> Result<Issued, CertificateError> {
        let mut request = CertificateSigningRequestParams::from_der(&request.into())?;
        let mut params = build_client_params(common_name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.not_before = SystemTime::now().into();
        params.not_after = params.not_before + lifetime;
        let half = params.not_before + lifetime / 2;
        let times = [params.not_before, half, params.not_after].map(|time| {
            let (hour, minute, second) = time.to_hms();
            let month = u8::from(time.month());
            format!(
                "{}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z",
                time.year(),
                time.day()
            )
        });
        request.params = params;
        Ok(Issued {
            certificate: request.signed_by(&self.issuer)?.pem(),
            times,
        })
    }

    fn sign_params(&self, mut params: CertificateParams) -> Result<Identity, CertificateError> {
        params.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyEncipherment,
        ];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Identity {
            certificate,
            key: key.serialize_pem(),
        })
    }
}

fn build_client_params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

/// A pair of keys for signing tokens: the private key as PKCS #8, and the public key.
pub fn signing_keys() -> Result<(String, String), CertificateError> {
    let key = KeyPair::generate()?;
    Ok((key.serialize_pem(), key.public_key_pem()))
}

/// Why a certificate could not be made: a name that is none.
#[derive(Error)]
#[error("cannot make a certificate: {0}")]
pub struct CertificateError(#[from] rcgen::Error);

debug_is_display!(CertificateError);
