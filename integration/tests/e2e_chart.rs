//! The life of a release with the chart's own values: alone in its cluster, for every namespace. So
//! this is the only test of its program, which no other runs beside.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::time::Duration;

use integration::e2e::{Cluster, E2eError, Fixture, Installation, Namespace, Options, Vault};
use integration::wait::{Probe, wait_for};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(120);
const PROGRAM: &str =
    "trap 'exit 0' TERM; trap 'exit 1' USR1; echo ready; while :; do sleep 1000 & wait; done";

/// An installation by Vault's address and nothing else, under the names of images that the chart has.
fn an_address_is_enough(cluster: &'static Cluster) {
    if cluster
        .node_or_skip("the chart with its own names of images")
        .is_none()
    {
        return;
    }
    let installation = Installation::install(cluster, "chart-alone", &Options::bare()).unwrap();
    let release = installation.system().name();
    check_injection(cluster, release, installation.vault()).unwrap();
    let uninstall = ["uninstall", release, "--namespace", release, "--wait"];
    cluster.run_helm(&uninstall).unwrap();
    nothing_is_left(cluster, release).unwrap();
}

/// One real injection.
fn check_injection(
    cluster: &'static Cluster,
    release: &str,
    vault: &Vault<'_>,
) -> Result<(), E2eError> {
    let tested = Namespace::from_existing(cluster, &format!("{release}-test"));
    vault.allow_chart_test(tested.name())?;
    let told = cluster.run_helm(&["test", release, "--namespace", release])?;
    let succeeded = told.contains("Phase:") && told.contains("Succeeded");
    assert!(succeeded, "{told}");
    assert_eq!(vault.count_requests("update", Fixture::LOGIN)?, 1);
    assert_eq!(
        vault.count_requests("read", "secret/data/tokenpipe-test")?,
        1
    );
    Ok(())
}

/// Waits until nothing is there of what helm installed.
fn nothing_is_left(cluster: &Cluster, release: &str) -> Result<(), E2eError> {
    let what = "the end of everything that helm installed";
    wait_for(what, LIMIT, || match left_over(cluster, release) {
        Ok(found) if found.is_empty() => Probe::Ready(()),
        Ok(found) => Probe::NotYet(found),
        Err(error) => Probe::NotYet(error.to_string()),
    })?;
    Ok(())
}

/// Whether a node may lose a replica, as it does when it is drained, and that it may not lose both.
fn check_eviction(system: &Namespace<'_>, cluster: &Cluster) -> Result<(), E2eError> {
    let pods = system.list_pods(Installation::PODS)?;
    let evict = |name: &str| {
        let path = format!("api/v1/namespaces/{}/pods/{name}/eviction", system.name());
        let metadata = json!({ "name": name, "namespace": system.name() });
        let kind = json!({ "apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata });
        cluster.api.create_object(&path, &kind)
    };
    // The budget counts as none until the controller has looked.
    wait_for("the eviction of one replica", LIMIT, || {
        evict(pods[0].name())
    })?;
    let second = evict(pods[1].name()).unwrap_err().to_string();
    assert!(second.contains("disruption budget"), "{second}");
    Ok(())
}

/// What of a release is there for as long as it is: no pods, nor what is made for them.
fn list_objects(cluster: &Cluster, release: &str) -> Result<Vec<String>, E2eError> {
    let found = left_over(cluster, release)?;
    let of_pods = ["pod/", "replicaset.", "endpointslice.", "secret/sh.helm."];
    let mut found: Vec<_> = found
        .lines()
        .filter(|name| !of_pods.iter().any(|kind| name.starts_with(kind)))
        .map(str::to_owned)
        .collect();
    found.sort();
    Ok(found)
}

/// Everything that bears the release's label or is helm's own for it.
fn left_over(cluster: &Cluster, release: &str) -> Result<String, E2eError> {
    let kinds = "all,secrets,configmaps,serviceaccounts,roles,rolebindings,clusterroles,\
        clusterrolebindings,networkpolicies,poddisruptionbudgets,mutatingwebhookconfigurations,\
        validatingadmissionpolicies,validatingadmissionpolicybindings,namespaces";
    let mut found = String::new();
    for label in [
        format!("app.kubernetes.io/instance={release}"),
        format!("owner=helm,name={release}"),
    ] {
        let get = [
            "get",
            kinds,
            "--all-namespaces",
            "--output=name",
            "--selector",
            &label,
        ];
        found.push_str(&cluster.run_kubectl(&get)?);
    }
    Ok(found)
}

/// Asks for a pod as a dry run, and waits for the refusal that says this: the API server takes a moment
/// to follow.
fn wait_for_rejection(namespace: &Namespace<'_>, pod: &Value, sentence: &str) {
    wait_for(
        &format!("the refusal \"{sentence}\""),
        LIMIT,
        || match namespace.dry_run(pod) {
            Err(error) if error.to_string().contains(sentence) => Probe::Ready(()),
            Err(error) => Probe::NotYet(error.to_string()),
            Ok(_) => Probe::NotYet("it was admitted".to_owned()),
        },
    )
    .unwrap();
}

/// An upgrade, and a rollback to the release's first state. No object outlives the state that it belongs to.
fn up_and_down(fixture: &Fixture, pod: &Value) -> Result<(), E2eError> {
    let (cluster, installation) = (fixture.cluster, &fixture.installation);
    let release = installation.system().name();
    let before = list_objects(cluster, release)?;
    let more = json!({ "log": { "level": "debug" }, "dashboard": { "enabled": true } });
    let more = Options::for_everybody(more);
    fixture.check_injection_during(pod, || {
        installation.run_helm("upgrade", &more)?;
        installation.rolled_out()
    })?;
    assert_eq!(list_objects(cluster, release)?.len(), before.len() + 1);
    fixture.check_injection_during(pod, || {
        cluster.run_helm(&["rollback", release, "1", "--namespace", release])?;
        installation.rolled_out()
    })?;
    assert_eq!(list_objects(cluster, release)?, before);
    Ok(())
}

#[test]
fn from_install_to_uninstall() {
    let Some(cluster) = Cluster::connect_or_skip().unwrap() else {
        return;
    };
    an_address_is_enough(cluster);
    let options = Options::for_everybody(json!({}));
    let installation = Installation::install(cluster, "chart", &options).unwrap();
    let release = installation.system().name();
    let pods = installation
        .system()
        .wait_for_pods(Installation::PODS, 2)
        .unwrap();
    assert_eq!(pods.len(), 2, "two replicas");
    check_eviction(installation.system(), cluster).unwrap();
    installation
        .system()
        .wait_for_pods(Installation::PODS, 2)
        .unwrap();

    check_injection(cluster, release, installation.vault()).unwrap();

    let fixture =
        Fixture::in_installation(cluster, installation, "chart", &json!({}), &json!({})).unwrap();
    let web = fixture.build_container("web", PROGRAM).unwrap();
    let pod = fixture.build_pod("web", &[("restart", "rerun")], &[web]);
    fixture
        .namespace
        .apply_objects(std::slice::from_ref(&pod))
        .unwrap();
    let mut running = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    let installation = &fixture.installation;
    let release = installation.system().name();

    // The policy holds while no webhook runs.
    let scale = |count: &str| {
        let replicas = format!("--replicas={count}");
        let name = format!("deployment/{release}");
        installation
            .system()
            .run_kubectl(&["scale", &name, &replicas])
            .unwrap();
    };
    scale("0");
    wait_for_rejection(&fixture.namespace, &pod, "Does the webhook run");
    let elsewhere = Namespace::create(cluster, "elsewhere", &json!({})).unwrap();
    wait_for_rejection(&elsewhere, &pod, "label tokenpipe.dev/injection=enabled");
    let mut other = cluster.build_shell_container("other", PROGRAM).unwrap();
    other["env"] = json!([{ "name": "URL", "value": "https://example.com" }]);
    let plain = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "other", "labels": { "app": "other" } },
        "spec": { "terminationGracePeriodSeconds": 0, "containers": [other] },
    });
    fixture.namespace.apply_objects(&[plain]).unwrap();
    fixture.namespace.wait_for_pods("app=other", 1).unwrap();

    // An upgrade brings it back.
    installation.run_helm("upgrade", &options).unwrap();
    installation
        .system()
        .wait_for_pods(Installation::PODS, 2)
        .unwrap();
    wait_for("an injection after the upgrade", LIMIT, || {
        fixture
            .check_injection(&pod)
            .map_err(|error| error.to_string())
    })
    .unwrap();
    up_and_down(&fixture, &pod).unwrap();
    running.refresh().unwrap();
    assert_eq!(
        running.restart_count("web"),
        0,
        "{}",
        running.describe_state()
    );

    // After an uninstall nothing is left, and what ran runs, and comes back from a crash.
    cluster
        .run_helm(&["uninstall", release, "--namespace", release, "--wait"])
        .unwrap();
    nothing_is_left(cluster, release).unwrap();
    running.refresh().unwrap();
    assert!(
        running.is_ready() && running.restart_count("web") == 0,
        "{}",
        running.describe_state()
    );
    let before = running.container_id("web").to_owned();
    running.signal_program("web", "USR1").unwrap();
    running.wait_for_restart("web", &before, LIMIT).unwrap();
    fixture.check_password([&running], "web").unwrap();
}
