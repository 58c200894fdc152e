//! Pods that others change too: another webhook before and after ours, and a mesh that cuts the network
//! until its proxy runs.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::time::Duration;

use contract::names;
use integration::cluster::mutating_webhook;
use integration::e2e::{Fixture, Pod};
use integration::wait::wait_for;
use serde_json::{Value, json};

#[path = "support/later.rs"]
mod later;

use later::Later;

const LIMIT: Duration = Duration::from_secs(120);

/// Registers a webhook of this process, under a name that sorts before or after ours, and creates a pod.
fn check_beside_webhook(order: &str) {
    let Some(fixture) = Fixture::install(&format!("other-{order}")).unwrap() else {
        return;
    };
    let Some(node) = fixture.cluster.node_or_skip("a webhook of the test's own") else {
        return;
    };
    // What a mesh or a cloud adds: a container with a reference, a variable with one, a label.
    let mut added = fixture.build_container("added", Fixture::PROGRAM).unwrap();
    added["env"][0]["name"] = json!("ADDED");
    let patch = json!([
        { "op": "add", "path": "/spec/containers/-", "value": added },
        { "op": "add", "path": "/spec/containers/0/env/-", "value": {
            "name": "SECOND", "value": "vault:secret/data/shop/db#username",
        } },
        { "op": "add", "path": "/metadata/labels/mesh", "value": "yes" },
    ]);
    let other = Later::start_at(node.outside_address(), "\"mesh\"", &patch);
    let selected = [("kubernetes.io/metadata.name", fixture.namespace.name())];
    let name = format!("{order}-{}", fixture.namespace.name());
    let url = other.url();
    let registration = mutating_webhook(&name, &url, &other.authority(), &selected);
    let registration = fixture.cluster.api.register_webhook(&registration).unwrap();

    let web = fixture.build_container("web", Fixture::PROGRAM).unwrap();
    fixture
        .namespace
        .apply_objects(&[fixture.build_pod("web", &[], &[web])])
        .unwrap();
    let pod = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    assert!(other.count_asked() > 0, "the other webhook was not asked");
    assert_eq!(pod.object()["metadata"]["labels"]["mesh"], "yes");
    let environment = pod.read_environment("web").unwrap();
    assert_eq!(environment["PASSWORD"], fixture.password.value());
    assert_eq!(environment["SECOND"], "shop");
    let environment = pod.read_environment("added").unwrap();
    assert_eq!(environment["ADDED"], fixture.password.value());
    assert_eq!(fixture.count_logins().unwrap(), 1);
    registration.remove().unwrap();
}

#[test]
fn another_webhook_before_ours() {
    check_beside_webhook("a");
}

#[test]
fn another_webhook_after_ours() {
    check_beside_webhook("z");
}

/// A container of the mesh's, which may change the pod's network.
fn of_mesh(fixture: &Fixture, name: &str, script: &str) -> Value {
    let mut container = fixture.cluster.build_shell_container(name, script).unwrap();
    container["securityContext"] = json!({
        "runAsUser": 0, "runAsNonRoot": false, "capabilities": { "add": ["NET_ADMIN"] },
    });
    container
}

/// An init container cuts the network; the proxy, a container beside the program, opens it again.
fn build_meshed_pod(fixture: &Fixture, name: &str, annotations: &[(&str, &str)]) -> Value {
    let address = fixture.installation.vault().address();
    let address = address
        .trim_start_matches("https://")
        .split(':')
        .next()
        .unwrap();
    let cut = format!("ip route add unreachable {address}/32");
    let open = format!(
        "sleep 1; ip route del unreachable {address}/32; {}",
        Fixture::PROGRAM
    );
    let web = fixture.build_container("web", Fixture::PROGRAM).unwrap();
    let proxy = of_mesh(fixture, "mesh-proxy", &open);
    let mut pod = fixture.build_pod(name, annotations, &[web, proxy]);
    pod["spec"]["initContainers"] = json!([of_mesh(fixture, "mesh-init", &cut)]);
    pod
}

#[test]
fn a_mesh_that_cuts_the_network_until_its_proxy_runs() {
    let Some(fixture) = Fixture::install("mesh").unwrap() else {
        return;
    };
    // By itself the login comes last, and waits for a network that waits for it.
    fixture
        .namespace
        .apply_objects(&[build_meshed_pod(&fixture, "stuck", &[])])
        .unwrap();
    let stuck = wait_for("the pod", LIMIT, || {
        fixture
            .namespace
            .list_pods("app=stuck")
            .map(|mut pods| pods.pop())
    });
    let mut stuck = stuck.unwrap().unwrap();
    let agent = names::AGENT_CONTAINER;
    let says = |pod: &Pod<'_>| pod.read_log(agent, false).unwrap_or_default();
    stuck
        .wait_for("an agent that cannot reach Vault", LIMIT, |pod| {
            says(pod).contains("no route to host") || says(pod).contains("unreachable")
        })
        .unwrap();
    assert!(!stuck.is_ready());

    // What is documented for it.
    let first = build_meshed_pod(&fixture, "first", &[("init-position", "first")]);
    fixture.namespace.apply_objects(&[first]).unwrap();
    let pod = fixture
        .namespace
        .wait_for_pods("app=first", 1)
        .unwrap()
        .remove(0);
    let order = pod.container_names();
    let at = |name: &str| order.iter().position(|other| other == name);
    assert!(at(agent) < at("mesh-init"), "{order:?}");
    fixture.check_password([&pod], "web").unwrap();
}
