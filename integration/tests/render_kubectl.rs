//! `tokenpipe render` reads manifests as kubectl does: every document of `manifests/` goes through both.
//!
//! `kubectl label --local --dry-run=client` asks no server and takes any kind. Each file is a stream, so
//! that kubectl runs three times a file: for what was written, and for what `render` makes of it as YAML
//! and as JSON.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use integration::tools::{self, Tool};
use integration::{process, product, temp};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);
const LABEL: &str = "tokenpipe-test";

fn list_files() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests");
    let mut files: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

/// What `render` makes of a file.
fn run_render(file: &Path, format: &str) -> String {
    let mut command = Command::new(product::find_tokenpipe().unwrap());
    command.args(["render", "--kubernetes-version", "1.37", "-o", format, "-f"]);
    let output = process::run_command(command.arg(file), LIMIT).unwrap();
    assert_eq!(output.code(), Some(0), "{}: {output:?}", file.display());
    output.stdout()
}

/// The objects that kubectl reads in a text, without the label that it is asked for.
fn read_objects(text: &str) -> Vec<Value> {
    let directory = temp::create_directory("render-kubectl").unwrap();
    // kubectl looks at the text for its format, not at the name.
    let file = directory.path().join("manifests.yaml");
    fs::write(&file, text).unwrap();
    let mut command = Command::new(tools::find_tool(Tool::Kubectl).unwrap());
    command
        .env_remove("KUBECONFIG")
        .env("HOME", directory.path())
        .args(["label", "--local", "--dry-run=client", "-o", "json", "-f"])
        .arg(&file)
        .arg(format!("{LABEL}=1"));
    let output = process::run_command(&mut command, LIMIT).unwrap();
    assert_eq!(output.code(), Some(0), "{output:?}\n{text}");
    let text = output.stdout();
    let objects = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    objects
        .map(|object| without_label(object.unwrap()))
        .collect()
}

fn without_label(mut object: Value) -> Value {
    let labels = object["metadata"]["labels"].as_object_mut().unwrap();
    assert_eq!(labels.remove(LABEL), Some(json!("1")));
    object
}

fn object_title(object: &Value) -> String {
    let metadata = &object["metadata"];
    let namespace = metadata["namespace"].as_str().unwrap_or("default");
    let name = metadata["name"].as_str().unwrap();
    format!("{} {namespace}/{name}", object["kind"].as_str().unwrap())
}

/// Where the pods of the corpus are in their objects. `*` is an index.
const PODS: [&str; 8] = [
    "",
    "/template",
    "/spec/template",
    "/spec/jobTargetRef/template",
    "/spec/jobTemplate/spec/template",
    "/spec/leaderWorkerTemplate/leaderTemplate",
    "/spec/leaderWorkerTemplate/workerTemplate",
    "/spec/replicatedJobs/*/template/spec/template",
];

/// The fields of a pod that tokenpipe writes. They are written out because a patch is no proof of itself.
const POD_FIELDS: [&str; 7] = [
    "/metadata/annotations",
    "/metadata/annotations/tokenpipe.dev~1status",
    "/metadata/annotations/cluster-autoscaler.kubernetes.io~1safe-to-evict-local-volumes",
    "/spec/initContainers",
    "/spec/initContainers/*",
    "/spec/volumes",
    "/spec/volumes/*",
];

/// The same of a container. `args` are not among them: the program's stay as they are.
const CONTAINER_FIELDS: [&str; 9] = [
    "/command",
    "/env",
    "/env/*",
    "/env/*/value",
    "/volumeMounts",
    "/volumeMounts/*",
    "/restartPolicy",
    "/restartPolicyRules",
    "/restartPolicyRules/*",
];

/// Lists and maps that others write too: as a whole tokenpipe writes one only where there is none.
const SHARED: [&str; 6] = [
    "annotations",
    "initContainers",
    "volumes",
    "env",
    "volumeMounts",
    "restartPolicyRules",
];

/// Every path that tokenpipe may write in an object.
fn written_paths() -> Vec<String> {
    let containers = ["/spec/containers/*", "/spec/initContainers/*"];
    let in_containers = containers
        .iter()
        .flat_map(|container| CONTAINER_FIELDS.map(|field| format!("{container}{field}")));
    let fields: Vec<_> = POD_FIELDS
        .map(str::to_owned)
        .into_iter()
        .chain(in_containers)
        .collect();
    let mut paths = Vec::new();
    for pod in PODS {
        paths.extend(fields.iter().map(|field| format!("{pod}{field}")));
    }
    paths
}

fn is_match(path: &str, pattern: &str) -> bool {
    let is_index = |token: &str| token == "-" || token.parse::<usize>().is_ok();
    let (path, pattern) = (path.split('/'), pattern.split('/'));
    path.clone().count() == pattern.clone().count()
        && path
            .zip(pattern)
            .all(|(token, wanted)| token == wanted || (wanted == "*" && is_index(token)))
}

/// A path of a patch is one of tokenpipe's, and takes nothing of another's away.
fn assert_writes_own_fields(object: &Value, operations: &Value) {
    let written = written_paths();
    for operation in operations.as_array().unwrap() {
        let path = operation["path"].as_str().unwrap();
        let is_written = written.iter().any(|pattern| is_match(path, pattern));
        assert!(
            is_written,
            "{}: {path} is not tokenpipe's",
            object_title(object)
        );
        let field = path.rsplit('/').next().unwrap_or_default();
        if SHARED.contains(&field) {
            let there = object.pointer(path).unwrap_or(&Value::Null);
            let is_empty = *there == json!(null) || *there == json!([]) || *there == json!({});
            assert!(
                is_empty,
                "{}: {path} replaces {there}",
                object_title(object)
            );
        }
    }
}

/// The objects with the patches that `render` says it has applied.
fn apply_patches(mut objects: Vec<Value>, patches: &[Value]) -> Vec<Value> {
    let mut patches = patches.iter().peekable();
    for object in &mut objects {
        let title = object_title(object);
        while let Some(entry) = patches.next_if(|entry| entry["object"] == *title) {
            assert_writes_own_fields(object, &entry["patch"]);
            let patch: json_patch::Patch = serde_json::from_value(entry["patch"].clone()).unwrap();
            json_patch::patch(object, &patch).unwrap();
        }
    }
    assert_eq!(patches.next(), None, "a patch of no object");
    objects
}

#[test]
fn render_reads_every_document_as_kubectl_does() {
    let (mut documents, mut changed) = (0, 0);
    for file in list_files() {
        let name = file.display();
        let input = fs::read_to_string(&file).unwrap();
        let given = read_objects(&input);
        let patches: Vec<Value> = serde_json::from_str(&run_render(&file, "patch")).unwrap();
        let expected = apply_patches(given, &patches);
        for format in ["yaml", "json"] {
            let found = read_objects(&run_render(&file, format));
            assert_eq!(found.len(), expected.len(), "{name}, {format}");
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(
                    found,
                    expected,
                    "{name}, {format}: {}",
                    object_title(expected)
                );
            }
        }
        documents += expected.len();
        changed += patches.len();
    }
    assert!(documents >= 200, "{documents} documents");
    assert!(changed >= 40, "{changed} of them are patched");
}

#[test]
fn render_leaves_documents_that_it_does_not_patch_as_they_are() {
    let mut kept = 0;
    for file in list_files() {
        let input = fs::read_to_string(&file).unwrap();
        let output = run_render(&file, "yaml");
        for document in input.split("\n---") {
            // Without an annotation nothing of the corpus is patched.
            if !document.contains("tokenpipe.dev/") {
                assert!(output.contains(document), "{}: {document}", file.display());
                kept += 1;
            }
        }
    }
    assert!(kept >= 140, "{kept} documents");
}
