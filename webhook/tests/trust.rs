//! What the containers of a pod can and cannot do to each other: the rows of SECURITY.md that a
//! decision holds.

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
use serde_json::Value;
use webhook::review::Answer;

/// A pod with an agent file of its author's, for a webhook with this further configuration.
fn case_with_agent_file(delivery: &str) -> Case {
    Case::parse(&format!(
        "
about: a pod
kubernetes: '1.37'
config:
  delivery: {delivery}
  connections: {{default: {{agentConfigMapNamespaces: [shop]}}}}
---
metadata:
  name: web
  annotations:
    tokenpipe.dev/agent-config-map: web-agent
    tokenpipe.dev/agent-sink: /home/vault/.vault-token
spec:
  containers:
    - name: app
      image: i
      command: [/app]
      env: [{{name: P, value: 'vault:secret/data/db#password'}}]
"
    ))
}

fn named<'v>(list: &'v Value, name: &str) -> &'v Value {
    let mut entries = list.as_array().unwrap().iter();
    entries.find(|entry| entry["name"] == name).unwrap()
}

/// env-exec fills the volume itself only with `agent-image`, after the agent has ended.
#[test]
fn agent_mounts_program_volume_read_only_unless_it_fills_it() {
    for (delivery, is_read_only) in [
        ("copy", true),
        ("image-volume", true),
        ("agent-image", false),
    ] {
        let case = case_with_agent_file(delivery);
        let pod = case.mutated(&case.pod);
        let agent = named(&pod["spec"]["initContainers"], "tokenpipe-agent");
        let bin = named(&agent["volumeMounts"], "tokenpipe-bin");
        assert_eq!(bin["readOnly"] == true, is_read_only, "{delivery}");
        let app = named(&pod["spec"]["containers"], "app");
        let bin = named(&app["volumeMounts"], "tokenpipe-bin");
        assert_eq!(bin["readOnly"], true, "{delivery}");
    }
}

/// A field of a container, and what stands in it: a path in the container.
const PATHS: [&str; 3] = [
    "volumeMounts: [{name: data, mountPath: 'PATH'}]",
    "volumeDevices: [{name: data, devicePath: 'PATH'}]",
    "terminationMessagePath: 'PATH'",
];

fn admit_with_path(field: &str, path: &str) -> Result<Answer, String> {
    let field = field.replace("PATH", path);
    let case = Case::parse(&format!(
        "
about: a path
kubernetes: '1.37'
---
metadata: {{name: web}}
spec:
  volumes: [{{name: data, emptyDir: {{}}}}]
  containers:
    - name: app
      image: i
      command: [/app]
      env: [{{name: P, value: 'vault:secret/data/db#password'}}]
    - name: other
      image: i
      {field}
"
    ));
    case.mutate(&case.pod).map_err(|error| error.to_string())
}

#[test]
fn paths_that_kubelet_makes_ours_are_refused_in_any_spelling() {
    for field in PATHS {
        for path in [
            "/tokenpipe",
            "/tokenpipe/",
            "/tokenpipe/bin",
            "tokenpipe",
            "tokenpipe/bin",
            "./tokenpipe/bin",
            "//tokenpipe/bin",
            "/./tokenpipe",
            "/tokenpipe/.",
            "/x/../tokenpipe/bin",
            "/../tokenpipe/token",
            "../../tokenpipe",
            "/tokenpipe//token//",
            "/a/b/.././../tokenpipe/bin/env-exec",
        ] {
            let problem = admit_with_path(field, path).unwrap_err();
            assert!(problem.contains("container other"), "{field}: {problem}");
            assert!(problem.contains(path), "{field}: {problem}");
        }
    }
}

#[test]
fn paths_beside_ours_are_admitted() {
    for field in PATHS {
        for path in [
            "/tokenpiper",
            "/tokenpipe-data/bin",
            "/data/tokenpipe",
            "data/tokenpipe/bin",
            "/tokenpipe/../data",
            "/tokenpipe/bin/../../data",
            "/.tokenpipe",
            "/...tokenpipe",
            "/dev/termination-log",
            "/",
        ] {
            let answer = admit_with_path(field, path);
            assert!(answer.is_ok(), "{field} {path}: {answer:?}");
        }
    }
}
