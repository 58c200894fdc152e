//! For the fuzzer: whatever answers in Vault's place.

use templates::{EnvValue, Reference, Request};

use super::transport::Response;
use super::wrapping::Origin;
use super::{VaultError, answer, own_token, transit};

/// Longest message that may come of it.
const LONGEST: usize = 1000;

/// The first line is the status, the rest the body: it is understood, or a bounded message says why
/// not, whatever had been asked.
///
/// # Panics
/// Where that is not so.
pub fn answer(bytes: &[u8]) {
    let (status, body) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[][..]),
    };
    let status = str::from_utf8(status)
        .ok()
        .and_then(|text| text.parse().ok());
    let mut response = Response::new(body.to_vec());
    *response.status_mut() = status
        .and_then(|number: u16| http::StatusCode::from_u16(number).ok())
        .unwrap_or_default();
    for request in requests() {
        check(answer::secret(&request, &response));
    }
    let plaintexts = transit::plaintexts("transit/decrypt/key", &response, 1);
    for refused in plaintexts
        .iter()
        .flatten()
        .filter_map(|result| result.as_ref().err())
    {
        assert!(refused.chars().count() <= LONGEST);
    }
    check(plaintexts);
    check(own_token::ttl(&response));
    check(own_token::revoked(&response));
    for mount in [None, Some("auth/kubernetes")] {
        let mut origin = Origin {
            accessor: "a7".into(),
            path: "auth/kubernetes/login".into(),
        };
        check(origin.look_up(&response, mount));
        check(origin.client_token(&response));
    }
}

fn requests() -> impl Iterator<Item = Request> {
    let values = [
        "vault:secret/data/db#k",
        "vault:secret/data/db#k#2",
        ">>vault:pki/issue/r#k#{\"a\":\"body\"}",
    ];
    values
        .into_iter()
        .filter_map(|value| match EnvValue::parse(value) {
            Ok(EnvValue::Direct(Reference::Secret(secret))) => Some(secret.request),
            _ => None,
        })
}

fn check<T>(result: Result<T, VaultError>) {
    if let Err(error) = result {
        let message = error.to_string();
        assert!(message.chars().count() <= LONGEST, "{message}");
        let _ = (error.exit_code(), error.is_passing());
    }
}
