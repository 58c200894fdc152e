//! YAML from people: the operator's file, `auth-config` annotations, manifests.

use serde_yaml::{Error, Options};

/// Options for every YAML text: bounded, and without snippets of the input in error messages,
/// because the input may hold what nobody should read in a log.
pub fn options() -> Options {
    serde_yaml::options! {
        with_snippet: false,
        budget: serde_yaml::budget! {
            max_depth: 64,
            max_nodes: 250_000,
            max_total_scalar_bytes: 8 * 1024 * 1024,
            max_anchors: 256,
        },
    }
}

/// The error on one line.
pub fn sentence(error: &Error) -> String {
    error
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Where the error is, without what it found there: for a text that may hold a credential.
pub fn place(error: &Error) -> String {
    match error.location() {
        Some(location) => format!("see line {}, column {}", location.line(), location.column()),
        None => "it is empty, or uses what is not allowed".into(),
    }
}
