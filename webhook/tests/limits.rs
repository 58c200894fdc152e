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
use webhook::review::Answer;

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
        .mutate(&with_from_path(126_000))
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("container app would get a variable of 13")
            && error.ends_with(
                "bytes, and the kernel allows 131072; shorten tokenpipe.dev/from-path, \
                 tokenpipe.dev/auth-config, the connection's CA or the container's env"
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

/// A pod with these variables, the last of which has a reference.
fn with_variables(variables: &[(String, String)]) -> Value {
    let mut pod = Case::parse(CASE).pod;
    let env = pod["spec"]["containers"][0]["env"].as_array_mut().unwrap();
    let variables = variables
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }));
    env.splice(0..0, variables);
    pod
}

#[test]
fn a_short_pod_cannot_stand_for_long_values() {
    let case = Case::parse(CASE);
    let variable = |name: &str, value: String| (name.to_owned(), value);
    let thousand = |name: &str| format!("$({name})").repeat(1_000);
    let one = with_variables(&[
        variable("A", "x".repeat(1_000)),
        variable("B", thousand("A")),
        variable("C", thousand("B")),
    ]);
    assert_eq!(
        case.mutate(&one).unwrap_err().to_string(),
        "container app, variable B: the value, as kubelet expands it, is longer than the 131072 \
         bytes that the kernel takes; shorten it"
    );

    let mut many = vec![variable("A", "x".repeat(100_000))];
    many.extend((0..70).map(|n| variable(&format!("B{n}"), "$(A)!".into())));
    assert_eq!(
        case.mutate(&with_variables(&many)).unwrap_err().to_string(),
        "container app, variable B20: with this value `$(NAME)` expansion produces more than \
         2097152 bytes in this pod; use shorter values"
    );
    many.truncate(20);
    case.mutated(&with_variables(&many));

    // The inline form of a reference, in the place of its name.
    let long = |length| variable("R", format!("vault:secret/data/db#{}", "k".repeat(length)));
    let mut many = vec![long(50_000)];
    many.extend((0..50).map(|n| variable(&format!("T{n}"), "-$(R)$(R)".into())));
    let error = case.mutate(&with_variables(&many)).unwrap_err().to_string();
    assert!(
        error.starts_with("container app, variable T20: with this value `$(NAME)` "),
        "{error}"
    );
    let rewritten = with_variables(&[
        long(1_000),
        variable("T", format!("-{}", "$(R)".repeat(1_000))),
    ]);
    let error = case.mutate(&rewritten).unwrap_err().to_string();
    assert!(
        error.starts_with("container app, variable T: the value, as kubelet expands it"),
        "{error}"
    );
}

#[test]
fn a_pod_of_ours_has_no_more_containers_than_that() {
    let case = Case::parse(CASE);
    let with_containers = |env: &Value| {
        let mut pod = case.pod.clone();
        let container = |n| json!({ "name": format!("app-{n}"), "command": ["/app"], "env": env });
        pod["spec"]["containers"] = (0..501).map(container).collect();
        pod
    };
    let ours = with_containers(&case.pod["spec"]["containers"][0]["env"]);
    assert_eq!(
        case.mutate(&ours).unwrap_err().to_string(),
        "the pod has 501 containers; tokenpipe works on at most 500; use fewer, or set tokenpipe.dev/inject to \"false\""
    );
    let others = with_containers(&json!([{ "name": "A", "value": "b" }]));
    let answer = case.mutate(&others).unwrap();
    assert!(matches!(answer, Answer::Untouched { .. }), "{answer:?}");
}

#[test]
fn the_settings_of_all_containers_fit_into_a_pod() {
    let case = Case::parse(CASE);
    let mut pod = with_from_path(110_000);
    let container = pod["spec"]["containers"][0].clone();
    let containers = (0..16).map(|n| {
        let mut container = container.clone();
        container["name"] = json!(format!("app-{n}"));
        container
    });
    pod["spec"]["containers"] = containers.collect();
    let error = case.mutate(&pod).unwrap_err().to_string();
    assert!(
        error.starts_with("the wrapped containers would get settings of more than 1572864 bytes"),
        "{error}"
    );
}

/// A pod with a reference, and these annotations.
fn annotated(annotations: &[(&str, String)]) -> Value {
    let mut pod = Case::parse(CASE).pod;
    let annotations = annotations
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)));
    pod["metadata"]["annotations"] = annotations.collect();
    pod
}

#[test]
fn list_that_repeats_an_entry_is_a_set() {
    let case = Case::parse(CASE);
    let once = case.mutated(&annotated(&[("tokenpipe.dev/containers", "app".into())]));
    let often = case.mutated(&annotated(&[(
        "tokenpipe.dev/containers",
        "app, app,app".into(),
    )]));
    assert_eq!(once["spec"], often["spec"]);
    // A later path wins over an earlier one, so the last mention is the one that counts.
    let once = case.mutated(&annotated(&[("tokenpipe.dev/from-path", "a/c,a/b".into())]));
    let often = case.mutated(&annotated(&[(
        "tokenpipe.dev/from-path",
        "a/b,a/c,a/b".into(),
    )]));
    assert_eq!(once["spec"], often["spec"]);
}

#[test]
fn lists_beyond_their_bounds_are_rejected_in_a_sentence() {
    let case = Case::parse(CASE);
    let many: Vec<_> = (0..5_000).map(|n| format!("a{n}")).collect();
    for (key, value, sentence) in [
        (
            "tokenpipe.dev/containers",
            many.join(","),
            "the list has more than 4,096 entries; shorten it",
        ),
        (
            "tokenpipe.dev/from-path",
            many.join(","),
            "the list has more than 4,096 entries; shorten it",
        ),
        (
            "tokenpipe.dev/skip-containers",
            "b,".repeat(70_000),
            "the list is larger than 128 KiB; shorten it",
        ),
    ] {
        let error = case.mutate(&annotated(&[(key, value)])).unwrap_err();
        assert_eq!(error.to_string(), format!("annotation {key}: {sentence}"));
    }
    let listed = ("tokenpipe.dev/containers", "app,a,a,a".into());
    let skipped = ("tokenpipe.dev/skip-containers", "b,a,b".into());
    let mut pod = annotated(&[listed, skipped]);
    for name in ["a", "b"] {
        let container = json!({ "name": name, "command": ["/x"] });
        pod["spec"]["containers"]
            .as_array_mut()
            .unwrap()
            .push(container);
    }
    assert_eq!(
        case.mutate(&pod).unwrap_err().to_string(),
        "annotations tokenpipe.dev/containers and tokenpipe.dev/skip-containers both name container a"
    );
}

#[test]
fn annotations_that_the_api_server_rejects_are_rejected_before() {
    let case = Case::parse(CASE);
    let with = |bytes: usize| annotated(&[("example.com/a", "x".repeat(bytes - 13))]);
    case.mutated(&with(256 * 1024));
    let sentence = "the pod cannot be read: metadata.annotations: more than 256 KiB together, the \
                    most that the API server takes; shorten them";
    let error = case.mutate(&with(256 * 1024 + 1)).unwrap_err();
    assert_eq!(error.to_string(), sentence);
    // Not ours to say anything about.
    let mut other = with(300_000);
    other["spec"]["containers"] = json!([{ "name": "app", "image": "i" }]);
    let answer = case.mutate(&other).unwrap();
    assert!(matches!(answer, Answer::Untouched { .. }), "{answer:?}");
}

#[test]
fn elements_beyond_their_bounds_are_rejected_where_the_pod_is_ours() {
    let case = Case::parse(CASE);
    for (pointer, value, sentence) in [
        (
            "/spec/volumes",
            json!(vec![json!({}); 10_001]),
            "spec.volumes: more than 10,000 elements, the most that tokenpipe reads",
        ),
        (
            "/spec/initContainers",
            json!(vec![json!({}); 1_001]),
            "spec.initContainers: more than 1,000 elements, the most that tokenpipe reads",
        ),
        (
            "/spec/containers/0/args",
            json!(vec![""; 10_001]),
            "spec.containers[0].args: more than 10,000 elements, the most that tokenpipe reads",
        ),
        (
            "/spec/initContainers",
            json!(vec![json!({ "args": vec![""; 9_000] }); 6]),
            "spec.initContainers: more than 50,000 elements in the lists of all containers, the most \
             that tokenpipe reads",
        ),
        (
            "/metadata/labels",
            (0..10_001).map(|n| (n.to_string(), json!(""))).collect(),
            "metadata.labels: more than 10,000 entries, the most that tokenpipe reads",
        ),
    ] {
        let mut pod = case.pod.clone();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        pod.pointer_mut(parent).unwrap()[field] = value;
        let error = case.mutate(&pod).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the pod cannot be read: {sentence}")
        );
        let mut opted_out = pod.clone();
        opted_out["metadata"]["annotations"]["tokenpipe.dev/inject"] = json!("false");
        pod["spec"]["containers"][0]["env"] = json!([]);
        let mut exporter = pod.clone();
        exporter["spec"]["containers"][0]["image"] = json!("registry/vault-exporter:1");
        let mut others = vec![pod, exporter];
        if pointer != "/metadata/labels" {
            others.push(opted_out);
        }
        for pod in others {
            let answer = case.mutate(&pod).unwrap();
            assert!(
                matches!(answer, Answer::Untouched { .. }),
                "{pointer}: {answer:?}"
            );
        }
    }
}

#[test]
fn pod_of_more_references_than_its_budget_is_rejected() {
    let case = Case::parse(CASE);
    let value = |count: usize| [("A".to_owned(), "${vault:a#b}".repeat(count))];
    case.mutated(&with_variables(&value(10_000)));
    assert_eq!(
        case.mutate(&with_variables(&value(200_000)))
            .unwrap_err()
            .to_string(),
        "the pod takes more work than tokenpipe spends on one; use fewer or shorter references and \
         variables"
    );
}

#[test]
fn quantity_that_is_none_is_named_and_not_kept() {
    let case = Case::parse(CASE);
    let mut pod = case.pod.clone();
    pod["spec"]["containers"][0]["resources"] = json!({ "limits": { "cpu": [[[]]] } });
    assert_eq!(
        case.mutate(&pod).unwrap_err().to_string(),
        "the pod cannot be read: spec.containers[0].resources.limits.cpu: invalid type: sequence, \
         expected a string or a number"
    );
    pod["spec"]["containers"][0]["resources"] =
        json!({ "limits": { "cpu": 2, "memory": "1Gi" }, "requests": { "cpu": 0.5 } });
    case.mutated(&pod);
}
