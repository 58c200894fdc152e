//! What the token may ask about itself.

use std::time::Duration;

use serde::Deserialize;

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
    use super::ttl;
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
}
