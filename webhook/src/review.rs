//! AdmissionReview v1 (`k8s.io/api/admission/v1`): from bytes to a request, and from an outcome to
//! bytes.
//!
//! The request is read by types of our own, which borrow the pod as raw JSON; `kube`'s would read
//! it twice, copy it, and write the patch as a list of numbers instead of base64. Every answer
//! carries the request's uid: the API server takes an answer with another one as a failed call, and
//! the reason would be lost.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::limits::REQUEST_UID;
use json_patch::Patch;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;

use crate::excerpt::excerpt;

const API_VERSION: &str = "admission.k8s.io/v1";
const KIND: &str = "AdmissionReview";

/// The API server drops a warning with a control character, and once there are more than 4,096
/// characters of them it cuts each to 256 and drops those that still do not fit.
const MAX_WARNING_CHARS: usize = 256;
pub(crate) const MAX_WARNINGS: usize = 4096 / MAX_WARNING_CHARS;

/// Bytes of an answer around its patch, but for warnings and a reason.
const FRAME: usize = 512;

/// A request to admit an object.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodRequest<'a> {
    /// `request.uid`.
    pub uid: String,
    /// `request.kind`.
    #[serde(default)]
    pub kind: Kind,
    /// `request.operation`.
    #[serde(default)]
    pub operation: String,
    /// `request.namespace`.
    #[serde(default)]
    pub namespace: String,
    /// `request.dryRun`.
    #[serde(default)]
    pub dry_run: bool,
    /// `request.object`.
    #[serde(borrow, default)]
    pub object: Option<&'a RawValue>,
}

/// `request.kind`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Kind {
    /// `group`, empty for the core group.
    pub group: String,
    /// `kind`.
    pub kind: String,
}

/// Why bytes are no review that can be answered with a uid.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ReviewError {
    #[error("the body is not an AdmissionReview in JSON: {0}")]
    Json(#[source] serde_json::Error),
    #[error("the body is not an AdmissionReview in JSON: {0}")]
    Text(#[source] std::str::Utf8Error),
    #[error("the body is {kind} of {api_version}, expected is {KIND} of {API_VERSION}")]
    Type { kind: String, api_version: String },
    #[error("the AdmissionReview has no request")]
    NoRequest,
    #[error("request.uid has {0} bytes; at most {REQUEST_UID} are answered")]
    Uid(usize),
}

impl ReviewError {
    /// One word for the log.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Json(_) | Self::Text(_) => "json",
            Self::Type { .. } => "type",
            Self::NoRequest => "no-request",
            Self::Uid(_) => "uid",
        }
    }
}

impl<'a> PodRequest<'a> {
    /// Reads a review.
    pub fn parse(body: &'a [u8]) -> Result<Self, ReviewError> {
        let text = str::from_utf8(body).map_err(ReviewError::Text)?;
        match serde_json::from_str::<Envelope<Option<Self>>>(text) {
            Ok(envelope) if envelope.is_review() => {
                let request = envelope.request.ok_or(ReviewError::NoRequest)?;
                match request.uid.len() {
                    ..=REQUEST_UID => Ok(request),
                    length => Err(ReviewError::Uid(length)),
                }
            }
            Ok(envelope) => Err(envelope.into_error()),
            // Of another kind or version, its request need not be one that can be read.
            Err(error) => Err(match serde_json::from_str::<Envelope<IgnoredAny>>(text) {
                Ok(envelope) if !envelope.is_review() => envelope.into_error(),
                _ => ReviewError::Json(error),
            }),
        }
    }

    /// The pod's JSON, if the review is about the creation of one.
    pub fn created_pod(&self) -> Option<&'a str> {
        let is_pod = self.kind.group.is_empty() && self.kind.kind == "Pod";
        self.object
            .filter(|_| is_pod && self.operation == "CREATE")
            .map(RawValue::get)
    }
}

/// An AdmissionReview as far as it tells what it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<R> {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    request: R,
}

impl<R> Envelope<R> {
    fn is_review(&self) -> bool {
        self.kind == KIND && self.api_version == API_VERSION
    }

    fn into_error(self) -> ReviewError {
        let (kind, api_version) = (told(&self.kind), told(&self.api_version));
        ReviewError::Type { kind, api_version }
    }
}

fn told(text: &str) -> String {
    if text.is_empty() {
        "(none)".into()
    } else {
        excerpt(text).to_owned()
    }
}

/// What is answered.
#[derive(Debug)]
pub enum Answer {
    /// The object is admitted as it is.
    Untouched {
        /// For the client of the API server.
        warnings: Vec<String>,
    },
    /// The object is admitted with a patch.
    Patched {
        /// The patch.
        patch: Patch,
        /// For the client of the API server.
        warnings: Vec<String>,
    },
    /// The object is refused.
    Refused {
        /// The sentence for the client.
        reason: String,
    },
}

impl Answer {
    /// The whole AdmissionReview, as JSON.
    pub fn to_json(&self, uid: &str) -> Result<Vec<u8>, serde_json::Error> {
        let (patch, warnings, status) = match self {
            Self::Untouched { warnings } => (None, &warnings[..], None),
            Self::Patched { patch, warnings } => (
                Some(in_base64(&serde_json::to_vec(patch)?)?),
                &warnings[..],
                None,
            ),
            Self::Refused { reason } => {
                (None, &[][..], Some(Status::bad_request(one_line(reason))))
            }
        };
        // Memory is reserved once, because a buffer that grows holds its bytes three times at its last step.
        let mut json = Vec::with_capacity(patch.as_ref().map_or(0, |p| p.get().len()) + FRAME);
        let review = Review {
            api_version: API_VERSION,
            kind: KIND,
            response: Response {
                uid,
                allowed: status.is_none(),
                status,
                patch_type: patch.as_ref().map(|_| "JSONPatch"),
                patch,
                warnings: all(warnings),
            },
        };
        serde_json::to_writer(&mut json, &review)?;
        Ok(json)
    }
}

/// A JSON text in base64. It has nothing that would have to be escaped, so it is not looked through
/// for that: it is most of an answer.
fn in_base64(bytes: &[u8]) -> Result<Box<RawValue>, serde_json::Error> {
    let length = base64::encoded_len(bytes.len(), true).unwrap_or_default();
    let mut quoted = String::with_capacity(length + 2);
    quoted.push('"');
    STANDARD.encode_string(bytes, &mut quoted);
    quoted.push('"');
    RawValue::from_string(quoted)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Review<'a> {
    api_version: &'static str,
    kind: &'static str,
    response: Response<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    uid: &'a str,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// `metav1.Status`: with code and reason `kubectl` prints `Error from server (BadRequest)`.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "Kubernetes' name")]
struct Status {
    status: &'static str,
    code: u16,
    reason: &'static str,
    message: String,
}

impl Status {
    fn bad_request(message: String) -> Self {
        Self {
            status: "Failure",
            code: 400,
            reason: "BadRequest",
            message,
        }
    }
}

/// As many as the API server passes on, the last of which says how many are left out.
fn all(warnings: &[String]) -> Vec<String> {
    let shown = if warnings.len() > MAX_WARNINGS {
        MAX_WARNINGS - 1
    } else {
        warnings.len()
    };
    let mut lines: Vec<_> = warnings[..shown].iter().map(|text| warning(text)).collect();
    if shown < warnings.len() {
        let rest = format!("and {} more warnings", warnings.len() - shown);
        lines.push(warning(&rest));
    }
    lines
}

fn warning(text: &str) -> String {
    let line = format!("tokenpipe: {}", one_line(text));
    if line.chars().count() <= MAX_WARNING_CHARS {
        return line;
    }
    let cut = line.chars().take(MAX_WARNING_CHARS - 1);
    cut.chain(['…']).collect()
}

fn one_line(text: &str) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.collect()
}

#[cfg(test)]
mod tests;
