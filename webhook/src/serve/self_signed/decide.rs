//! What to do about an authority and a certificate, given their ages: pure.
//!
//! ```text
//!             two thirds of its life          published for `settle`
//! authority A ───────────────► authority B in the bundle ───────────► certificate by B ···► A expires
//! bundle      A                B A                                    B A                   B
//! certificate by A             by A                                   by B                  by B
//! ```
//!
//! The certificate is never signed by an authority that API servers may not know yet, and an
//! authority leaves the bundle only when it has expired. So every certificate that a replica
//! still serves is trusted, however far apart the replicas and the API servers are.

use std::time::Duration;

use crate::config::{Issue, PositiveDuration};

/// Lifetimes in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Lifetimes {
    /// Of an authority.
    pub(in super::super) authority: i64,
    /// Of a certificate.
    pub(in super::super) certificate: i64,
    /// From when an authority was first seen in the webhook configuration until it signs.
    pub(in super::super) settle: Duration,
}

impl Lifetimes {
    /// The authority lives only as long as its process.
    pub(in super::super) const IN_MEMORY: Self = Self {
        authority: 3650 * 24 * 3600,
        certificate: 90 * 24 * 3600,
        settle: Duration::ZERO,
    };
}

impl From<&Issue> for Lifetimes {
    fn from(issue: &Issue) -> Self {
        let seconds =
            |period: PositiveDuration| i64::try_from(period.get().as_secs()).unwrap_or(i64::MAX);
        Self {
            authority: seconds(issue.authority_lifetime),
            certificate: seconds(issue.certificate_lifetime),
            settle: issue.settle.get(),
        }
    }
}

/// Ages of what a Secret holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Ages {
    /// Seconds that the newest authority stays valid; `None` where there is none that can sign.
    pub(in super::super) authority: Option<i64>,
    /// The certificate; `None` where there is none that a client of ours would take.
    pub(in super::super) certificate: Option<CertificateAge>,
    /// How long the newest authority has been in the webhook configuration.
    pub(in super::super) published: Option<Duration>,
}

/// Age of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct CertificateAge {
    /// Seconds that it stays valid.
    pub(in super::super) left: i64,
    /// The newest authority signed it.
    pub(in super::super) by_newest: bool,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Step {
    /// Nothing.
    Keep,
    /// The newest authority signs a certificate.
    Certificate,
    /// A new authority joins the bundle; the certificate stays.
    Authority,
    /// A new authority, and at once a certificate of it: there is nothing that could be kept.
    Everything,
}

impl Step {
    /// For the log.
    pub(in super::super) const fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Certificate => "certificate",
            Self::Authority => "authority",
            Self::Everything => "authority and certificate",
        }
    }
}

/// Decides.
pub(in super::super) fn decide(ages: Ages, lifetimes: &Lifetimes) -> Step {
    let authority = ages.authority.filter(|left| *left > 0);
    let certificate = ages.certificate.filter(|certificate| certificate.left > 0);
    match (authority, certificate) {
        (None, None) => Step::Everything,
        (None, Some(_)) => Step::Authority,
        (Some(_), None) => Step::Certificate,
        (Some(authority), Some(_)) if is_due(authority, lifetimes.authority) => Step::Authority,
        (Some(_), Some(certificate)) => {
            let is_settled = ages.published.is_some_and(|time| time >= lifetimes.settle);
            let is_old = !certificate.by_newest || is_due(certificate.left, lifetimes.certificate);
            if is_old && is_settled {
                Step::Certificate
            } else {
                Step::Keep
            }
        }
    }
}

/// Whether less than a third of a lifetime is left.
pub(in super::super) fn is_due(left: i64, lifetime: i64) -> bool {
    left < lifetime / 3
}

#[cfg(test)]
mod tests;
