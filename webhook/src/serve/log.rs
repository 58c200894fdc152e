//! One span for each review, with these fields and no others: a pod's environment is nobody's
//! business, and neither is a sentence that quotes from it.

use std::time::Instant;

use crate::admission::Outcome;
use crate::excerpt::at_most;
use crate::review::PodRequest;

/// A client may put anything into a field that is a name or a UUID.
fn name(field: &str) -> &str {
    at_most(field, 253)
}

struct Fields<'a> {
    uid: &'a str,
    namespace: &'a str,
    kind: &'a str,
    operation: &'a str,
    dry_run: bool,
    result: &'a str,
    reason: &'a str,
    containers: usize,
    operations: usize,
}

/// A review that was answered.
pub(super) fn reviewed(request: &PodRequest<'_>, outcome: &Outcome, started: Instant) {
    let fields = Fields {
        uid: &request.uid,
        namespace: &request.namespace,
        kind: &request.kind.kind,
        operation: &request.operation,
        dry_run: request.dry_run,
        result: outcome.result,
        reason: outcome.reason,
        containers: outcome.containers,
        operations: outcome.operations,
    };
    write(&fields, started);
}

/// A request that is no review.
pub(super) fn invalid(reason: &str, started: Instant) {
    let fields = Fields {
        uid: "",
        namespace: "",
        kind: "",
        operation: "",
        dry_run: false,
        result: "invalid",
        reason,
        containers: 0,
        operations: 0,
    };
    write(&fields, started);
}

fn write(fields: &Fields<'_>, started: Instant) {
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let span = tracing::info_span!(
        "review",
        uid = name(fields.uid),
        namespace = name(fields.namespace),
        kind = name(fields.kind),
        operation = name(fields.operation),
        dry_run = fields.dry_run,
        result = fields.result,
        reason = fields.reason,
        containers = fields.containers,
        operations = fields.operations,
        micros,
    );
    span.in_scope(|| tracing::info!("reviewed"));
}
