//! A whole AdmissionReview, as the API server sends it.

use contract::limits::MESSAGE_BYTES;
use json_patch::Patch;
use serde_json::Value;
use webhook::admission;
use webhook::config::Config;
use webhook::plan::Facts;
use webhook::review::{Answer, PodRequest};

use crate::assert_sentence;

/// A review is answered for its uid; a patch applies, and admitting what comes out changes nothing.
pub fn admission(bytes: &[u8]) {
    let request = match PodRequest::parse(bytes) {
        Ok(request) => request,
        Err(error) => {
            let _ = error.to_string();
            return;
        }
    };
    let config = Config::built_in();
    let facts = Facts {
        kubernetes: "1.37".parse().ok(),
        ..Facts::default()
    };
    let outcome = admission::admit(&request, &config, facts);
    let answer = outcome.answer.to_json(&request.uid);
    let answer: Value = serde_json::from_slice(&answer.expect("an answer can be written"))
        .expect("an answer is JSON");
    assert_eq!(answer["response"]["uid"], *request.uid);
    match &outcome.answer {
        Answer::Untouched { .. } => {}
        Answer::Refused { reason } => {
            assert_sentence(reason);
            assert!(
                reason.len() <= MESSAGE_BYTES,
                "a message of {} bytes",
                reason.len()
            );
        }
        Answer::Patched { patch, .. } => {
            let pod = request.created_pod().expect("only a pod is patched");
            let pod: Value = serde_json::from_str(pod).expect("only JSON is patched");
            let namespace = &request.namespace;
            let admitted = patched(pod, patch);
            let again = admission::mutate(&admitted.to_string(), namespace, &config, facts);
            match again.map(|outcome| outcome.answer) {
                Ok(Answer::Patched { patch, .. }) => {
                    assert_eq!(patched(admitted.clone(), &patch), admitted);
                }
                Ok(Answer::Untouched { .. }) => {}
                other => panic!("the second admission gives {other:?}"),
            }
        }
    }
}

fn patched(mut pod: Value, patch: &Patch) -> Value {
    json_patch::patch(&mut pod, patch).expect("the patch applies");
    pod
}
