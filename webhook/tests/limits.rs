//! Pods that are larger, or of other types, than a pod should be.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

#[path = "support/case.rs"]
mod common;

use common::Case;
use serde_json::{Value, json};

const CASE: &str = "
about: a pod
kubernetes: '1.37'
---
metadata: {name: web}
spec:
  containers:
    - name: app
      image: i
      command: [/app]
      env: [{name: P, value: 'vault:secret/data/db#password'}]
";

fn with_from_path(bytes: usize) -> Value {
    let mut pod = Case::parse(CASE).pod;
    let paths: Vec<_> = (0..bytes / 32)
        .map(|n| format!("secret/data/{n:019}"))
        .collect();
    pod["metadata"]["annotations"] = json!({ "tokenpipe.dev/from-path": paths.join(",") });
    pod
}

#[test]
fn settings_fit_into_a_variable_or_are_refused() {
    let case = Case::parse(CASE);
    let mutated = case.mutated(&with_from_path(120_000));
    let settings = &mutated["spec"]["containers"][0]["env"][1]["value"];
    assert!(settings.as_str().unwrap().len() > 100_000);
    let error = case
        .mutate(&with_from_path(140_000))
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("container app would get settings of 14")
            && error.ends_with(
                "bytes in one variable, and the kernel allows 131072: shorten tokenpipe.dev/from-path, \
                 tokenpipe.dev/auth-config or the connection's CA"
            ),
        "{error}"
    );
}

#[test]
fn a_field_of_another_type_is_named() {
    let case = Case::parse(CASE);
    for (pointer, value, sentence) in [
        (
            "/spec/containers",
            json!({}),
            "spec.containers: invalid type: map, expected a sequence",
        ),
        (
            "/spec/containers/0/name",
            json!(1),
            "spec.containers[0].name: invalid type: integer `1`, expected a string",
        ),
        (
            "/spec/containers/0/command",
            json!("/app"),
            "spec.containers[0].command: invalid type: string \"/app\", expected a sequence",
        ),
        (
            "/spec/containers/0/env/0/value",
            json!(true),
            "spec.containers[0].env[0].value: invalid type: boolean `true`, expected a string",
        ),
    ] {
        let mut pod = case.pod.clone();
        *pod.pointer_mut(pointer).unwrap() = value;
        let error = case.mutate(&pod).unwrap_err().to_string();
        assert_eq!(error, format!("the pod cannot be read: {sentence}"));
    }
}

#[test]
fn a_pod_of_many_containers_is_admitted_once() {
    let case = Case::parse(CASE);
    let mut pod = case.pod.clone();
    let container = pod["spec"]["containers"][0].clone();
    let containers = (0..500).map(|n| {
        let mut container = container.clone();
        container["name"] = json!(format!("app-{n}"));
        container
    });
    pod["spec"]["containers"] = containers.collect();
    let mutated = case.mutated(&pod);
    assert_eq!(case.mutated(&mutated), mutated);
}
