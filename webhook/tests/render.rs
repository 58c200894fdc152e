//! What `tokenpipe render` makes of manifests: each file in `manifests/` is a case.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use serde_json::{Value, json};
use webhook::config::Config;
use webhook::plan::Facts;
use webhook::render::{Format, RenderError, Rendered, render};

fn run(input: &str, format: Format) -> Result<Rendered, RenderError> {
    let facts = Facts {
        kubernetes: "1.37".parse().ok(),
        ..Facts::default()
    };
    render(input, "default", &Config::built_in(), facts, format)
}

#[test]
fn manifests() {
    insta::glob!("manifests/*.yaml", |path| {
        let input = std::fs::read_to_string(path).unwrap();
        let text = match run(&input, Format::Yaml) {
            Ok(Rendered { text, warnings }) => {
                let warnings = warnings.iter().map(|line| format!("# warning: {line}\n"));
                warnings.collect::<String>() + &text
            }
            Err(error) => error.to_string(),
        };
        insta::assert_snapshot!(text);
    });
}

#[test]
fn yaml_and_json_say_the_same() {
    insta::glob!("manifests/*.yaml", |path| {
        let input = std::fs::read_to_string(path).unwrap();
        let (Ok(yaml), Ok(json)) = (run(&input, Format::Yaml), run(&input, Format::Json)) else {
            return;
        };
        let from_yaml: Vec<Value> = serde_yaml::from_multiple(&yaml.text).unwrap();
        let from_json: Value = serde_json::from_str(&json.text).unwrap();
        let expected = match &from_yaml[..] {
            [document] => document.clone(),
            documents => json!({"apiVersion": "v1", "kind": "List", "items": documents}),
        };
        assert_eq!(from_json, expected);
    });
}

#[test]
fn rendering_twice_is_rendering_once() {
    let input = include_str!("manifests/every-kind.yaml");
    let once = run(input, Format::Yaml).unwrap().text;
    assert_eq!(run(&once, Format::Yaml).unwrap().text, once);
    assert_eq!(run(&once, Format::Patch).unwrap().text, "[]\n");
}

#[test]
fn json_goes_in_and_patches_come_out() {
    let input = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":
        {"template":{"spec":{"containers":[{"name":"app","image":"i","command":["a"],
        "env":[{"name":"P","value":"vault:a#b"}]}]},
        "metadata":{"annotations":{"tokenpipe.dev/auth-role":"r"}}}}}"#;
    let patches: Value = serde_json::from_str(&run(input, Format::Patch).unwrap().text).unwrap();
    assert_eq!(patches[0]["object"], "Deployment default/web");
    assert_eq!(
        patches[0]["patch"][0]["path"],
        "/spec/template/spec/containers/0/command"
    );
}

#[test]
fn nothing_comes_of_nothing() {
    for input in ["", "---\n", "---\n---\n# just a comment\n"] {
        assert_eq!(run(input, Format::Yaml).unwrap().text, "", "{input:?}");
    }
}

#[test]
fn a_template_without_metadata_gets_some() {
    let config = "connections: {default: {address: 'https://vault.example', auth: {role: web}}}";
    let config = Config::parse(config).unwrap();
    let input = r#"
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: app, image: i, command: [a], env: [{name: P, value: "vault:a#b"}]}]
"#;
    let run = |format| render(input, "default", &config, Facts::default(), format);
    let rendered: Value = serde_yaml::from_str(&run(Format::Yaml).unwrap().text).unwrap();
    let template = &rendered["spec"]["template"];
    assert!(template["metadata"]["annotations"]["tokenpipe.dev/status"].is_string());
    let patches: Value = serde_json::from_str(&run(Format::Patch).unwrap().text).unwrap();
    let first = &patches[0]["patch"][0];
    assert_eq!(
        *first,
        json!({"op": "add", "path": "/spec/template/metadata", "value": {}})
    );
}
