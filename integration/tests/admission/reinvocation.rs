//! Another webhook, asked after ours, adds a container.

use integration::cluster::mutating_webhook;
use serde_json::json;

use crate::later::Later;
use crate::place::{
    build_container, build_resubmission, create_namespace, create_pod, dry_run, entry_names,
    find_named, read_status, shared_cluster, shared_serve,
};

#[test]
fn a_container_that_comes_later_is_wrapped_too() {
    let label = [("tests.tokenpipe.dev/later", "container")];
    let namespace = create_namespace("reinvocation", &label);
    let patch = json!([
        { "op": "add", "path": "/spec/containers/-", "value": build_container("late") },
        { "op": "add", "path": "/spec/initContainers/-", "value": { "name": "mesh", "image": "mesh/init:1" } },
    ]);
    // By its name its turn is after ours.
    let later = Later::start("mesh/init:1", &patch);
    let webhook = mutating_webhook("z-later", &later.url(), &later.authority(), &label);
    let registration = shared_cluster().register_webhook(&webhook).unwrap();

    let stored = create_pod(&namespace, &crate::place::build_pod());
    let spec = &stored["spec"];
    assert_eq!(entry_names(&spec["containers"]), ["app", "late"]);
    for name in ["app", "late"] {
        let container = find_named(&spec["containers"], name);
        assert_eq!(
            container["command"],
            json!(["/tokenpipe/bin/env-exec", "--", "/web"]),
            "{name}"
        );
        let env = entry_names(&container["env"]);
        assert_eq!(env, ["DB_PASSWORD", "TOKENPIPE_SETTINGS"], "once in {name}");
    }
    assert_eq!(
        entry_names(&spec["initContainers"]),
        ["tokenpipe-prepare", "tokenpipe-agent", "mesh"]
    );
    let agent = find_named(&spec["initContainers"], "tokenpipe-agent");
    find_named(&agent["volumeMounts"], "tokenpipe-token-late");
    assert_eq!(read_status(&stored)["containers"], json!(["app", "late"]));

    let reviews = shared_serve().find_logged("reviewed");
    let ours = reviews
        .iter()
        .filter(|line| line["span"]["namespace"] == namespace.name());
    assert_eq!(ours.count(), 2, "asked once more, for the late container");
    assert!(later.count_asked() >= 1);
    registration.remove().unwrap();

    let mut third = build_resubmission(&stored);
    third["metadata"]["name"] = json!("third");
    let third = dry_run(&namespace, &third).unwrap();
    assert_eq!(third["spec"], stored["spec"]);
}
