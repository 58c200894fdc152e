//! `jwt`: Vault checks the token's signature itself, with keys that it was given or fetches.

use std::fs;

use integration::cluster::{Cluster, Namespace};
use integration::demo::examples;
use integration::demo::secrets::set_up_login;
use serde_json::{Value, json};

use super::projected::{create_account, of_account};
use super::{Login, Place, SECRET, WRONG, as_it_is, start_place};

/// The issuer of the API server's tokens.
const ISSUER: &str = "https://kubernetes.default.svc";

const LOGIN: Login<'_> = Login {
    method: "jwt",
    annotations: &[("auth-role", "web")],
    request: ("update", "auth/jwt/login"),
    reader: "jwt-system:serviceaccount:shop:web",
};

#[test]
fn by_a_key_that_vault_was_given() {
    let place = start_place();
    set_up_login(&place.vault, "jwt", place.node.issuer()).unwrap();
    place.assert_logs_in(&LOGIN, as_it_is);
    let wrong = Login {
        annotations: &[("auth-role", "web"), ("auth-audience", "another")],
        ..LOGIN
    };
    place.assert_is_refused(&wrong, "audience", as_it_is);
}

/// A place whose Vault takes tokens of the API server for an account of a namespace; where their keys
/// are is in `keys`.
fn place_with_api_server(namespace: &Namespace<'_>, keys: Value) -> Place {
    let place = start_place();
    let vault = &place.vault;
    vault.enable_auth("jwt", "jwt").unwrap();
    let mut config = keys;
    config["jwt_supported_algs"] = json!(["ES256"]);
    config["bound_issuer"] = json!(ISSUER);
    vault.write("auth/jwt/config", &config).unwrap();
    let mut role = examples::read_role().unwrap();
    role["bound_subject"] = json!(pod_subject(namespace));
    vault.write("auth/jwt/role/web", &role).unwrap();
    place
}

fn pod_subject(namespace: &Namespace<'_>) -> String {
    format!("system:serviceaccount:{}:web", namespace.name())
}

/// Logs in with a token of the API server, and fails with one that somebody else has signed for the
/// same account.
fn assert_takes_the_api_servers(cluster: &Cluster, namespace: &Namespace<'_>, keys: Value) {
    create_account(cluster, namespace, "web");
    let place = place_with_api_server(namespace, keys);
    let reader = format!("jwt-{}", pod_subject(namespace));
    let login = Login {
        reader: &reader,
        ..LOGIN
    };
    place.assert_logs_in(&login, of_account(cluster, namespace, "web"));
    place.assert_is_refused(&login, "signature", as_it_is);
}

#[test]
fn by_the_api_servers_key() {
    let cluster = Cluster::start_shared().unwrap();
    let namespace = cluster.create_namespace("key", &[]).unwrap();
    let key = fs::read_to_string(cluster.service_account_key()).unwrap();
    let keys = json!({ "jwt_validation_pubkeys": [key] });
    assert_takes_the_api_servers(cluster, &namespace, keys);
}

/// A token in a Secret, as an editor saves it.
#[test]
fn with_a_line_break_behind_the_token() {
    let cluster = Cluster::start_shared().unwrap();
    let namespace = cluster.create_namespace("line", &[]).unwrap();
    create_account(cluster, &namespace, "web");
    let key = fs::read_to_string(cluster.service_account_key()).unwrap();
    let place = place_with_api_server(&namespace, json!({ "jwt_validation_pubkeys": [key] }));
    let create = |audience| {
        cluster
            .create_token(namespace.name(), "web", audience)
            .unwrap()
    };
    let (right, wrong) = (create("vault"), create("another"));
    let place = place
        .with_files(&[("jwt", &format!("{right}\n"))])
        .with_wrong_files(&[("jwt", &format!("{wrong}\n"))]);
    let reader = format!("jwt-{}", pod_subject(&namespace));
    let login = Login {
        annotations: &[("auth-role", "web"), ("auth-secret", SECRET)],
        reader: &reader,
        ..LOGIN
    };
    place.assert_logs_in(&login, as_it_is);
    let wrong = Login {
        annotations: &[("auth-role", "web"), ("auth-secret", WRONG)],
        ..login
    };
    place.assert_is_refused(&wrong, "audience", as_it_is);
}

#[test]
fn by_the_keys_that_the_api_server_publishes() {
    let cluster = Cluster::start_shared().unwrap();
    let namespace = cluster.create_namespace("published", &[]).unwrap();
    cluster.publish_keys().unwrap();
    let keys = json!({
        "jwks_url": format!("{}/openid/v1/jwks", cluster.address()),
        "jwks_ca_pem": cluster.authority(),
    });
    assert_takes_the_api_servers(cluster, &namespace, keys);
}
