//! `tokenpipe render`, the program, and what becomes of its output.

use std::fs;
use std::process::Command;

use integration::process::{self, Output};
use integration::{product, temp};
use serde_json::{Value, json};

use crate::place::{
    build_pod, build_resubmission, create_namespace, create_unselected_namespace, dry_run,
    find_named,
};
use crate::tokenpipe::{LIMIT, build_config};

fn run_tokenpipe(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(product::find_tokenpipe().unwrap());
    process::run_with_input(command.args(arguments), input.as_bytes(), LIMIT).unwrap()
}

/// With the configuration of the webhook that is registered.
fn run_render(format: &str, input: &str) -> Output {
    let directory = temp::create_directory("render").unwrap();
    let file = directory.path().join("config.yaml");
    fs::write(&file, build_config().to_string()).unwrap();
    let file = file.to_str().unwrap();
    let arguments = [
        "render",
        "--kubernetes-version",
        "1.37",
        "--config",
        file,
        "-o",
        format,
        "-f",
        "-",
    ];
    run_tokenpipe(&arguments, input)
}

/// One of every kind that makes pods, and two others.
fn every_kind() -> String {
    let spec = &build_pod()["spec"];
    let labels = json!({ "app": "web" });
    let workload = |kind: &str, more: Value| {
        let mut object = json!({
            "apiVersion": "apps/v1", "kind": kind, "metadata": { "name": kind.to_lowercase() },
            "spec": {
                "selector": { "matchLabels": labels },
                "template": { "metadata": { "labels": labels }, "spec": spec },
            },
        });
        let fields = more.as_object().unwrap().clone();
        object["spec"].as_object_mut().unwrap().extend(fields);
        object
    };
    let mut of_job = spec.clone();
    of_job["restartPolicy"] = json!("Never");
    let template = json!({ "template": { "spec": of_job } });
    let objects = [
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "web" }, "data": { "a": "vault:a#b", "on": "yes" } }),
        build_pod(),
        workload("Deployment", json!({ "replicas": 2 })),
        workload("StatefulSet", json!({ "serviceName": "web" })),
        workload("DaemonSet", json!({})),
        workload("ReplicaSet", json!({})),
        json!({ "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "job" }, "spec": template }),
        json!({ "apiVersion": "batch/v1", "kind": "CronJob", "metadata": { "name": "cronjob" }, "spec": { "schedule": "0 * * * *", "jobTemplate": { "spec": template } } }),
        json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web" }, "spec": { "clusterIP": "None", "selector": labels } }),
    ];
    // JSON is YAML.
    objects.map(|object| object.to_string()).join("\n---\n")
}

#[test]
fn kubectl_applies_what_it_prints_in_both_formats() {
    let namespace = create_unselected_namespace("rendered");
    for format in ["yaml", "json"] {
        let output = run_render(format, &every_kind());
        assert_eq!(output.code(), Some(0), "{output:?}");
        let arguments = ["apply", "--dry-run=server", "--validate=strict", "-f", "-"];
        let applied = namespace
            .run_kubectl_with_input(&arguments, &output.stdout())
            .unwrap();
        let created = [
            "configmap/web",
            "pod/web",
            "deployment.apps/deployment",
            "statefulset.apps/statefulset",
            "daemonset.apps/daemonset",
            "replicaset.apps/replicaset",
            "job.batch/job",
            "cronjob.batch/cronjob",
            "service/web",
        ];
        let created = created.map(|object| format!("{object} created (server dry run)\n"));
        assert_eq!(
            (applied.stdout(), applied.stderr()),
            (created.concat(), String::new()),
            "{format}"
        );
        assert_eq!(
            output
                .stdout()
                .matches("-config=/tokenpipe/agent/agent.json")
                .count(),
            7
        );
    }
}

#[test]
fn it_makes_what_admission_makes() {
    let namespace = create_namespace("same", &[]);
    let admitted = dry_run(&namespace, &build_pod()).unwrap();
    let output = run_render("json", &build_pod().to_string());
    let rendered: Value = serde_json::from_str(&output.stdout()).unwrap();
    let key = "tokenpipe.dev/status";
    assert_eq!(
        rendered["metadata"]["annotations"][key],
        admitted["metadata"]["annotations"][key]
    );
    for name in ["tokenpipe-prepare", "tokenpipe-agent"] {
        let (ours, theirs) = (
            find_named(&rendered["spec"]["initContainers"], name),
            find_named(&admitted["spec"]["initContainers"], name),
        );
        for field in ["command", "env", "image", "volumeMounts", "securityContext"] {
            assert_eq!(ours[field], theirs[field], "{name}: {field}");
        }
    }
    // A pod that was rendered before it was applied is not changed again.
    let twice = dry_run(&namespace, &build_resubmission(&rendered)).unwrap();
    assert_eq!(
        twice["spec"]["containers"][0]["command"],
        rendered["spec"]["containers"][0]["command"]
    );
    assert_eq!(twice["spec"]["initContainers"].as_array().unwrap().len(), 2);
}

#[test]
fn patches_apply_to_what_was_given() {
    let output = run_render("patch", &every_kind());
    let patches: Vec<Value> = serde_json::from_str(&output.stdout()).unwrap();
    let names: Vec<_> = patches
        .iter()
        .map(|entry| entry["object"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "Pod default/web",
            "Deployment default/deployment",
            "StatefulSet default/statefulset",
            "DaemonSet default/daemonset",
            "ReplicaSet default/replicaset",
            "Job default/job",
            "CronJob default/cronjob"
        ]
    );
    let given: Vec<Value> = every_kind()
        .split("\n---\n")
        .map(|text| serde_json::from_str(text).unwrap())
        .collect();
    let rendered: Value =
        serde_json::from_str(&run_render("json", &every_kind()).stdout()).unwrap();
    for (entry, number) in patches.iter().zip(1..) {
        let mut object = given[number].clone();
        let patch: json_patch::Patch = serde_json::from_value(entry["patch"].clone()).unwrap();
        json_patch::patch(&mut object, &patch).unwrap();
        assert_eq!(object, rendered["items"][number], "{}", entry["object"]);
    }
}

#[test]
fn a_refusal_names_the_object_and_nothing_is_printed() {
    let input = every_kind().replace("vault:secret/data/db#password", "vault:secret/data/db");
    let output = run_render("yaml", &input);
    assert_eq!((output.code(), output.stdout()), (Some(1), String::new()));
    let stderr = output.stderr();
    let lines: Vec<_> = stderr.lines().collect();
    assert_eq!(lines.len(), 7, "{stderr}");
    let sentence =
        "refused: container app, variable DB_PASSWORD: `vault:secret/data/db` names no key";
    for (line, object) in lines
        .iter()
        .zip(["Pod default/web", "Deployment default/deployment"])
    {
        assert!(
            line.trim_start_matches("tokenpipe: ")
                .starts_with(&format!("{object}: {sentence}")),
            "{line}"
        );
    }
}

#[test]
fn a_template_is_printed_or_its_error_with_the_place() {
    let directory = temp::create_directory("template").unwrap();
    let data = directory.path().join("data.json");
    fs::write(&data, r#"{"user":"shop","password":"s3cr3t word"}"#).unwrap();
    let run = |text: &str| run_tokenpipe(&["template", "--data", data.to_str().unwrap(), text], "");
    let output = run("${.user | upper}:${.password | urlquery}");
    assert_eq!(
        (output.code(), output.stdout()),
        (Some(0), "SHOP:s3cr3t+word\n".into())
    );
    let output = run("${.user | uper}");
    assert_eq!((output.code(), output.stdout()), (Some(1), String::new()));
    let stderr = output.stderr();
    assert!(
        stderr.contains("upper") && stderr.contains("uper"),
        "{stderr}"
    );
    assert!(!stderr.contains("s3cr3t"), "{stderr}");
    let from_stdin = run_tokenpipe(&["template", "--data", "-", "${.a}"], r#"{"a":"b"}"#);
    assert_eq!(from_stdin.stdout(), "b\n");
    let bad = run_tokenpipe(&["template", "--data", "-", "${.a}"], "[\"s3cr3t\"]");
    assert_eq!(bad.code(), Some(1));
    assert!(!bad.stderr().contains("s3cr3t"), "{bad:?}");
}
