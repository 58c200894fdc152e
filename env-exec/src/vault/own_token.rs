//! What the token may ask about itself.

use std::time::Duration;

use serde::Deserialize;

use super::envelope::{Asked, Envelope};
use super::error::VaultError;
use super::transport::Response;

/// The meaning of an answer to `auth/token/lookup-self`. A `ttl` of 0 is that of a root token.
pub(super) fn ttl(response: &Response) -> Result<Option<Duration>, VaultError> {
    #[derive(Deserialize)]
    struct Lookup {
        ttl: u64,
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
    Ok((lookup.ttl > 0).then(|| Duration::from_secs(lookup.ttl)))
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
