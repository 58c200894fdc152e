//! The `ServiceAccount` token that kubelet projects for a login.

use super::files;
use super::login_settings::LoginSettings;
use crate::problem::{Fault, Problem, Setting, list};
use crate::values::Values;

/// The shortest life that the API server gives a token, seconds (`TokenRequestSpec`).
pub const MIN_TOKEN_EXPIRATION: u64 = 600;

/// The longest that it takes in a projected volume, seconds.
pub const MAX_TOKEN_EXPIRATION: u64 = 1 << 32;

/// The agent needs the token for one login, and kubelet renews it for the next: the shortest.
pub const DEFAULT_TOKEN_EXPIRATION: u64 = MIN_TOKEN_EXPIRATION;

/// Longest audience in bytes.
const MOST_BYTES: usize = 512;

/// A `serviceAccountToken` source of a projected volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectedToken {
    /// `audience`; without it the API server's own.
    pub audience: Option<String>,
    /// `expirationSeconds`.
    pub expiration_seconds: u64,
}

impl ProjectedToken {
    /// Refuses a life that the API server would refuse.
    pub fn check_expiration(seconds: u64) -> Result<(), String> {
        if (MIN_TOKEN_EXPIRATION..=MAX_TOKEN_EXPIRATION).contains(&seconds) {
            return Ok(());
        }
        Err(Fault::TokenExpiration {
            min: MIN_TOKEN_EXPIRATION,
            max: MAX_TOKEN_EXPIRATION,
        }
        .to_string())
    }
}

/// The token that `values` read, if they do.
pub(super) fn projected(
    values: &Values,
    settings: &LoginSettings<'_>,
    problems: &mut Vec<Problem>,
) -> Option<ProjectedToken> {
    if !files::reads_projected_token(values) {
        problems.extend(unused(values, settings));
        return None;
    }
    if let Some(fault) = settings.audience.and_then(audience_fault) {
        problems.push(Problem {
            setting: Setting::Audience,
            fault: Fault::Audience(fault),
        });
    }
    let expiration_seconds = settings
        .token_expiration
        .or(settings.defaults.token_expiration)
        .unwrap_or(DEFAULT_TOKEN_EXPIRATION);
    if !(MIN_TOKEN_EXPIRATION..=MAX_TOKEN_EXPIRATION).contains(&expiration_seconds) {
        problems.push(Problem {
            setting: Setting::TokenExpiration,
            fault: Fault::TokenExpiration {
                min: MIN_TOKEN_EXPIRATION,
                max: MAX_TOKEN_EXPIRATION,
            },
        });
    }
    Some(ProjectedToken {
        audience: settings
            .audience
            .or(settings.defaults.audience)
            .filter(|audience| !audience.is_empty())
            .map(str::to_owned),
        expiration_seconds,
    })
}

fn unused(values: &Values, settings: &LoginSettings<'_>) -> Vec<Problem> {
    let files = files::read(values);
    // Nothing is read because something else is wrong, which is told already.
    if files.is_empty() {
        return vec![];
    }
    let audience = settings.audience.map(|_| Setting::Audience);
    let expiration = settings.token_expiration.map(|_| Setting::TokenExpiration);
    [audience, expiration]
        .into_iter()
        .flatten()
        .map(|setting| Problem {
            setting,
            fault: Fault::NoProjectedToken {
                instead: list(files.iter().map(String::as_str)),
            },
        })
        .collect()
}

fn audience_fault(audience: &str) -> Option<&'static str> {
    if audience.len() > MOST_BYTES {
        Some("is longer than 512 bytes")
    } else if audience.chars().any(char::is_control) || audience.trim() != audience {
        Some("has control characters or outer white space")
    } else {
        None
    }
}
