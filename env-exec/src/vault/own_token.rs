//! What the token may ask about itself.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use super::endpoint::Call;
use super::envelope::{Asked, Envelope};
use super::error::VaultError;
use super::transport::Response;

/// The meaning of an answer to `auth/token/lookup-self`. A `ttl` of 0 is that of a token in its last
/// second; a token without end, such as a root token, has no `expire_time`.
pub(super) fn ttl(response: &Response) -> Result<Option<Duration>, VaultError> {
    #[derive(Deserialize)]
    struct Lookup {
        ttl: u64,
        expire_time: Option<String>,
    }
    let asked = Asked::new("auth/token/lookup-self", "read");
    let envelope = Envelope::open(&asked, response)?;
    if !response.status().is_success() {
        return Err(asked.refused(response.status(), envelope.said(&asked)));
    }
    let lookup = envelope
        .data
        .and_then(|data| serde_json::from_str::<Lookup>(data.get()).ok())
        .ok_or_else(|| asked.malformed("it has no `ttl`"))?;
    let is_endless = lookup.ttl == 0 && lookup.expire_time.is_none();
    Ok((!is_endless).then(|| Duration::from_secs(lookup.ttl)))
}

/// Vault and `OpenBao` answer it for any live token: it needs no policy, and is handled as a login is,
/// so it spends no use. `auth/token/lookup-self` needs the policy `default` and spends one.
const MOUNTS: &str = "sys/internal/ui/mounts";

/// What Vault and `OpenBao` say of a token that they do not accept.
const DENIALS: [&str; 2] = ["permission denied", "invalid token"];

/// A question that tells a live token from a dead one.
pub(super) fn look_up_mounts() -> Call {
    Call::read(MOUNTS, None)
}

/// The meaning of its answer. Only success and a denial in Vault's own words say something about the
/// token.
pub(super) fn is_known(response: &Response) -> Result<bool, VaultError> {
    let asked = Asked::new(MOUNTS, "read");
    let envelope = Envelope::open(&asked, response)?;
    let said = envelope.said(&asked);
    match response.status() {
        status if status.is_success() => Ok(true),
        // Not the words of something in front of Vault.
        StatusCode::FORBIDDEN if DENIALS.iter().any(|words| said.contains(words)) => Ok(false),
        status => Err(asked.refused(status, said)),
    }
}

/// The meaning of an answer to `auth/token/revoke-self`.
pub(super) fn revoked(response: &Response) -> Result<(), VaultError> {
    let asked = Asked::new("auth/token/revoke-self", "update");
    let envelope = Envelope::open(&asked, response)?;
    if response.status().is_success() {
        Ok(())
    } else {
        Err(asked.refused(response.status(), envelope.said(&asked)))
    }
}

#[cfg(test)]
mod tests {
    use super::{is_known, ttl};
    use crate::vault::VaultError;
    use std::time::Duration;

    #[test]
    fn a_token_in_its_last_second_is_not_endless() {
        let ttl = |data: &str| {
            let response = http::Response::builder()
                .header("Content-Type", "application/json")
                .body(format!(r#"{{"request_id":"1","data":{data}}}"#).into_bytes());
            ttl(&response.unwrap()).unwrap()
        };
        assert_eq!(ttl(r#"{"ttl":0,"expire_time":null}"#), None);
        let last = r#"{"ttl":0,"expire_time":"2026-11-29T08:00:00Z"}"#;
        assert_eq!(ttl(last), Some(Duration::ZERO));
        let more = r#"{"ttl":9,"expire_time":"2026-11-29T08:00:00Z"}"#;
        assert_eq!(ttl(more), Some(Duration::from_secs(9)));
    }
    #[test]
    fn only_vaults_own_403_means_a_dead_token() {
        let answer = |status: u16, body: &str| {
            let response = http::Response::builder()
                .status(status)
                .header("Content-Type", "application/json")
                .body(body.as_bytes().to_vec());
            is_known(&response.unwrap())
        };
        let mounts = r#"{"request_id":"1","data":{"auth":{},"secret":{}}}"#;
        assert_eq!(answer(200, mounts), Ok(true));
        for denied in [
            r#"{"errors":["permission denied"]}"#,
            r#"{"errors":["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]}"#,
        ] {
            assert_eq!(answer(403, denied), Ok(false));
        }
        // A gateway's, another version's, and what passes.
        for (status, body) in [
            (403, "<html>blocked</html>"),
            (403, r#"{"message":"blocked"}"#),
            (403, r#"{"errors":["blocked"]}"#),
            (200, "<html>log in</html>"),
            (404, r#"{"errors":[]}"#),
            (400, r#"{"errors":["no"]}"#),
            (307, ""),
        ] {
            let error = answer(status, body).unwrap_err();
            assert!(!error.is_passing(), "{status} {body}: {error}");
        }
        for status in [429, 500, 503] {
            let error = answer(status, r#"{"errors":["later"]}"#).unwrap_err();
            assert!(matches!(error, VaultError::Busy { .. }), "{error}");
        }
    }
}
