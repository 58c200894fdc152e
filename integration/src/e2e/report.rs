//! What happened in a namespace, for whoever must find out why a scenario failed.

use std::fmt::Write as _;

use super::{Namespace, Pod};
use crate::process::last_lines;

/// How many lines of each log are shown.
const LINES: usize = 30;

/// States, events and the ends of logs.
pub(super) fn describe_namespace(namespace: &Namespace<'_>) -> String {
    let mut text = format!("\n--- namespace {}\n", namespace.name());
    for arguments in [
        &["get", "all", "--output", "wide"][..],
        &["get", "events", "--sort-by=.lastTimestamp"],
    ] {
        let shown = namespace
            .run_kubectl(arguments)
            .unwrap_or_else(|error| error.to_string());
        text.push_str(&shown);
    }
    match namespace.list_pods("") {
        Ok(pods) => pods.iter().for_each(|pod| describe_pod(pod, &mut text)),
        Err(error) => text.push_str(&error.to_string()),
    }
    text
}

fn describe_pod(pod: &Pod<'_>, text: &mut String) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "--- {}", pod.describe_state());
    for name in pod.container_names() {
        for previous in [true, false] {
            let Ok(log) = pod.read_log(&name, previous) else {
                continue;
            };
            let which = if previous {
                "the start before"
            } else {
                "the last start"
            };
            let _ = writeln!(text, "--- {name}, {which}:\n{}", last_lines(&log, LINES));
        }
    }
}
