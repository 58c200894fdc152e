//! `kubernetes`: the API server reviews the token, asked by Vault as itself or as the pod.

use integration::cluster::{Cluster, Namespace};
use serde_json::{Value, json};

use super::projected::{create_account, of_account};
use super::{Login, Place, start_place};

/// The audience that the API server itself takes, so that the bearer may ask it something.
const API_SERVER: &str = "https://kubernetes.default.svc";

/// A place whose Vault has accounts of a namespace reviewed by the API server; how it is known there
/// is in `reviewer`.
fn place_with_reviews(
    cluster: &Cluster,
    namespace: &Namespace<'_>,
    audience: &str,
    reviewer: Value,
) -> Place {
    let place = start_place();
    let vault = &place.vault;
    vault.enable_kubernetes_auth("kubernetes").unwrap();
    let mut config = reviewer;
    config["kubernetes_host"] = json!(cluster.address());
    config["kubernetes_ca_cert"] = json!(cluster.authority());
    vault.write("auth/kubernetes/config", &config).unwrap();
    let role = json!({
        "bound_service_account_names": ["web", "other"],
        "bound_service_account_namespaces": namespace.name(),
        "audience": audience,
        "token_policies": "web",
        "token_ttl": "10m",
    });
    vault.write("auth/kubernetes/role/web", &role).unwrap();
    place
}

#[test]
fn reviewed_by_a_token_of_vaults_own() {
    let cluster = Cluster::start_shared().unwrap();
    let namespace = cluster.create_namespace("reviewer", &[]).unwrap();
    create_account(cluster, &namespace, "web");
    let reviewer = cluster.create_token_reviewer(namespace.name()).unwrap();
    let reviewer = json!({ "token_reviewer_jwt": reviewer });
    let place = place_with_reviews(cluster, &namespace, "vault", reviewer);
    let reader = format!("kubernetes-{}-web", namespace.name());
    let login = Login {
        method: "kubernetes",
        annotations: &[("auth-role", "web")],
        request: ("update", "auth/kubernetes/login"),
        reader: &reader,
    };
    let project = of_account(cluster, &namespace, "web");
    place.assert_logs_in(&login, &project);
    let wrong = Login {
        annotations: &[("auth-role", "web"), ("auth-audience", "another")],
        ..login
    };
    place.assert_is_refused(&wrong, "audience", &project);
}

/// Vault has no token of its own and asks as the pod, which must be allowed to, and whose token must
/// be for the API server as well.
#[test]
fn reviewed_by_the_pods_own_token() {
    let cluster = Cluster::start_shared().unwrap();
    let namespace = cluster.create_namespace("own-token", &[]).unwrap();
    for account in ["web", "other"] {
        create_account(cluster, &namespace, account);
    }
    cluster.allow_reviews(namespace.name(), "web").unwrap();
    let none = json!({ "disable_local_ca_jwt": true });
    let place = place_with_reviews(cluster, &namespace, API_SERVER, none);
    let reader = format!("kubernetes-{}-web", namespace.name());
    let login = Login {
        method: "kubernetes",
        annotations: &[("auth-role", "web"), ("auth-audience", API_SERVER)],
        request: ("update", "auth/kubernetes/login"),
        reader: &reader,
    };
    place.assert_logs_in(&login, of_account(cluster, &namespace, "web"));
    // An account that the role names too, and that may not have tokens reviewed.
    let other = of_account(cluster, &namespace, "other");
    place.assert_is_refused(&login, "permission denied", other);
}
