//! The harness's Vault is a real one, reachable in every way that it says.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

use integration::certificates::Authority;
use integration::http;
use integration::vault::{Vault, VaultError};
use reqwest::Method;
use serde_json::{Value, json};

#[test]
fn it_answers_over_http_https_and_a_unix_socket() {
    let (vault, _) = Vault::start_shared().unwrap();
    let health = vault.read("sys/health").unwrap();
    assert_eq!(
        (&health["initialized"], &health["sealed"]),
        (&json!(true), &json!(false))
    );

    let client = http::build_client(vault.authority().certificate()).unwrap();
    let url = format!("{}/v1/sys/health", vault.tls_address());
    assert!(client.get(&url).send().unwrap().status().is_success());
    let other = Authority::new("another").unwrap();
    let error = http::build_client(other.certificate())
        .unwrap()
        .get(&url)
        .send()
        .unwrap_err();
    assert!(format!("{error:?}").contains("UnknownIssuer"), "{error:?}");

    let mut socket = UnixStream::connect(vault.socket()).unwrap();
    socket
        .write_all(b"GET /v1/sys/health HTTP/1.0\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
}

#[test]
fn it_ends_with_its_handle_and_leaves_nothing() {
    let vault = Vault::start().unwrap();
    let socket = vault.socket();
    let address = vault.address().trim_start_matches("http://").to_owned();
    assert!(socket.exists() && TcpStream::connect(&address).is_ok());
    drop(vault);
    assert!(!socket.parent().unwrap().exists());
    assert!(TcpStream::connect(&address).is_err());
}

#[test]
fn the_conformance_token_may_do_what_the_cases_allow() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let read = |path: &str| vault.request(&Method::GET, path, &conformance.token, None);
    let secret = |path: &str| read(path).unwrap()["data"]["data"].clone();
    assert_eq!(
        secret("secret/data/account?version=1")["password"],
        "secret1"
    );
    assert_eq!(secret("secret/data/account")["password"], "secret");
    assert_eq!(
        read("kv1/app").unwrap()["data"]["big"],
        json!(9_007_199_254_740_993_u64)
    );
    for (path, expected) in [("secret/data/none", 404), ("secret/data/forbidden/x", 403)] {
        match read(path) {
            Err(VaultError::Refused { status, .. }) => assert_eq!(status, expected, "{path}"),
            other => panic!("{path}: {other:?}"),
        }
    }

    let write = |path: &str, body: Value| {
        vault
            .request(&Method::PUT, path, &conformance.token, Some(&body))
            .unwrap()
    };
    let plain = write(
        "transit/decrypt/mykey",
        json!({ "ciphertext": conformance.ciphertext }),
    );
    assert_eq!(plain["data"]["plaintext"], "c2VjcmV0");
    let issued = write(
        "pki/issue/app",
        json!({ "common_name": "a.example.internal" }),
    );
    assert!(
        issued["data"]["certificate"]
            .as_str()
            .unwrap()
            .contains("BEGIN CERTIFICATE")
    );
    let root = write(
        "pki/root/generate/internal",
        json!({ "common_name": "x.example.internal" }),
    );
    assert!(root["data"]["certificate"].is_string());
}

#[test]
fn an_engine_can_be_used_as_soon_as_it_is_there() {
    let vault = Vault::start().unwrap();
    let secret = json!({ "data": { "k": "v" } });
    vault.write("secret/data/first", &secret).unwrap();
    for number in 0..20 {
        let path = format!("at-once-{number}");
        vault
            .enable_secrets(&path, "kv", &json!({ "version": "2" }))
            .unwrap();
        vault.write(&format!("{path}/data/first"), &secret).unwrap();
    }
}

#[test]
fn it_can_be_sealed_and_unsealed() {
    let vault = Vault::start().unwrap();
    vault.seal().unwrap();
    let error = vault.read("secret/config").unwrap_err();
    assert!(
        matches!(error, VaultError::Refused { status: 503, .. }),
        "{error}"
    );
    vault.unseal().unwrap();
    vault.read("secret/config").unwrap();
}

#[test]
fn engines_methods_and_policies_can_be_set_up() {
    let (vault, _) = Vault::start_shared().unwrap();
    vault
        .enable_secrets("set-up", "kv", &json!({ "version": "2" }))
        .unwrap();
    vault
        .write("set-up/data/a", &json!({ "data": { "k": "v" } }))
        .unwrap();
    vault
        .write_policy(
            "set-up",
            r#"path "set-up/data/a" { capabilities = ["read"] }"#,
        )
        .unwrap();
    let fields = json!({ "policies": ["set-up"], "no_default_policy": true, "ttl": "5m" });
    let token = vault.create_token(&fields).unwrap();
    let read = vault
        .request(&Method::GET, "set-up/data/a", &token, None)
        .unwrap();
    assert_eq!(read["data"]["data"]["k"], "v");
    vault.enable_auth("set-up-approle", "approle").unwrap();
    vault.delete("sys/auth/set-up-approle").unwrap();
}

#[test]
fn the_kubernetes_method_is_there() {
    let (vault, _) = Vault::start_shared().unwrap();
    vault.enable_kubernetes_auth("kubernetes").unwrap();
    let config = json!({ "kubernetes_host": "https://127.0.0.1:1", "disable_local_ca_jwt": true });
    vault.write("auth/kubernetes/config", &config).unwrap();
    let read = vault.read("auth/kubernetes/config").unwrap();
    assert_eq!(read["data"]["kubernetes_host"], "https://127.0.0.1:1");
}

#[test]
fn requests_are_audited_when_asked_for() {
    let vault = Vault::start().unwrap();
    let file = vault.enable_audit().unwrap();
    vault.read("secret/config").unwrap();
    let line = fs::read_to_string(file).unwrap();
    let entry: Value = serde_json::from_str(line.lines().last().unwrap()).unwrap();
    assert_eq!(entry["request"]["path"], "secret/config");
}
