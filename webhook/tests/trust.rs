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

/// Where the login stands among the init containers `setup` and `side`, and the warning about it.
struct LoginPlace {
    order: Vec<String>,
    warning: Option<String>,
}

fn place_login(annotations: &str, spec: &str, side: &str, app: &str) -> LoginPlace {
    let case = Case::parse(&format!(
        "
about: a native sidecar
kubernetes: '1.37'
---
metadata: {{name: web, annotations: {{{annotations}}}}}
spec:
  {spec}
  volumes: [{{name: creds, emptyDir: {{}}}}]
  initContainers:
    - {{name: setup, image: i}}
    - {{name: side, image: i, {side}}}
  containers:
    - name: app
      image: i
      command: [/app]
      {app}
      env: [{{name: P, value: 'vault:secret/data/db#password'}}]
"
    ));
    let Answer::Patched { warnings, .. } = case.mutate(&case.pod).unwrap() else {
        panic!("not patched");
    };
    let pod = case.mutated(&case.pod);
    assert_eq!(case.mutated(&pod), pod, "a second admission");
    let init = pod["spec"]["initContainers"].as_array().unwrap().iter();
    LoginPlace {
        order: init
            .map(|container| container["name"].as_str().unwrap().to_owned())
            .filter(|name| name != "tokenpipe-prepare")
            .collect(),
        warning: warnings
            .into_iter()
            .find(|warning| warning.contains("/proc")),
    }
}

const SIDECAR: &str = "restartPolicy: Always";
const SHARED: &str = "shareProcessNamespace: true";

#[test]
fn login_precedes_sidecars_that_could_read_its_processes() {
    let uid = |uid: &str| format!("securityContext: {{runAsUser: {uid}}}");
    let sidecar = |uid: &str| format!("{SIDECAR}, securityContext: {{runAsUser: {uid}}}");
    let one_uid = format!("{SHARED}\n  {}", uid("1000"));
    let host = format!("hostPID: true\n  {}", uid("1000"));
    let before = ["setup", "tokenpipe-agent", "side"];
    let behind = ["setup", "side", "tokenpipe-agent"];
    for (what, spec, side, app, order) in [
        ("one UID", &*one_uid, SIDECAR, "", before),
        ("the node's processes", &host, SIDECAR, "", before),
        ("no UID at all", SHARED, SIDECAR, "", before),
        (
            "the configured UID",
            SHARED,
            &sidecar("65532"),
            &uid("1000"),
            before,
        ),
        (
            "another UID",
            SHARED,
            &sidecar("2000"),
            &uid("1000"),
            behind,
        ),
        ("root", SHARED, &sidecar("0"), &uid("1000"), behind),
        ("separate processes", &uid("1000"), SIDECAR, "", behind),
        ("an init container", &one_uid, "command: [a]", "", behind),
    ] {
        let place = place_login("", spec, side, app);
        assert_eq!(place.order, order, "{what}");
        assert_eq!(place.warning, None, "{what}");
    }
}

#[test]
fn chosen_position_behind_a_sidecar_that_could_read_the_login_is_warned_about() {
    let one_uid = format!("{SHARED}\n  securityContext: {{runAsUser: 1000}}");
    for (position, spec, is_warned) in [
        ("last", &*one_uid, true),
        ("after:side", &one_uid, true),
        ("after:setup", &one_uid, false),
        ("first", &one_uid, false),
        ("last", "securityContext: {runAsUser: 1000}", false),
    ] {
        let annotations = format!("tokenpipe.dev/init-position: '{position}'");
        let place = place_login(&annotations, spec, SIDECAR, "");
        assert_eq!(place.warning.is_some(), is_warned, "{position}");
        if let Some(warning) = place.warning {
            for part in ["side", "init-position", "runAsUser"] {
                assert!(warning.contains(part), "{warning}");
            }
        }
    }
}

#[test]
fn pod_without_login_keeps_its_order() {
    let place = place_login("tokenpipe.dev/token-from: creds/token", SHARED, SIDECAR, "");
    assert_eq!(place.order, ["setup", "side"]);
    assert_eq!(place.warning, None);
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

#[test]
fn opted_out_pod_is_told_that_our_names_in_it_are_its_own() {
    let admit = |inject: &str, spec: &str| {
        let case = Case::parse(&format!(
            "
about: a way out
---
metadata: {{name: web, annotations: {{tokenpipe.dev/inject: '{inject}'}}}}
spec: {spec}
"
        ));
        match case.mutate(&case.pod).unwrap() {
            Answer::Untouched { warnings } => warnings,
            other => panic!("{other:?}"),
        }
    };
    for spec in [
        "{initContainers: [{name: tokenpipe-agent, image: evil}], containers: [{name: app, image: i}]}",
        "{containers: [{name: app, image: i}, {name: tokenpipe-prepare, image: evil}]}",
        "{volumes: [{name: tokenpipe-bin, emptyDir: {}}], containers: [{name: app, image: i}]}",
    ] {
        let warnings = admit("false", spec);
        assert_eq!(warnings.len(), 1, "{spec}: {warnings:?}");
        assert!(warnings[0].contains("tokenpipe-"), "{warnings:?}");
        assert!(warnings[0].contains("inject"), "{warnings:?}");
    }
    for spec in [
        "{containers: [{name: app, image: i}]}",
        "{volumes: [{name: tokenpipe, emptyDir: {}}], containers: [{name: my-tokenpipe-agent, image: i}]}",
    ] {
        assert_eq!(admit("false", spec), [""; 0], "{spec}");
    }
    let many: Vec<_> = (0..900)
        .map(|i| format!("{{name: tokenpipe-{i}, image: i}}"))
        .collect();
    let warnings = admit("false", &format!("{{containers: [{}]}}", many.join(",")));
    assert!(
        warnings.len() == 1 && warnings[0].len() < 400,
        "{warnings:?}"
    );
}
