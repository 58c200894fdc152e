//! What becomes of a pod: each file in `pods/` is a case, its snapshot the decision.
//!
//! A file holds two YAML documents: how the webhook is set up, and the pod. Beside the snapshot
//! every case is held to what must be true of all of them: short sentences, for one.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

#[path = "support/case.rs"]
mod common;

use std::fmt::Write as _;

use common::Case;
use contract::message::{MESSAGE_WORDS, words};
use json_patch::PatchOperation;
use serde_json::Value;
use webhook::review::Answer;

#[test]
fn pods() {
    insta::glob!("pods/*.yaml", |path| {
        let case = Case::read(path);
        let text = match case.mutate(&case.pod) {
            Err(error) => {
                assert_short(&error.sentences());
                format!("refused: {error}\n")
            }
            Ok(answer) => {
                check_invariants(&case, &answer);
                describe(&answer)
            }
        };
        insta::assert_snapshot!(text);
    });
}

fn describe(answer: &Answer) -> String {
    let (operations, warnings) = match answer {
        Answer::Untouched { warnings } => (&[][..], warnings),
        Answer::Patched { patch, warnings } => (&patch.0[..], warnings),
        Answer::Refused { reason } => panic!("refused: {reason}"),
    };
    assert_short(warnings);
    let mut text = String::new();
    for operation in operations {
        let (verb, path, value) = match operation {
            PatchOperation::Add(add) => ("add", &add.path, &add.value),
            PatchOperation::Replace(replace) => ("replace", &replace.path, &replace.value),
            PatchOperation::Remove(remove) => ("remove", &remove.path, &Value::Null),
            other => panic!("{other:?}"),
        };
        writeln!(text, "{verb} {path} {}", indented(value)).unwrap();
    }
    for warning in warnings {
        writeln!(text, "warning: {warning}").unwrap();
    }
    if text.is_empty() {
        "untouched\n".into()
    } else {
        text
    }
}

fn assert_short(sentences: &[String]) {
    for sentence in sentences {
        let count = words(sentence);
        assert!(count <= MESSAGE_WORDS, "{count} words: {sentence}");
    }
}

/// JSON, and JSON inside strings, spread over lines.
fn indented(value: &Value) -> String {
    match value {
        Value::Object(_) | Value::Array(_) => serde_json::to_string_pretty(value).unwrap(),
        Value::String(text) => serde_json::from_str::<Value>(text)
            .ok()
            .filter(Value::is_object)
            .map_or_else(|| value.to_string(), |inner| format!("JSON {inner:#}")),
        other => other.to_string(),
    }
}

fn check_invariants(case: &Case, answer: &Answer) {
    let Answer::Patched { patch, .. } = answer else {
        return;
    };
    let mut mutated = case.pod.clone();
    json_patch::patch(&mut mutated, patch).expect("the patch applies");

    let second = case
        .mutate(&mutated)
        .expect("what was admitted is admitted again");
    let second = match second {
        Answer::Patched { patch, .. } => patch.0,
        Answer::Untouched { .. } => Vec::new(),
        Answer::Refused { reason } => panic!("the second time: {reason}"),
    };
    assert!(
        second.is_empty(),
        "admitting twice is not admitting once: {second:#?}"
    );

    common::assert_kept("", &case.pod, &mutated);
    for operation in &patch.0 {
        assert!(
            !operation.path().as_str().is_empty(),
            "nobody replaces a whole pod"
        );
    }
}
