//! Large pods.

use serde_json::{Value, json};

use crate::place::{
    build_container, build_pod, build_resubmission, create_namespace, create_pod, dry_run,
    find_named, read_status,
};

#[test]
fn an_object_of_a_mebibyte() {
    let namespace = create_namespace("mebibyte", &[]);
    let mut pod = build_pod();
    let text = "x".repeat(1000);
    let filler = (0..1040).map(|n| json!({ "name": format!("FILLER_{n}"), "value": text }));
    pod["spec"]["containers"][0]["env"]
        .as_array_mut()
        .unwrap()
        .extend(filler);
    assert!(pod.to_string().len() > 1024 * 1024);
    let stored = create_pod(&namespace, &pod);
    let env = &stored["spec"]["containers"][0]["env"];
    assert_eq!(env.as_array().unwrap().len(), 1042);
    assert_eq!(find_named(env, "FILLER_1039")["value"], text);
    assert_eq!(read_status(&stored)["containers"], json!(["app"]));
}

#[test]
fn pod_with_a_hundred_containers_is_wrapped_and_admitted_again() {
    let namespace = create_namespace("hundred", &[]);
    let containers: Vec<_> = (0..100)
        .map(|n| build_container(&format!("app-{n}")))
        .collect();
    let mut pod = build_pod();
    pod["spec"]["containers"] = json!(containers);
    let stored = create_pod(&namespace, &pod);
    let wrapped = stored["spec"]["containers"].as_array().unwrap();
    assert!(
        wrapped
            .iter()
            .all(|container| container["command"][0] == "/tokenpipe/bin/env-exec")
    );
    let agent = find_named(&stored["spec"]["initContainers"], "tokenpipe-agent");
    let tokens = agent["volumeMounts"].as_array().unwrap().iter();
    let tokens = tokens.filter(|mount| {
        mount["name"]
            .as_str()
            .unwrap()
            .starts_with("tokenpipe-token-")
    });
    assert_eq!(tokens.count(), 100);

    let mut second = build_resubmission(&stored);
    second["metadata"]["name"] = json!("second");
    let second = dry_run(&namespace, &second).unwrap();
    assert_eq!(second["spec"], stored["spec"]);
}

#[test]
fn more_warnings_than_an_annotation_holds() {
    let namespace = create_namespace("warnings", &[]);
    let probed = |n: usize| {
        let mut container = build_container(&format!("app-{n}"));
        container["readinessProbe"] =
            json!({ "exec": { "command": ["sh", "-c", "check $DB_PASSWORD"] } });
        container
    };
    let mut pod = build_pod();
    pod["spec"]["containers"] = Value::from((0..100).map(probed).collect::<Vec<_>>());
    let stored = create_pod(&namespace, &pod);
    let warnings = read_status(&stored)["warnings"].as_array().unwrap().clone();
    assert_eq!(warnings.len(), 16);
    assert_eq!(warnings[15], "and 86 more warnings");
}
