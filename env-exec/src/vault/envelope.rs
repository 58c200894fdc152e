//! Vault's envelope around every answer, and what a status alone says. Pure.

use std::time::Duration;

use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::{Said, VaultError};
use super::transport::Response;
use crate::foreign;
use crate::passing_status::may_pass;

/// What was asked, as far as messages need it.
pub(super) struct Asked<'a> {
    /// The path below `/v1`.
    pub(super) path: &'a str,
    /// What a policy must allow.
    pub(super) capability: &'static str,
    /// What else to say where a policy does not.
    pub(super) hint: Option<String>,
    /// Texts that the request carried: Vault quotes what it cannot parse.
    pub(super) hidden: Vec<String>,
}

impl<'a> Asked<'a> {
    /// A request that carries nothing that Vault could quote.
    pub(super) fn new(path: &'a str, capability: &'static str) -> Self {
        Self {
            path,
            capability,
            hint: None,
            hidden: vec![],
        }
    }

    /// The error of an answer that is neither success nor "not found".
    pub(super) fn refused(&self, status: StatusCode, said: Said) -> VaultError {
        match status {
            StatusCode::FORBIDDEN if said.contains("invalid token") => VaultError::InvalidToken,
            StatusCode::FORBIDDEN => VaultError::Denied {
                path: self.path.into(),
                said,
                capability: self.capability,
                hint: self.hint.clone().unwrap_or_default(),
            },
            _ => VaultError::Rejected {
                path: self.path.into(),
                status: shown(status),
                said,
            },
        }
    }

    /// The error of an answer that is not what Vault writes.
    pub(super) fn malformed(&self, reason: &str) -> VaultError {
        VaultError::Malformed {
            path: self.path.into(),
            reason: reason.into(),
        }
    }
}

/// Vault's envelope around every answer (`logical.Response`), and its form of errors.
#[derive(Default, Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(default)]
    request_id: Option<String>,
    #[serde(default)]
    pub(super) lease_id: String,
    #[serde(default)]
    pub(super) lease_duration: u64,
    #[serde(default, borrow)]
    pub(super) data: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) auth: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) warnings: Option<Vec<String>>,
    #[serde(default)]
    errors: Option<Vec<String>>,
}

impl<'a> Envelope<'a> {
    /// Takes the envelope off, unless the status alone says what is wrong, or somebody else than
    /// Vault answered.
    pub(super) fn open(asked: &Asked<'_>, response: &'a Response) -> Result<Self, VaultError> {
        let status = response.status();
        let body = response.body().as_slice();
        let parsed = serde_json::from_slice::<Self>(body);
        if may_pass(status.as_u16()) {
            return Err(VaultError::Busy {
                status: shown(status),
                said: parsed.unwrap_or_default().said(asked),
                retry_after: retry_after(response),
            });
        }
        if body.is_empty() && status.is_success() {
            return Ok(Self::default());
        }
        match parsed {
            Ok(envelope) if envelope.is_vaults() => Ok(envelope),
            _ => Err(VaultError::NotVaults {
                status: shown(status),
                content_type: header(response, CONTENT_TYPE)
                    .map_or_else(|| "no content type".into(), |found| foreign::quote(&found)),
                fix: raw_certificate(asked.path).map_or_else(
                    || "is the address right?".into(),
                    |reference| format!("read `{reference}`"),
                ),
            }),
        }
    }

    /// Whether it is what Vault writes, not the JSON of somebody else: a proxy's 404 must not be
    /// taken for "there is no such secret".
    fn is_vaults(&self) -> bool {
        self.request_id.is_some() || self.errors.is_some()
    }

    /// Errors and warnings, without what the request carried.
    pub(super) fn said(&self, asked: &Asked<'_>) -> Said {
        let texts = [&self.errors, &self.warnings]
            .into_iter()
            .flatten()
            .flatten();
        Said::new(texts.map(String::as_str), &asked.hidden)
    }
}

/// What a reference takes from Vault's PKI engine as JSON, for one of its paths that answer with the
/// certificate or list itself.
fn raw_certificate(path: &str) -> Option<String> {
    let path = path.strip_suffix("/pem").unwrap_or(path);
    let path = path.strip_suffix("/raw").unwrap_or(path);
    let (mount, name) = path.rsplit_once('/')?;
    let mount = mount.strip_suffix("/cert").unwrap_or(mount);
    let is_raw = matches!(name, "ca" | "ca_chain" | "crl");
    is_raw.then(|| format!("{mount}/cert/{name}#certificate"))
}

fn shown(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// Seconds, the form that Vault writes; a date is not understood and not needed.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = header(response, RETRY_AFTER)?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn header(response: &Response, name: HeaderName) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    Some(value.chars().take(200).collect())
}
