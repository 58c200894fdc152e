//! The harness's cluster is a real API server with real controllers.

use std::fs;
use std::net::TcpStream;
use std::time::Duration;

use integration::cluster::{Cluster, ClusterError, mutating_webhook, pod_with_every_field};
use integration::vault::Vault;
use integration::wait::wait_for;
use reqwest::Method;
use serde_json::{Value, json};

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: { name: example }
spec: { containers: [{ name: app, image: example.com/app }] }
";

#[test]
fn it_starts_and_stops_without_leaving_anything_twice_in_a_row() {
    for _ in 0..2 {
        let cluster = Cluster::start().unwrap();
        let namespace = cluster.create_namespace("start and stop", &[]).unwrap();
        let created = namespace
            .run_kubectl_with_input(&["apply", "-f", "-"], POD)
            .unwrap();
        assert_eq!(created.stdout(), "pod/example created\n", "{created:?}");
        let pod = namespace.get("pods", "example").unwrap();
        assert_eq!(pod["spec"]["serviceAccountName"], "default");

        let directory = cluster.directory().to_owned();
        let address = cluster.address().trim_start_matches("https://").to_owned();
        let mark = directory
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        assert_eq!(processes_in(&mark), 3);
        drop(cluster);
        assert_eq!(processes_in(&mark), 0);
        assert!(!directory.exists());
        assert!(TcpStream::connect(&address).is_err());
    }
}

/// The walk of bounds lets each part of this pod grow.
#[test]
fn every_field_of_the_api_server_is_in_the_walk_of_bounds() {
    let served = pod_with_every_field(Cluster::start_shared().unwrap()).unwrap();
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fuzz/targets/tests/walk/every-field.json"
    );
    let walked: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    // Copied from here into the file when Kubernetes gets a field.
    assert!(walked == served, "the file must be\n{served:#}");
}

/// How many processes work in a directory of this name.
fn processes_in(name: &str) -> usize {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| fs::read_link(process.path().join("cwd")).ok())
        .filter(|directory| directory.to_string_lossy().contains(name))
        .count()
}

#[test]
fn namespaces_have_labels_and_names_of_their_own() {
    let cluster = Cluster::start_shared().unwrap();
    let labels = [("example.com/team", "blue")];
    let first = cluster.create_namespace("labels", &labels).unwrap();
    let second = cluster.create_namespace("labels", &[]).unwrap();
    assert_ne!(first.name(), second.name());
    let read = cluster.request(
        &Method::GET,
        &format!("api/v1/namespaces/{}", first.name()),
        None,
    );
    assert_eq!(
        read.unwrap()["metadata"]["labels"]["example.com/team"],
        "blue"
    );
}

#[test]
fn a_dry_run_shows_what_would_be_stored_and_stores_nothing() {
    let cluster = Cluster::start_shared().unwrap();
    let namespace = cluster.create_namespace("dry run", &[]).unwrap();
    let output = namespace.dry_run(POD).unwrap();
    let pod: Value = serde_json::from_str(&output.stdout()).unwrap();
    assert_eq!(pod["spec"]["restartPolicy"], "Always");
    match namespace.get("pods", "example") {
        Err(ClusterError::Refused { status: 404, .. }) => {}
        other => panic!("{other:?}"),
    }
    let refused = namespace
        .dry_run(&POD.replace("image: example.com/app", "image: ''"))
        .unwrap();
    assert_eq!(refused.code(), Some(1));
    assert!(
        refused
            .stderr()
            .contains("spec.containers[0].image: Required value"),
        "{refused:?}"
    );
}

#[test]
fn controllers_make_pods() {
    let cluster = Cluster::start_shared().unwrap();
    let namespace = cluster.create_namespace("controllers", &[]).unwrap();
    let create = ["create", "deployment", "web", "--image=example.com/web"];
    assert_eq!(namespace.run_kubectl(&create).unwrap().code(), Some(0));
    wait_for("the Deployment's pod", Duration::from_secs(30), || {
        let pods = namespace
            .run_kubectl(&["get", "pods", "-o", "name"])
            .unwrap();
        pods.stdout().contains("pod/web-")
    })
    .unwrap();
}

#[test]
fn a_webhook_is_in_force_when_register_returns_and_no_more_after_remove() {
    let cluster = Cluster::start_shared().unwrap();
    let labels = [("example.com/webhook", "nobody-listens")];
    let reviewed = cluster.create_namespace("webhook", &labels).unwrap();
    let other = cluster.create_namespace("webhook", &[]).unwrap();
    let url = "https://127.0.0.1:1/mutate";
    let configuration = mutating_webhook("nobody-listens", url, cluster.authority(), &labels);
    // Not through kubectl, which takes so long that the API server has caught up.
    let pod = json!({
        "metadata": { "name": "example" },
        "spec": { "containers": [{ "name": "app", "image": "example.com/app" }] },
    });
    let create = |namespace: &str| {
        cluster.create_object(
            &format!("api/v1/namespaces/{namespace}/pods?dryRun=All"),
            &pod,
        )
    };

    for _ in 0..5 {
        let registration = cluster.register_webhook(&configuration).unwrap();
        let refused = create(reviewed.name()).unwrap_err().to_string();
        assert!(refused.contains("failed calling webhook"), "{refused}");
        create(other.name()).unwrap();
        registration.remove().unwrap();
        create(reviewed.name()).unwrap();
    }
    let _registration = cluster.register_webhook(&configuration).unwrap();
    let refused = reviewed.dry_run(POD).unwrap();
    assert!(
        refused
            .stderr()
            .contains("failed calling webhook \"nobody-listens."),
        "{refused:?}"
    );
}

#[test]
fn a_vault_takes_its_service_account_tokens() {
    let cluster = Cluster::start_shared().unwrap();
    let namespace = cluster.create_namespace("vault", &[]).unwrap();
    let vault = Vault::start().unwrap();
    vault.enable_kubernetes_auth("kubernetes").unwrap();
    let config = json!({
        "kubernetes_host": cluster.address(),
        "kubernetes_ca_cert": cluster.authority(),
        "token_reviewer_jwt": cluster.create_token_reviewer(namespace.name()).unwrap(),
    });
    vault.write("auth/kubernetes/config", &config).unwrap();
    let role = json!({
        "bound_service_account_names": "default",
        "bound_service_account_namespaces": namespace.name(),
        "audience": "vault",
        "token_policies": "default",
    });
    vault.write("auth/kubernetes/role/app", &role).unwrap();

    let login = |audience: &str| {
        let jwt = cluster
            .create_token(namespace.name(), "default", audience)
            .unwrap();
        let body = json!({ "role": "app", "jwt": jwt });
        vault.request(&Method::POST, "auth/kubernetes/login", "", Some(&body))
    };
    let answer = login("vault").unwrap();
    assert_eq!(
        answer["auth"]["metadata"]["service_account_name"],
        "default"
    );
    assert!(login("another").is_err());
}
