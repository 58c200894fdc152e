//! Pods that others change too: another webhook before and after ours, and a mesh that cuts the network
//! until its proxy runs.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::time::Duration;

use contract::names;
use integration::cluster::mutating_webhook;
use integration::e2e::{Pod, Scene};
use integration::wait::wait_for;
use serde_json::{Value, json};

#[path = "support/later.rs"]
mod later;

use later::Later;

const LIMIT: Duration = Duration::from_secs(120);

/// Registers a webhook of this process, under a name that sorts before or after ours, and creates a pod.
fn beside(order: &str) {
    let Some(scene) = Scene::set(&format!("other-{order}")).unwrap() else {
        return;
    };
    let Some(node) = scene.site.node("a webhook of the test's own") else {
        return;
    };
    // What a mesh or a cloud adds: a container with a reference, a variable with one, a label.
    let mut added = scene.container("added", Scene::PROGRAM).unwrap();
    added["env"][0]["name"] = json!("ADDED");
    let patch = json!([
        { "op": "add", "path": "/spec/containers/-", "value": added },
        { "op": "add", "path": "/spec/containers/0/env/-", "value": {
            "name": "SECOND", "value": "vault:secret/data/shop/db#username",
        } },
        { "op": "add", "path": "/metadata/labels/mesh", "value": "yes" },
    ]);
    let other = Later::start_at(node.outside(), "\"mesh\"", &patch);
    let selected = [("kubernetes.io/metadata.name", scene.space.name())];
    let name = format!("{order}-{}", scene.space.name());
    let url = other.url();
    let registration = mutating_webhook(&name, &url, &other.authority(), &selected);
    let registration = scene.site.cluster.register(&registration).unwrap();

    let web = scene.container("web", Scene::PROGRAM).unwrap();
    scene.space.apply(&[scene.pod("web", &[], &[web])]).unwrap();
    let pod = scene.space.ready("app=web", 1).unwrap().remove(0);
    assert!(other.asked() > 0, "the other webhook was not asked");
    assert_eq!(pod.object()["metadata"]["labels"]["mesh"], "yes");
    let environment = pod.environment("web").unwrap();
    assert_eq!(environment["PASSWORD"], scene.password.value());
    assert_eq!(environment["SECOND"], "shop");
    let environment = pod.environment("added").unwrap();
    assert_eq!(environment["ADDED"], scene.password.value());
    assert_eq!(scene.logins().unwrap(), 1);
    registration.remove().unwrap();
}

#[test]
fn another_webhook_before_ours() {
    beside("a");
}

#[test]
fn another_webhook_after_ours() {
    beside("z");
}

/// A container of the mesh's, which may change the pod's network.
fn of_mesh(scene: &Scene, name: &str, script: &str) -> Value {
    let mut container = scene.site.shell(name, script).unwrap();
    container["securityContext"] = json!({
        "runAsUser": 0, "runAsNonRoot": false, "capabilities": { "add": ["NET_ADMIN"] },
    });
    container
}

/// An init container cuts the network; the proxy, a container beside the program, opens it again.
fn meshed(scene: &Scene, name: &str, annotations: &[(&str, &str)]) -> Value {
    let address = scene.installation.vault().address();
    let address = address
        .trim_start_matches("https://")
        .split(':')
        .next()
        .unwrap();
    let cut = format!("ip route add unreachable {address}/32");
    let open = format!(
        "sleep 1; ip route del unreachable {address}/32; {}",
        Scene::PROGRAM
    );
    let web = scene.container("web", Scene::PROGRAM).unwrap();
    let proxy = of_mesh(scene, "mesh-proxy", &open);
    let mut pod = scene.pod(name, annotations, &[web, proxy]);
    pod["spec"]["initContainers"] = json!([of_mesh(scene, "mesh-init", &cut)]);
    pod
}

#[test]
fn a_mesh_that_cuts_the_network_until_its_proxy_runs() {
    let Some(scene) = Scene::set("mesh").unwrap() else {
        return;
    };
    // By itself the login comes last, and waits for a network that waits for it.
    scene.space.apply(&[meshed(&scene, "stuck", &[])]).unwrap();
    let stuck = wait_for("the pod", LIMIT, || {
        scene.space.pods("app=stuck").map(|mut pods| pods.pop())
    });
    let mut stuck = stuck.unwrap().unwrap();
    let agent = names::AGENT_CONTAINER;
    let says = |pod: &Pod<'_>| pod.log(agent, false).unwrap_or_default();
    stuck
        .wait_for("an agent that cannot reach Vault", LIMIT, |pod| {
            says(pod).contains("no route to host") || says(pod).contains("unreachable")
        })
        .unwrap();
    assert!(!stuck.is_ready());

    // What is documented for it.
    let first = meshed(&scene, "first", &[("init-position", "first")]);
    scene.space.apply(&[first]).unwrap();
    let pod = scene.space.ready("app=first", 1).unwrap().remove(0);
    let order = pod.containers();
    let at = |name: &str| order.iter().position(|other| other == name);
    assert!(at(agent) < at("mesh-init"), "{order:?}");
    scene.check_password([&pod], "web").unwrap();
}
