//! Vault's HTTP API, as far as env-exec needs it.
//!
//! ```text
//! Request ─► endpoint (vaultrs: version, token, namespace) ─► transport (hyper) ─► answer
//! ```

mod answer;
mod connect;
mod endpoint;
mod envelope;
mod error;
mod own_token;
mod resolver;
mod tls;
mod transit;
mod transport;

use std::time::Duration;

use rustify::endpoint::Endpoint;
use templates::Request;
use vaultrs::api::EndpointMiddleware;
use vaultrs::api::token::requests::{LookupTokenSelfRequest, RevokeTokenSelfRequest};

pub(crate) use answer::{Absence, Answer, Secret};
#[cfg(test)]
pub(crate) use error::Said;
pub(crate) use error::VaultError;
pub(crate) use transport::{ClientError, Transport};

use crate::settings::VaultSettings;
use crate::token::Token;
use endpoint::{Read, Write};
use transit::{Decrypt, Plaintext};

/// A connection to one Vault with one token.
pub(crate) struct Vault {
    transport: Transport,
    middleware: EndpointMiddleware,
}

impl Vault {
    /// Prepares a client; nothing is sent yet.
    pub(crate) fn new(settings: &VaultSettings, token: &Token) -> Result<Self, ClientError> {
        Ok(Self {
            transport: Transport::new(settings)?,
            middleware: EndpointMiddleware {
                token: token.expose().to_owned(),
                version: settings.address.version(),
                wrap: None,
                namespace: settings.namespace.clone(),
            },
        })
    }

    /// Makes one attempt at a request.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Answer, VaultError> {
        let response = match request {
            Request::Read { path, version } => {
                let version = *version;
                self.send(Read { path, version }).await
            }
            Request::Write { path, body } => self.send(Write { path, body }).await,
        }?;
        answer::secret(request, &response)
    }

    /// Decrypts ciphertexts of the transit engine in one request, in their order.
    pub(crate) async fn decrypt(
        &self,
        mount: &str,
        key: &str,
        ciphertexts: &[&str],
    ) -> Result<Vec<Plaintext>, VaultError> {
        let decrypt = Decrypt {
            mount,
            key,
            ciphertexts,
        };
        let path = decrypt.path();
        let response = self.send(decrypt).await?;
        transit::plaintexts(&path, &response, ciphertexts.len())
    }

    /// How long the token lives; `None` for ever.
    pub(crate) async fn token_ttl(&self) -> Result<Option<Duration>, VaultError> {
        let response = self.send(LookupTokenSelfRequest {}).await?;
        own_token::ttl(&response)
    }

    /// Revokes the token.
    pub(crate) async fn revoke_token(&self) -> Result<(), VaultError> {
        let response = self.send(RevokeTokenSelfRequest {}).await?;
        own_token::revoked(&response)
    }

    async fn send(&self, endpoint: impl Endpoint) -> Result<transport::Response, VaultError> {
        endpoint
            .with_middleware(&self.middleware)
            .exec(&self.transport)
            .await
            .map(|result| result.response)
            .map_err(|error| self.transport.explain(error))
    }
}
