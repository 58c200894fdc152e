//! The cases of the webhook's own tests, put to the API server's validation: whatever we add, it
//! takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use integration::cluster::Cluster;
use integration::{process, product, temp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::place::create_unselected_namespace;
use crate::tokenpipe::LIMIT;

/// Cases whose pods the API server would not take without us either, and what is wrong with them.
const NOT_VALID: [(&str, &str); 2] = [
    ("unknown-fields.yaml", "strict decoding error"),
    ("forged-agent.yaml", "spec.initContainers[0].lifecycle"),
];

/// Cases whose pods are whole only once another webhook has been there, and what is missing.
const NOT_WHOLE: [(&str, &str); 1] = [("token-from-vault-k8s-later.yaml", "vault-secrets")];

fn list_cases() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../webhook/tests/pods");
    let files = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    files
}

/// A case's set-up and pod.
fn read_case(path: &Path) -> [Value; 2] {
    let text = fs::read_to_string(path).unwrap();
    let documents: Vec<Value> = serde_yaml::from_multiple(&text).unwrap();
    documents.try_into().unwrap()
}

/// The operator's file of a case, laid over what all have, as `webhook/tests/support` does it.
fn build_config(set_up: &Value) -> Value {
    let mut config = json!({
        "connections": { "default": { "address": "https://vault.example:8200", "auth": { "role": "shop" } } },
    });
    if let Some(over) = set_up.get("config") {
        merge_values(&mut config, over);
    }
    config
}

fn merge_values(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge_values(base.entry(key).or_insert_with(|| json!({})), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

/// What admission makes of a case's pod; `None` where it refuses.
fn render_case(set_up: &Value, pod: &Value) -> Option<Value> {
    let directory = temp::create_directory("case").unwrap();
    let file = directory.path().join("config.yaml");
    fs::write(&file, build_config(set_up).to_string()).unwrap();
    let mut command = Command::new(product::find_tokenpipe().unwrap());
    command
        .args([
            "render",
            "-f",
            "-",
            "-o",
            "json",
            "--namespace",
            "shop",
            "--config",
        ])
        .arg(&file);
    if let Some(version) = set_up["kubernetes"].as_str() {
        command.args(["--kubernetes-version", version]);
    }
    let mut pod = pod.clone();
    pod["apiVersion"] = json!("v1");
    pod["kind"] = json!("Pod");
    let output = process::run_with_input(&mut command, pod.to_string().as_bytes(), LIMIT).unwrap();
    if output.code() == Some(0) {
        return Some(serde_json::from_slice(&output.stdout).unwrap());
    }
    assert!(
        output.stderr().contains("Pod shop/web: refused: "),
        "{output:?}"
    );
    None
}

#[test]
fn the_api_server_takes_what_is_made_of_every_case() {
    let namespace = create_unselected_namespace("cases");
    let path = format!(
        "api/v1/namespaces/{}/pods?dryRun=All&fieldValidation=Strict",
        namespace.name()
    );
    let validate = |pod: &Value| {
        let mut pod = pod.clone();
        // The accounts that the cases name are not there.
        pod["spec"]["serviceAccountName"] = json!("default");
        let answer = Cluster::start_shared()
            .unwrap()
            .request(&Method::POST, &path, Some(&pod));
        answer.map(drop).map_err(|error| error.to_string())
    };
    let mut taken = 0;
    for file in list_cases() {
        let [set_up, pod] = read_case(&file);
        let name = file.file_name().unwrap().to_str().unwrap();
        let Some(rendered) = render_case(&set_up, &pod) else {
            continue;
        };
        let answer = validate(&rendered);
        if let Some((_, missing)) = NOT_WHOLE.iter().find(|(case, _)| *case == name) {
            let refused = answer.expect_err(name);
            assert!(
                refused.contains(&format!("Not found: \\\"{missing}")),
                "{refused}"
            );
            assert_eq!(validate(&pod), Ok(()), "{name}");
            continue;
        }
        match NOT_VALID.iter().find(|(case, _)| *case == name) {
            None => assert_eq!(answer, Ok(()), "{name}"),
            Some((_, reason)) => {
                let refused = validate(&pod).expect_err(name);
                assert!(refused.contains(reason), "{name}: {refused}");
            }
        }
        taken += 1;
    }
    assert!(taken > 30, "{taken} cases were rendered");
}
