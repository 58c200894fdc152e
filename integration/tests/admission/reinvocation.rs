//! Another webhook, asked after ours, adds a container.

use integration::cluster::mutating_webhook;
use serde_json::json;

use crate::later::Later;
use crate::place::{
    again, cluster, create, dry_run, entries, named, namespace, serve, status, wrapped,
};

#[test]
fn a_container_that_comes_later_is_wrapped_too() {
    let label = [("tests.tokenpipe.dev/later", "container")];
    let namespace = namespace("reinvocation", &label);
    let patch = json!([
        { "op": "add", "path": "/spec/containers/-", "value": wrapped("late") },
        { "op": "add", "path": "/spec/initContainers/-", "value": { "name": "mesh", "image": "mesh/init:1" } },
    ]);
    // By its name its turn is after ours.
    let later = Later::start("mesh/init:1", &patch);
    let webhook = mutating_webhook("z-later", &later.url(), &later.authority(), &label);
    let registration = cluster().register_webhook(&webhook).unwrap();

    let stored = create(&namespace, &crate::place::pod());
    let spec = &stored["spec"];
    assert_eq!(entries(&spec["containers"]), ["app", "late"]);
    for name in ["app", "late"] {
        let container = named(&spec["containers"], name);
        assert_eq!(
            container["command"],
            json!(["/tokenpipe/bin/env-exec", "--", "/web"]),
            "{name}"
        );
        let env = entries(&container["env"]);
        assert_eq!(env, ["DB_PASSWORD", "TOKENPIPE_SETTINGS"], "once in {name}");
    }
    assert_eq!(
        entries(&spec["initContainers"]),
        ["tokenpipe-prepare", "tokenpipe-agent", "mesh"]
    );
    let agent = named(&spec["initContainers"], "tokenpipe-agent");
    named(&agent["volumeMounts"], "tokenpipe-token-late");
    assert_eq!(status(&stored)["containers"], json!(["app", "late"]));

    let reviews = serve().logged("reviewed");
    let ours = reviews
        .iter()
        .filter(|line| line["span"]["namespace"] == namespace.name());
    assert_eq!(ours.count(), 2, "asked once more, for the late container");
    assert!(later.asked() >= 1);
    registration.remove().unwrap();

    let mut third = again(&stored);
    third["metadata"]["name"] = json!("third");
    let third = dry_run(&namespace, &third).unwrap();
    assert_eq!(third["spec"], stored["spec"]);
}
