//! Whom we trust, and who we say we are.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use secrecy::ExposeSecret as _;

use super::client_error::ClientError;
use crate::settings::{Identity, Trust, VaultSettings};

/// The TLS configuration for connections to Vault. Without TLS nothing is read.
pub(super) fn config(settings: &VaultSettings) -> Result<ClientConfig, ClientError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(ClientError::Tls)?;
    let builder = if settings.skip_verify {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
    } else if settings.address.is_https() {
        builder.with_root_certificates(roots(&settings.trust)?)
    } else {
        builder.with_root_certificates(RootCertStore::empty())
    };
    match &settings.identity {
        None => Ok(builder.with_no_client_auth()),
        Some(identity) => {
            let own = certified(identity)?;
            Ok(builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(own))))
        }
    }
}

/// Checks that a client certificate can be shown, before somebody else finds out that it cannot.
pub(crate) fn check(identity: &Identity) -> Result<(), ClientError> {
    certified(identity).map(drop)
}

fn certified(identity: &Identity) -> Result<CertifiedKey, ClientError> {
    let (chain, key) = client_certificate(identity)?;
    let ((certificate_source, _), (key_source, _)) = (&identity.certificate, &identity.key);
    let wrong = |source: &str, reason: String| ClientError::Pem {
        source_name: source.into(),
        reason,
    };
    CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => ClientError::OtherKey {
            key: key_source.clone(),
            certificate: certificate_source.clone(),
        },
        rustls::Error::InvalidCertificate(reason) => wrong(
            certificate_source,
            format!("it holds no good certificate: {reason}"),
        ),
        _ => wrong(
            key_source,
            "its key is of no kind that env-exec knows; use RSA, ECDSA (P-256, P-384) or Ed25519"
                .into(),
        ),
    })
}

fn roots(trust: &Trust) -> Result<RootCertStore, ClientError> {
    let mut roots = RootCertStore::empty();
    match trust {
        Trust::System => {
            let system = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(system.certs);
            if roots.is_empty() {
                return Err(ClientError::NoSystemTrust);
            }
        }
        Trust::Only(pems) => {
            for (source, pem) in pems {
                for certificate in certificates(source, pem)? {
                    roots.add(certificate).map_err(|error| ClientError::Pem {
                        source_name: source.clone(),
                        reason: error.to_string(),
                    })?;
                }
            }
        }
    }
    Ok(roots)
}

fn client_certificate(
    identity: &Identity,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), ClientError> {
    let (source, pem) = &identity.certificate;
    let chain = certificates(source, pem)?;
    let (source, pem) = &identity.key;
    let key = PrivateKeyDer::from_pem_slice(pem.expose_secret());
    // The library's reason could quote the key.
    let key = key.map_err(|_| ClientError::Pem {
        source_name: source.clone(),
        reason: "it holds no private key in PEM (PKCS#8, PKCS#1 or SEC1)".into(),
    })?;
    Ok((chain, key))
}

fn certificates(source: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    let wrong = |reason: String| ClientError::Pem {
        source_name: source.into(),
        reason,
    };
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| wrong("it is not PEM".into()))?;
    if certificates.is_empty() {
        return Err(wrong("it holds no certificate in PEM".into()));
    }
    Ok(certificates)
}

/// For `VAULT_SKIP_VERIFY` and test set-ups: any certificate will do, as long as its owner holds
/// the key.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
