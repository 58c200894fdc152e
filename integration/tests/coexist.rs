//! Beside what a cluster has already: a token that somebody else writes, and an agent file of the
//! author's own. Real are the webhook, Vault, its agent and env-exec; kubelet is the stand-in of
//! `integration/src/kubelet.rs`, and the other injector an init container that copies a token.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use contract::{ExitCode, names};
use integration::certificates::Authority;
use integration::demo::DemoError;
use integration::demo::secrets::set_up_login;
use integration::kubelet::{Data, Issuer, KubeletError, Next, Node, Pod};
use integration::login::{Logins, build_pod, secret_data};
use integration::vault::Vault;
use reqwest::Method;
use serde_json::{Value, json};

/// What a pod's token may do.
const POLICY: &str = r#"path "secret/data/shop/db" { capabilities = ["read"] }"#;

const LIMIT: Duration = Duration::from_secs(60);

/// Ends well where the reference was resolved.
const PROGRAM: [&str; 3] = ["sh", "-c", "test \"$PASSWORD\" = right-horse"];

/// A Vault with the secret that the pod refers to, and a policy for it.
fn start_vault() -> Vault {
    let vault = Vault::start().unwrap();
    let secret = json!({ "data": { "password": "right-horse" } });
    vault.write("secret/data/shop/db", &secret).unwrap();

    vault.write_policy("web", POLICY).unwrap();
    vault
}

fn create_token(vault: &Vault) -> String {
    let token = json!({ "policies": ["web"], "ttl": "10m" });
    vault.create_token(&token).unwrap()
}

fn is_valid(vault: &Vault, token: &str) -> bool {
    let look_up = vault.request(&Method::GET, "auth/token/lookup-self", token, None);
    look_up.is_ok()
}

/// The pods' machine and the webhook, with further objects in the cluster.
fn start_logins(vault: &Vault, objects: impl FnOnce(Node) -> Node) -> Logins {
    start_logins_with(vault, vault.authority(), objects)
}

fn start_logins_with(
    vault: &Vault,
    authority: &Authority,
    objects: impl FnOnce(Node) -> Node,
) -> Logins {
    let helper = Path::new(env!("CARGO_BIN_EXE_demo"));
    let node = objects(Node::new(helper, Issuer::new().unwrap()).unwrap());
    let connection = json!({
        "ca": authority.certificate(), "agentConfigMapNamespaces": ["shop"],
    });
    Logins::on_node(node, vault.tls_address(), &connection).unwrap()
}

fn build_file(name: &str, text: &str) -> Data {
    secret_data([(name, text.into())])
}

/// A pod whose program looks at the value, and in which another injector's init container copies a
/// token to `creds/vault/token`.
fn pod_with_token(annotations: &Value) -> Value {
    let mut pod = build_pod(annotations);
    let spec = &mut pod["spec"];
    spec["containers"][0]["command"] = json!(PROGRAM);
    let mounts = json!([
        { "name": "given", "mountPath": "/given" },
        { "name": "creds", "mountPath": "/creds" },
    ]);
    spec["initContainers"] = json!([{
        "name": "other-injector",
        "image": "shop/web:1",
        "command": ["sh", "-c", "mkdir -p /creds/vault && cp /given/token /creds/vault/token"],
        "volumeMounts": mounts,
    }]);
    spec["volumes"] = json!([
        { "name": "given", "secret": { "secretName": "given" } },
        { "name": "creds", "emptyDir": { "medium": "Memory" } },
    ]);
    pod
}

fn start_pod<'l>(logins: &'l Logins, pod: &Value) -> Pod<'l> {
    let admitted = logins.admit_pod(pod).unwrap();
    logins.start_pod(&admitted).unwrap()
}

/// How the program's container ended, and its message of one line.
fn wait_for_end(pod: &mut Pod<'_>) -> (i32, String) {
    let end = pod.find_container("web").unwrap().wait(LIMIT).unwrap();
    let message = end.message.trim_end().to_owned();
    assert!(!message.contains('\n'), "{message}");
    assert!(!message.contains("hvs."), "{message}");
    (end.code, message)
}

fn token_path(pod: &Pod<'_>) -> PathBuf {
    pod.find_volume("creds").unwrap().join("vault/token")
}

#[test]
fn a_token_that_somebody_else_writes_stays_as_it_is() {
    let vault = start_vault();
    let token = create_token(&vault);
    let logins = start_logins(&vault, |node| {
        node.with_secret("given", build_file("token", &token))
    });
    let written = pod_with_token(&json!({ "token-from": "creds/vault/token" }));
    let admitted = logins.admit_pod(&written).unwrap();
    let init = admitted.pod["spec"]["initContainers"].as_array().unwrap();
    assert!(
        init.iter().all(|c| c["name"] != names::AGENT_CONTAINER),
        "nobody logs in"
    );
    let mut pod = logins.start_pod(&admitted).unwrap();
    assert_eq!(wait_for_end(&mut pod), (0, String::new()));
    // The container's next start finds it again.
    assert_eq!(pod.carry_on("web", LIMIT).unwrap(), Next::Restarts);
    assert_eq!(wait_for_end(&mut pod), (0, String::new()));
    assert_eq!(std::fs::read_to_string(token_path(&pod)).unwrap(), token);
    assert!(is_valid(&vault, &token), "it was not revoked");
}

#[test]
fn a_token_behind_the_links_of_kubelet() {
    let vault = start_vault();
    let token = create_token(&vault);
    let logins = start_logins(&vault, |node| {
        node.with_secret("given", build_file("token", &token))
    });
    let mut pod = start_pod(
        &logins,
        &pod_with_token(&json!({ "token-from": "given/token" })),
    );
    assert_eq!(wait_for_end(&mut pod), (0, String::new()));
}

#[test]
fn a_token_that_is_to_be_shredded() {
    let vault = start_vault();
    let token = create_token(&vault);
    let logins = start_logins(&vault, |node| {
        node.with_secret("given", build_file("token", &token))
    });
    let annotations = json!({ "token-from": "creds/vault/token", "restart": "fail" });
    let mut pod = start_pod(&logins, &pod_with_token(&annotations));
    assert_eq!(wait_for_end(&mut pod), (0, String::new()));
    assert!(!token_path(&pod).exists());
    assert_eq!(pod.carry_on("web", LIMIT).unwrap(), Next::Restarts);
    let (code, message) = wait_for_end(&mut pod);
    assert_eq!(code, i32::from(ExitCode::NoToken.code()), "{message}");
    assert!(
        message.contains("an earlier start shredded it"),
        "{message}"
    );
}

/// A wrapped token as an agent's sink has it.
const WRAPPED: &str = r#"{"token":"hvs.w","accessor":"a","ttl":60,"creation_time":"2026-11-24T10:00:00Z","creation_path":"auth/jwt/login","wrapped_accessor":""}"#;

#[test]
fn a_token_that_is_none() {
    let vault = start_vault();
    let refused = ExitCode::Refused.code();
    let no_token = ExitCode::NoToken.code();
    let cases = [
        (
            "creds/vault/token",
            "hvs.unknown",
            refused,
            "expired or revoked",
        ),
        ("creds/none", "hvs.unknown", no_token, "has not run yet"),
        ("creds/vault", "hvs.unknown", no_token, "is a directory"),
        ("creds/vault/token", "", no_token, "has not run yet"),
        (
            "creds/vault/token",
            "two words",
            no_token,
            "control character",
        ),
        ("creds/vault/token", WRAPPED, no_token, "only once"),
        (
            "creds/vault/token",
            "{\"token\":\"hvs.w\"}",
            no_token,
            "begins like a wrapped token",
        ),
    ];
    for (from, text, code, part) in cases {
        let logins = start_logins(&vault, |node| {
            node.with_secret("given", build_file("token", text))
        });
        let mut pod = start_pod(&logins, &pod_with_token(&json!({ "token-from": from })));
        let (found, message) = wait_for_end(&mut pod);
        assert!(message.contains(part), "{from} {text}: {message}");
        assert_eq!(found, i32::from(code), "{from} {text}: {message}");
    }
}

/// An agent's file that says everything that the connection says as well, and all of it wrong.
const HCL: &str = r#"
# Somebody's own, from before.
pid_file = "/home/vault/.pid"

vault {
  address         = "http://127.0.0.1:1"
  ca_cert         = "/nowhere/ca.pem"
  tls_server_name = "nobody.example"
}

auto_auth {
  method "approle" {
    config = {
      role_id_file_path                   = "/tokenpipe/auth/role-id"
      secret_id_file_path                 = "/tokenpipe/auth/secret-id"
      remove_secret_id_file_after_reading = false
    }
  }
  sink "file" {
    config = { path = "/home/vault/.vault-token" }
  }
}
"#;

const JSON: &str = r#"{
  "vault": { "address": "http://127.0.0.1:1", "tls_skip_verify": true },
  "auto_auth": {
    "method": [{ "type": "approle", "config": {
      "role_id_file_path": "/tokenpipe/auth/role-id",
      "secret_id_file_path": "/tokenpipe/auth/secret-id",
      "remove_secret_id_file_after_reading": false
    } }],
    "sink": [{ "type": "file", "config": { "path": "/home/vault/.vault-token", "mode": 256 } }]
  }
}"#;

/// The Secret of an `AppRole` in this Vault.
fn enable_approle(vault: &Vault) -> Data {
    vault.enable_auth("approle", "approle").unwrap();
    let role = json!({ "token_policies": ["web"], "token_ttl": "10m" });
    vault.write("auth/approle/role/web", &role).unwrap();
    let role_id = vault.read("auth/approle/role/web/role-id").unwrap();
    let secret_id = vault
        .write("auth/approle/role/web/secret-id", &json!({}))
        .unwrap();
    secret_data([
        ("role-id", text_bytes(&role_id["data"]["role_id"])),
        ("secret-id", text_bytes(&secret_id["data"]["secret_id"])),
    ])
}

fn text_bytes(value: &Value) -> Vec<u8> {
    value.as_str().unwrap().into()
}

/// A pod that is run with the agent's file in the ConfigMap `web-agent`.
fn pod_with_file(annotations: &Value) -> Value {
    let mut all = json!({
        "agent-config-map": "web-agent/config.hcl",
        "agent-sink": "/home/vault/.vault-token",
        "auth-secret": "web-approle",
    });
    for (key, value) in annotations.as_object().unwrap() {
        all[key] = value.clone();
    }
    let mut pod = build_pod(&all);
    pod["spec"]["containers"][0]["command"] = json!(PROGRAM);
    pod
}

#[test]
fn an_agent_file_of_ones_own() {
    let vault = start_vault();
    let secret = enable_approle(&vault);
    for (name, text) in [("config.hcl", HCL), ("agent.json", JSON)] {
        let logins = start_logins(&vault, |node| {
            node.with_secret("web-approle", secret.clone())
                .with_config_map("web-agent", build_file(name, text))
        });
        let annotations = json!({ "agent-config-map": format!("web-agent/{name}") });
        let mut pod = start_pod(&logins, &pod_with_file(&annotations));
        assert_eq!(wait_for_end(&mut pod), (0, String::new()), "{name}");
        let sink = pod.find_volume(names::SINK_VOLUME).unwrap();
        assert!(!sink.join(".vault-token").exists(), "{name}");
    }
}

#[test]
fn an_agent_file_that_reads_the_pods_own_identity() {
    const FILE: &str = r#"
        auto_auth {
          method "jwt" {
            config = {
              path = "/var/run/secrets/kubernetes.io/serviceaccount/token"
              role = "web"
              remove_jwt_after_reading = false
            }
          }
          sink "file" { config = { path = "/tokenpipe/agent/own/token" } }
        }"#;
    let vault = start_vault();
    let logins = start_logins(&vault, |node| {
        set_up_login(&vault, "jwt", node.issuer()).unwrap();
        node.with_config_map("web-agent", build_file("config.hcl", FILE))
    });
    let annotations = json!({
        "agent-config-map": "web-agent", "agent-sink": "/tokenpipe/agent/own/token",
    });
    let mut written = build_pod(&annotations);
    written["spec"]["serviceAccountName"] = json!("web");
    written["spec"]["containers"][0]["command"] = json!(PROGRAM);
    assert_eq!(
        wait_for_end(&mut start_pod(&logins, &written)),
        (0, String::new())
    );
}

/// The line that `kubectl describe pod` shows of a login that failed, and the exit code.
fn start_failing(logins: &Logins, pod: &Value) -> (i32, String) {
    let admitted = logins.admit_pod(pod).unwrap();
    match logins.start_pod(&admitted).map(drop) {
        Err(DemoError::Kubelet(KubeletError::Init { message, code, .. })) => {
            let message = message.trim_end().to_owned();
            assert!(
                !message.contains('\n') && !message.contains("hvs."),
                "{message}"
            );
            (code, message)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_agent_file_that_does_not_work() {
    let vault = start_vault();
    let secret = enable_approle(&vault);
    let settings = i32::from(ExitCode::Settings.code());
    let sink = |path: &str| json!({ "agent-sink": path });
    let elsewhere = HCL.replace("/home/vault/.vault", "/srv/.vault");
    let broken = HCL.replace("auto_auth {", "auto_auth = [");
    let cases = [
        (
            HCL,
            sink("/home/vault/token"),
            "set tokenpipe.dev/agent-sink to the path of the sink in its file",
        ),
        (HCL, sink("/srv/token"), "no such file or directory"),
        (&elsewhere, json!({}), "no such file or directory"),
        (&broken, json!({}), "error loading configuration"),
        (
            HCL,
            json!({ "agent-config-map": "web-agent/none" }),
            "no such file",
        ),
    ];
    for (text, annotations, part) in cases {
        let logins = start_logins(&vault, |node| {
            node.with_secret("web-approle", secret.clone())
                .with_config_map("web-agent", build_file("config.hcl", text))
        });
        let (code, message) = start_failing(&logins, &pod_with_file(&annotations));
        assert!(message.contains(part), "{annotations} {message}");
        assert_eq!(code, settings, "{annotations} {message}");
    }
}

#[test]
fn an_agent_file_is_held_to_the_connection() {
    let vault = start_vault();
    let secret = enable_approle(&vault);
    let objects = |node: Node| {
        node.with_secret("web-approle", secret.clone())
            .with_config_map("web-agent", build_file("config.hcl", JSON))
    };
    // It would have nobody's certificate verified.
    let stranger = Authority::new("Somebody else").unwrap();
    let logins = start_logins_with(&vault, &stranger, objects);
    let (code, message) = start_failing(&logins, &pod_with_file(&json!({})));
    assert_eq!(code, i32::from(ExitCode::Settings.code()), "{message}");
    assert!(message.contains("x509"), "{message}");
}

#[test]
fn a_login_by_ones_own_file_that_is_refused() {
    let vault = start_vault();
    let mut secret = enable_approle(&vault);
    secret.insert("secret-id".to_owned(), b"wrong".to_vec());
    let logins = start_logins(&vault, |node| {
        node.with_secret("web-approle", secret)
            .with_config_map("web-agent", build_file("config.hcl", HCL))
    });
    let (code, message) = start_failing(&logins, &pod_with_file(&json!({})));
    assert_eq!(code, i32::from(ExitCode::Refused.code()), "{message}");
    assert!(message.contains("invalid role or secret ID"), "{message}");
}
