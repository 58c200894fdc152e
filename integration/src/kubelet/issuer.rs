//! `ServiceAccount` tokens, as the API server's `TokenRequest` issues them.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

use super::KubeletError;
use crate::certificates;

/// Whoever signs `ServiceAccount` tokens: on a cluster the API server, by the key of its flag
/// `--service-account-signing-key-file`.
pub struct Issuer {
    key: EcdsaKeyPair,
    public_key: String,
}

/// Whom a token is about.
pub(super) struct Subject<'a> {
    pub(super) namespace: &'a str,
    pub(super) account: &'a str,
    pub(super) pod: &'a str,
}

impl Issuer {
    /// The `iss` of its tokens, which is Kubernetes' usual one.
    pub const NAME: &'static str = "https://kubernetes.default.svc.cluster.local";

    /// An issuer with a new ES256 key.
    pub fn new() -> Result<Self, KubeletError> {
        let (private, public_key) = certificates::signing_keys()?;
        let unusable = |error: &dyn std::fmt::Display| KubeletError::Token(error.to_string());
        let private = PrivatePkcs8KeyDer::from_pem_slice(private.as_bytes())
            .map_err(|error| unusable(&error))?;
        let key = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            private.secret_pkcs8_der(),
            &SystemRandom::new(),
        );
        Ok(Self {
            key: key.map_err(|error| unusable(&error))?,
            public_key,
        })
    }

    /// The key that verifies its tokens, PEM: what Vault's jwt method takes as
    /// `jwt_validation_pubkeys`.
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// A token with the claims that Kubernetes gives it, for so many seconds from now.
    pub(super) fn issue_token(
        &self,
        subject: &Subject<'_>,
        audience: &str,
        seconds: u64,
    ) -> Result<String, KubeletError> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|error| KubeletError::Token(error.to_string()))?
            .as_secs();
        let (namespace, account) = (subject.namespace, subject.account);
        self.sign_claims(&json!({
            "iss": Self::NAME,
            "sub": format!("system:serviceaccount:{namespace}:{account}"),
            "aud": [audience],
            "iat": now,
            "nbf": now,
            "exp": now + seconds,
            "kubernetes.io": {
                "namespace": namespace,
                "pod": { "name": subject.pod },
                "serviceaccount": { "name": account },
            },
        }))
    }

    /// A JSON Web Token (RFC 7515, RFC 7519).
    fn sign_claims(&self, claims: &Value) -> Result<String, KubeletError> {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({ "alg": "ES256", "typ": "JWT" });
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = self
            .key
            .sign(&SystemRandom::new(), signed.as_bytes())
            .map_err(|error| KubeletError::Token(error.to_string()))?;
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
        Ok(format!("{signed}.{signature}"))
    }
}
