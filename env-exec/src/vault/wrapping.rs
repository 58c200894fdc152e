//! Response wrapping: what the agent wrote is a token that gives the real one, once.

use serde::Deserialize;

use super::endpoint::Call;
use super::envelope::{Asked, Envelope};
use super::error::VaultError;
use super::transport::Response;
use crate::token::Token;

const LOOKUP: &str = "sys/wrapping/lookup";
const UNWRAP: &str = "sys/wrapping/unwrap";

/// What a wrapping token is for, without using it up.
pub(super) fn look_up() -> Call {
    Call::read(LOOKUP, None)
}

/// The real answer, once.
pub(super) fn unwrap() -> Call {
    Call::write(UNWRAP, None)
}

/// Checks that a login was wrapped, and nothing that somebody else has put in its place.
pub(super) fn of_login(response: &Response) -> Result<(), VaultError> {
    #[derive(Deserialize)]
    struct Data {
        creation_path: String,
    }
    let asked = Asked::new(LOOKUP, "read");
    let envelope = opened(&asked, response)?;
    let data = envelope
        .data
        .and_then(|data| serde_json::from_str::<Data>(data.get()).ok())
        .ok_or_else(|| asked.malformed("it has no `creation_path`"))?;
    if is_login(&data.creation_path) {
        Ok(())
    } else {
        Err(VaultError::OtherWrapping {
            path: data.creation_path,
        })
    }
}

/// `auth/MOUNT/login`, for some methods with a name behind it.
fn is_login(path: &str) -> bool {
    let mut segments = path.split('/').skip(2);
    path.starts_with("auth/") && segments.any(|segment| segment == "login")
}

/// The token that a login gave.
pub(super) fn client_token(response: &Response) -> Result<Token, VaultError> {
    #[derive(Deserialize)]
    struct Auth {
        client_token: String,
    }
    let asked = Asked::new(UNWRAP, "update");
    let envelope = opened(&asked, response)?;
    envelope
        .auth
        .and_then(|auth| serde_json::from_str::<Auth>(auth.get()).ok())
        .and_then(|auth| Token::new(&auth.client_token))
        .ok_or_else(|| asked.malformed("it has no `client_token`"))
}

/// Vault tells a token that was used, one that has expired and one that never was apart from
/// nothing else, with 400.
fn opened<'a>(asked: &Asked<'_>, response: &'a Response) -> Result<Envelope<'a>, VaultError> {
    let envelope = Envelope::open(asked, response)?;
    match response.status() {
        status if status.is_success() => Ok(envelope),
        http::StatusCode::BAD_REQUEST => Err(VaultError::Unwrapped),
        status => Err(asked.refused(status, envelope.said(asked))),
    }
}

#[cfg(test)]
mod tests {
    use super::is_login;

    #[test]
    fn what_is_a_login() {
        for path in [
            "auth/kubernetes/login",
            "auth/a/b/login",
            "auth/ldap/login/me",
        ] {
            assert!(is_login(path), "{path}");
        }
        for path in [
            "sys/wrapping/wrap",
            "auth/token/create",
            "auth/login",
            "login",
            "secret/auth/x/login",
        ] {
            assert!(!is_login(path), "{path}");
        }
    }
}
