//! What can go wrong with a request to Vault, and whether another attempt may help.

use std::time::Duration;

use contract::ExitCode;
use thiserror::Error;

use crate::foreign;

/// Why a request gave no answer that can be used. One sentence each; texts of Vault's are bounded
/// and quoted as foreign ([`crate::foreign`]).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum VaultError {
    /// No connection, or one that broke.
    #[error("Vault at {address} cannot be reached: {reason}")]
    Unreachable { address: String, reason: String },
    /// A certificate that does not prove what it must.
    #[error("Vault at {address} cannot be trusted: {reason}")]
    Untrusted { address: String, reason: String },
    /// A client certificate that Vault does not accept, or the lack of one.
    #[error("Vault at {address} {reason}")]
    NotAccepted { address: String, reason: String },
    /// An attempt took too long.
    #[error("Vault at {address} did not answer within {} s", .after.as_secs_f32())]
    Timeout { address: String, after: Duration },
    /// A status that passes: sealed, standby, overloaded, failed inside.
    #[error("Vault answered {status}{said}")]
    Busy {
        status: String,
        said: Said,
        retry_after: Option<Duration>,
    },
    /// Attempts ended without success.
    #[error("{error} ({limit})")]
    GaveUp { error: Box<Self>, limit: String },
    /// Never asked, because others used the time up.
    #[error("Vault was not asked within {} s", .0.as_secs_f32())]
    OutOfTime(Duration),
    /// The token is unknown, expired, revoked or used up.
    #[error("Vault rejects the token: it is unknown, expired, revoked or used up")]
    InvalidToken,
    /// A wrapping token that gives nothing.
    #[error(
        "the wrapped token (accessor {accessor}, made by `{path}`) has expired or was unwrapped \
         already; if no earlier attempt did that, revoke it"
    )]
    Unwrapped { accessor: String, path: String },
    /// A wrapping token that was not made by the login.
    #[error(
        "the wrapped token (accessor {accessor}) was made by `{path}`, not by {expected}, so it \
         was not unwrapped; check who wrote it"
    )]
    OtherWrapping {
        accessor: String,
        path: String,
        expected: String,
    },
    /// The token is good, and a policy forbids the request.
    #[error(
        "Vault refused `{path}`{said}; the token's policies must allow `{capability}` there{hint}"
    )]
    Denied {
        path: String,
        said: Said,
        capability: &'static str,
        hint: String,
    },
    /// A denial, and whether the token is to blame could not be found out.
    #[error("{denied}; or the token is dead ({error})")]
    DeniedOrDead { denied: Box<Self>, error: Box<Self> },
    /// The request makes no sense to Vault.
    #[error("Vault answered {status} to `{path}`{said}")]
    Rejected {
        path: String,
        status: String,
        said: Said,
    },
    /// A redirect, which is not followed.
    #[error("Vault at {address} redirects to {to}; {fix}")]
    Redirected {
        address: String,
        to: String,
        fix: String,
    },
    /// Somebody else answered.
    #[error("the answer was {status} with {content_type}, not Vault's JSON; {fix}")]
    NotVaults {
        status: String,
        content_type: String,
        fix: String,
    },
    /// Plain HTTP to a listener of TLS.
    #[error("Vault at {address} speaks TLS; set the address to {https}")]
    SpeaksTls { address: String, https: String },
    /// More than an environment can hold.
    #[error(
        "Vault's answers to this start have more than {limit} {unit}; ask for fewer or smaller secrets"
    )]
    TooLarge { limit: usize, unit: &'static str },
    /// JSON, but not Vault's.
    #[error("the answer to `{path}` cannot be read: {reason}")]
    Malformed { path: String, reason: String },
    /// A version of something that has none.
    #[error("`{path}` is no KV 2 secret and has no version {version}; remove `#{version}`")]
    NotVersioned { path: String, version: u32 },
}

/// What Vault wrote about it: `: …`, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said(String);

/// Most characters of Vault's own words that a message repeats.
const MOST_SAID: usize = 400;

impl Said {
    /// Errors and warnings on one line. `hidden` is what the request carried, the longest first: it
    /// may be secret, and Vault quotes what it cannot parse.
    pub(super) fn new<'a>(texts: impl Iterator<Item = &'a str>, hidden: &[String]) -> Self {
        let mut text = texts.collect::<Vec<_>>().join("\n");
        // Before anything else is done to it: a secret may have several lines.
        for secret in hidden {
            text = text.replace(secret, "<hidden>");
        }
        let text = text
            .lines()
            .map(|line| line.trim_matches(|c: char| c.is_whitespace() || c == '*'))
            .filter(|line| !line.is_empty() && !line.ends_with("occurred:"))
            .collect::<Vec<_>>()
            .join("; ");
        Self(
            text.chars()
                .filter(|c| !c.is_control())
                .take(MOST_SAID)
                .collect(),
        )
    }

    /// The text, quoted as foreign.
    pub(super) fn into_text(self) -> String {
        foreign::quote(&self.0)
    }

    pub(super) fn contains(&self, part: &str) -> bool {
        self.0.contains(part)
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            Ok(())
        } else {
            write!(f, ": {}", foreign::quote(&self.0))
        }
    }
}

impl VaultError {
    /// Whether another attempt may succeed.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Busy { .. }
        )
    }

    /// How long Vault asked to be left alone.
    pub(crate) fn retry_after(&self) -> Duration {
        match self {
            Self::Busy { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        }
    }

    /// The code with which a start ends that met this.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::GaveUp { error, .. } => error.exit_code(),
            Self::Unreachable { .. }
            | Self::Untrusted { .. }
            | Self::NotAccepted { .. }
            | Self::Timeout { .. }
            | Self::Busy { .. }
            | Self::OutOfTime(_)
            | Self::Redirected { .. }
            | Self::NotVaults { .. }
            | Self::SpeaksTls { .. }
            | Self::TooLarge { .. }
            | Self::Malformed { .. } => ExitCode::Unreachable,
            Self::InvalidToken
            | Self::Unwrapped { .. }
            | Self::OtherWrapping { .. }
            | Self::Denied { .. }
            | Self::DeniedOrDead { .. }
            | Self::Rejected { .. } => ExitCode::Refused,
            Self::NotVersioned { .. } => ExitCode::Reference,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Said;

    #[test]
    fn vaults_words_on_one_line() {
        let said = |text: &str| {
            let said = Said::new([text].into_iter(), &["s3cr3t".into()]).to_string();
            crate::foreign::split(&said).0
        };
        let denied = "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n";
        assert_eq!(said(denied), ": permission denied; invalid token");
        assert_eq!(said("parsing \"s3cr3t\": no"), ": parsing \"<hidden>\": no");
        assert_eq!(said(""), "");
        assert_eq!(said(&"x".repeat(10_000)).len(), 402);
    }
}
