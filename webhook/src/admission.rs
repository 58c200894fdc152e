//! From an AdmissionReview to its answer.
//!
//! ```text
//! bytes ─► PodRequest ─► PodView ─► Decision ─► Patch ─► Answer
//! ```
//!
//! Everything here is a pure function of the review, the configuration and the facts, so the
//! server and the offline tools give the same answers.

use contract::Restart;
use contract::message::shorten;
use thiserror::Error;

use crate::annotations::Annotations;
use crate::config::Config;
use crate::patch::{forget_status, patch};
use crate::plan::{Decision, Facts, Refusals, decide};
use crate::pod::{Metadata, PodError, PodView, has_sign};
use crate::review::{Answer, PodRequest};

/// An answer, and what the log and the metrics say about it.
#[derive(Debug)]
pub struct Outcome {
    /// The answer.
    pub answer: Answer,
    /// One word: `injected`, `untouched` or `refused`.
    pub result: &'static str,
    /// One word for a refusal's reason, else empty.
    pub reason: &'static str,
    /// What a restart without a token does, if the pod is injected.
    pub restart: Option<Restart>,
    /// How many containers are wrapped.
    pub containers: usize,
    /// How many operations the patch has.
    pub operations: usize,
}

/// Why a pod is not admitted.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum AdmissionError {
    #[error("the pod cannot be read: {0}")]
    Pod(#[source] PodError),
    #[error("{0}")]
    Refused(#[from] Refusals),
    #[error("the patch cannot be written: {0}")]
    Patch(#[source] serde_json::Error),
}

impl AdmissionError {
    /// The sentence for whoever created the pod, as long as a message may be.
    pub fn sentence(&self) -> String {
        shorten(self.to_string())
    }

    /// A sentence for each problem.
    pub fn sentences(&self) -> Vec<String> {
        match self {
            Self::Refused(refusals) => refusals.sentences(),
            Self::Pod(_) | Self::Patch(_) => vec![self.sentence()],
        }
    }
}

/// Answers a request.
pub fn admit(request: &PodRequest<'_>, config: &Config, facts: Facts) -> Outcome {
    let Some(pod) = request.created_pod() else {
        let warning = format!(
            "asked about {} of {}, but only the creation of pods is changed; check the webhook's \
             rules",
            request.operation, request.kind.kind
        );
        return Outcome::untouched(vec![warning]);
    };
    mutate(pod, &request.namespace, config, facts).unwrap_or_else(|error| Outcome::refused(&error))
}

/// What becomes of a pod's JSON text.
pub fn mutate(
    text: &str,
    namespace: &str,
    config: &Config,
    facts: Facts,
) -> Result<Outcome, AdmissionError> {
    let pod = match PodView::parse(text) {
        Ok(pod) => pod,
        // Of no concern to us, and perhaps to be rejected by the API server.
        Err(error) if error.is_too_large && (!has_sign(text) || opts_out(text)) => {
            return Ok(Outcome::untouched(Vec::new()));
        }
        Err(error) => return Err(AdmissionError::Pod(error)),
    };
    match decide(&pod, namespace, config, facts)? {
        Decision::Untouched { warnings } => match forget_status(&pod) {
            None => Ok(Outcome::untouched(warnings)),
            Some(patch) => Ok(Outcome {
                operations: patch.0.len(),
                answer: Answer::Patched { patch, warnings },
                ..Outcome::untouched(Vec::new())
            }),
        },
        Decision::Inject(plan) => {
            let patch =
                patch(&pod, &plan, &config.images.mirrors).map_err(AdmissionError::Patch)?;
            Ok(Outcome {
                result: "injected",
                reason: "",
                restart: Some(plan.status.restart),
                containers: plan.wraps.len(),
                operations: patch.0.len(),
                answer: Answer::Patched {
                    patch,
                    warnings: plan.status.warnings,
                },
            })
        }
    }
}

/// Whether a pod that is too large to be read says that it is none of ours.
fn opts_out(text: &str) -> bool {
    let metadata = Metadata::of_pod(text);
    metadata.is_some_and(|metadata| Annotations::opts_out(metadata.annotations.iter().flatten()))
}

impl Outcome {
    fn untouched(warnings: Vec<String>) -> Self {
        Self {
            answer: Answer::Untouched { warnings },
            result: "untouched",
            reason: "",
            restart: None,
            containers: 0,
            operations: 0,
        }
    }

    fn refused(error: &AdmissionError) -> Self {
        let reason = match error {
            AdmissionError::Refused(refusals) => refusals.label(),
            AdmissionError::Pod(error) if error.is_too_large => "too-large",
            AdmissionError::Pod(_) => "unreadable",
            AdmissionError::Patch(_) => "internal",
        };
        Self {
            answer: Answer::Refused {
                reason: error.sentence(),
            },
            result: "refused",
            reason,
            restart: None,
            containers: 0,
            operations: 0,
        }
    }
}
