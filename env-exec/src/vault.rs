//! Vault's HTTP API, as far as env-exec needs it.
//!
//! ```text
//! Request ─► endpoint (vaultrs: version, token, namespace) ─► transport (hyper) ─► answer
//! ```

mod answer;
mod budget;
mod client_error;
mod connect;
mod connection_error;
mod endpoint;
mod envelope;
mod error;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod no_proxy;
mod own_token;
mod plain_http;
mod redirect;
mod resolver;
mod tls;
mod transit;
mod transport;
mod wrapping;

use std::time::Duration;

use rustify::endpoint::Endpoint;
use templates::{Request, VaultPath};
use vaultrs::api::EndpointMiddleware;
use vaultrs::api::token::requests::{LookupTokenSelfRequest, RevokeTokenSelfRequest};

pub(crate) use answer::{Absence, Answer, Secret};
pub(crate) use client_error::ClientError;
#[cfg(test)]
pub(crate) use error::Said;
pub(crate) use error::VaultError;
pub(crate) use tls::check as check_identity;
pub(crate) use transport::Transport;

use crate::settings::VaultSettings;
use crate::token::{Token, Wrapped};
use endpoint::Call;
use transit::Plaintext;
use wrapping::Origin;

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

    /// The same without a token.
    pub(crate) fn without_token(settings: &VaultSettings) -> Result<Self, ClientError> {
        Ok(Self {
            transport: Transport::new(settings)?,
            middleware: EndpointMiddleware {
                token: String::new(),
                version: settings.address.version(),
                wrap: None,
                namespace: None,
            },
        })
    }

    /// Asks for what needs no token and is not audited. Whatever the state of Vault, an answer is
    /// success.
    pub(crate) async fn health(&self) -> Result<(), VaultError> {
        self.send(Call::read("sys/health", None)).await.map(drop)
    }

    /// Makes one attempt at a request.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Answer, VaultError> {
        let call = match request {
            Request::Read { path, version } => Call::read(path.as_str(), *version),
            Request::Write { path, body } => {
                Call::write(path.as_str(), Some(body.expose().as_bytes().to_vec()))
            }
        };
        answer::secret(request, &self.send(call).await?)
    }

    /// Decrypts ciphertexts of the transit engine in one request, in their order.
    pub(crate) async fn decrypt(
        &self,
        path: &VaultPath,
        ciphertexts: &[&str],
    ) -> Result<Vec<Plaintext>, VaultError> {
        let path = path.as_str();
        let response = self.send(transit::decrypt(path, ciphertexts)).await?;
        transit::plaintexts(path, &response, ciphertexts.len())
    }

    /// How long the token lives; `None` for ever.
    pub(crate) async fn token_ttl(&self) -> Result<Option<Duration>, VaultError> {
        let response = self.send(LookupTokenSelfRequest {}).await?;
        own_token::ttl(&response)
    }

    /// Whether Vault knows the token, whatever its policies allow. It spends no use of the token.
    pub(crate) async fn knows_token(&self) -> Result<bool, VaultError> {
        let response = self.send(own_token::look_up_mounts()).await?;
        own_token::is_known(&response)
    }

    /// Revokes the token.
    pub(crate) async fn revoke_token(&self) -> Result<(), VaultError> {
        let response = self.send(RevokeTokenSelfRequest {}).await?;
        own_token::revoked(&response)
    }

    /// Trades the connection's token, which wraps the answer to a login, for the one that the login
    /// gave. The login must be one at `mount`, where that is known.
    pub(crate) async fn unwrap(
        &self,
        wrapped: &Wrapped,
        mount: Option<&str>,
    ) -> Result<Token, VaultError> {
        let mut origin = Origin::of(wrapped);
        let found = self.send(wrapping::look_up()).await?;
        origin.look_up(&found, mount)?;
        let answer = self.send(wrapping::unwrap()).await?;
        origin.client_token(&answer)
    }

    /// The error of a wrapping token that Vault does not know, or no longer.
    pub(crate) fn spent(wrapped: &Wrapped) -> VaultError {
        Origin::of(wrapped).spent()
    }

    /// The same connection with another token.
    pub(crate) fn with_token(mut self, token: &Token) -> Self {
        token.expose().clone_into(&mut self.middleware.token);
        self
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
