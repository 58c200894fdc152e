//! YAML from people: the operator's file, `auth-config` annotations, manifests.

use contract::message::shorten;
use serde::de::DeserializeOwned;
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

/// Reads a text with these options.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_yaml::from_str_with_options(text, options())
}

/// The error on one line, as long as a message may be.
pub fn sentence(error: &Error) -> String {
    let text = error.to_string();
    let words: Vec<_> = text.split_whitespace().collect();
    shorten(words.join(" "))
}

/// What kind of error it is and where, without what it found there: for a text that may hold a
/// credential.
pub fn place(error: &Error) -> String {
    let what = if is_too_much(error) {
        "it nests or repeats more than is allowed"
    } else {
        "not a YAML map"
    };
    match error.location() {
        Some(location) => format!(
            "{what}: see line {}, column {}",
            location.line(),
            location.column()
        ),
        None => what.into(),
    }
}

fn is_too_much(error: &Error) -> bool {
    let mut error = error.without_snippet();
    while let Error::AliasError { error: inner, .. } = error {
        error = inner.without_snippet();
    }
    matches!(
        error,
        Error::Budget { .. }
            | Error::AliasReplayLimitExceeded { .. }
            | Error::AliasExpansionLimitExceeded { .. }
            | Error::AliasReplayStackDepthExceeded { .. }
            | Error::AliasReplayCounterOverflow { .. }
    )
}
