//! A client token of Vault.

use secrecy::{ExposeSecret as _, SecretString};

use super::error::TokenError;

/// A client token of Vault's: visible ASCII, so that it can stand in a header.
pub(crate) struct Token(SecretString);

impl Token {
    /// The token, to be sent or handed on.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// A token that Vault gave.
    pub(crate) fn new(text: &str) -> Option<Self> {
        Self::parse(text.as_bytes(), String::new).ok().flatten()
    }

    /// Takes the text of a file or variable; `None` if it is empty. White space around it is none of
    /// the token, as for Vault's own client.
    pub(super) fn parse(
        text: &[u8],
        place: impl FnOnce() -> String,
    ) -> Result<Option<Self>, TokenError> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Ok(None);
        }
        str::from_utf8(text)
            .ok()
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()))
            .map(|text| Some(Self(text.into())))
            .ok_or_else(|| TokenError::Characters { place: place() })
    }
}
