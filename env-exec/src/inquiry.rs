//! What one start asks Vault with one token, and whether a denial means that the token is dead.
//!
//! `OpenBao`, and Vault before 1.17, answer a dead token with `permission denied`, as they answer a
//! policy. So the first denial is followed by one question that Vault answers for any live token,
//! whatever its policies, and that spends no use of it.

use std::future::Future;

use tokio::sync::OnceCell;

use crate::patience::Patience;
use crate::vault::{Vault, VaultError};

/// A connection, the time for everything that is asked by it, and what is known of its token.
pub(crate) struct Inquiry {
    vault: Vault,
    patience: Patience,
    /// Asked at most once: many requests may be denied at the same time.
    token: OnceCell<TokenState>,
}

/// What is known of a token after a denial.
#[derive(Clone, Debug, PartialEq, Eq)]
enum TokenState {
    /// Vault knows it, so a policy denied the request.
    Alive,
    /// Unknown, expired, revoked or used up.
    Dead,
    /// The question was not answered.
    Unknown(VaultError),
}

impl Inquiry {
    /// Asks nothing yet.
    pub(crate) fn new(vault: Vault, patience: Patience) -> Self {
        Self {
            vault,
            patience,
            token: OnceCell::new(),
        }
    }

    /// The connection, for the request that [`Inquiry::ask`] makes.
    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The connection, for another token.
    pub(crate) fn into_vault(self) -> Vault {
        self.vault
    }

    /// When everything must be over.
    pub(crate) fn patience(&self) -> Patience {
        self.patience
    }

    /// Makes a request, again where that may help. A denial with a dead token is
    /// [`VaultError::InvalidToken`].
    pub(crate) async fn ask<T, F>(&self, request: impl FnMut() -> F) -> Result<T, VaultError>
    where
        F: Future<Output = Result<T, VaultError>>,
    {
        self.ask_within(self.patience, request).await
    }

    /// The same for something that is not worth the whole time.
    pub(crate) async fn ask_within<T, F>(
        &self,
        patience: Patience,
        request: impl FnMut() -> F,
    ) -> Result<T, VaultError>
    where
        F: Future<Output = Result<T, VaultError>>,
    {
        match patience.attempt(request).await {
            Err(denied @ VaultError::Denied { .. }) => {
                Err(judge(denied, self.token_state(patience).await))
            }
            result => result,
        }
    }

    async fn token_state(&self, patience: Patience) -> &TokenState {
        self.token
            .get_or_init(|| async {
                match patience.attempt(|| self.vault.knows_token()).await {
                    Ok(true) => TokenState::Alive,
                    Ok(false) | Err(VaultError::InvalidToken) => TokenState::Dead,
                    Err(error) => TokenState::Unknown(error),
                }
            })
            .await
    }
}

/// Whose fault a denial is. Pure.
fn judge(denied: VaultError, token: &TokenState) -> VaultError {
    match token {
        TokenState::Alive => denied,
        TokenState::Dead => VaultError::InvalidToken,
        TokenState::Unknown(error) => VaultError::DeniedOrDead {
            denied: Box::new(denied),
            error: Box::new(error.clone()),
        },
    }
}
