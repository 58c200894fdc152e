//! Requests that get no AdmissionReview.

use actix_web::http::StatusCode;

/// Why a request gets no AdmissionReview.
pub(super) struct Invalid {
    pub(super) status: StatusCode,
    /// One word for the log.
    pub(super) reason: &'static str,
    /// For the client. It may quote the request, so it stays out of the log.
    pub(super) sentence: String,
}

impl Invalid {
    pub(super) fn new(status: StatusCode, reason: &'static str, sentence: String) -> Self {
        Self {
            status,
            reason,
            sentence,
        }
    }
}

/// A review finds no room.
pub(super) fn too_many(sentence: String) -> Invalid {
    Invalid::new(StatusCode::SERVICE_UNAVAILABLE, "too-many", sentence)
}

/// What there is no room in.
pub(super) fn being(bytes: usize, what: &str) -> String {
    format!(
        "reviews of {} MiB are being {what}, the limit",
        bytes / 1024 / 1024
    )
}
