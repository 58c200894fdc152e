//! What an agent writes that was told to let the token travel wrapped: one JSON object
//! (`wrap_info`), whose token gives the real one, once.

use serde::Deserialize;

use super::client_token::Token;
use super::error::TokenError;

/// A wrapping token, and what the file says about it.
pub(crate) struct Wrapped {
    /// It gives the real one.
    pub(crate) token: Token,
    /// Its name in Vault's audit log; no secret.
    pub(crate) accessor: String,
    /// The request whose answer it wraps. Vault knows better, as long as it knows the token.
    pub(crate) creation_path: String,
}

impl Wrapped {
    /// The wrapping token in what was read, where the agent was told to let the token travel wrapped.
    pub(crate) fn find(token: &Token) -> Result<Option<Self>, TokenError> {
        Self::parse(token.expose())
    }

    /// Takes the text of a token file; `None` if it is a token and nothing that wraps one.
    fn parse(text: &str) -> Result<Option<Self>, TokenError> {
        #[derive(Deserialize)]
        struct WrapInfo {
            token: String,
            accessor: String,
            creation_path: String,
        }
        if !text.starts_with('{') {
            return Ok(None);
        }
        let info: WrapInfo = serde_json::from_str(text).map_err(|_| TokenError::WrapInfo)?;
        Ok(Some(Self {
            token: Token::new(&info.token).ok_or(TokenError::WrapInfo)?,
            accessor: info.accessor,
            creation_path: info.creation_path,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::Wrapped;

    #[test]
    fn a_wrapped_token() {
        assert!(Wrapped::parse("hvs.plain").unwrap().is_none());
        let info =
            r#"{"token":"hvs.wrapping","accessor":"a7","ttl":60,"creation_path":"auth/x/login"}"#;
        let wrapped = Wrapped::parse(info).unwrap().unwrap();
        assert_eq!(wrapped.token.expose(), "hvs.wrapping");
        assert_eq!(wrapped.accessor, "a7");
        assert_eq!(wrapped.creation_path, "auth/x/login");
        for text in [
            "{",
            "{}",
            r#"{"token":"hvs.wrapping"}"#,
            r#"{"token":"","accessor":"a7","creation_path":"auth/x/login"}"#,
            r#"{"token":7,"accessor":"a7","creation_path":"auth/x/login"}"#,
        ] {
            let error = Wrapped::parse(text).err().unwrap().to_string();
            assert!(!error.contains("hvs"), "{text}: {error}");
        }
    }
}
