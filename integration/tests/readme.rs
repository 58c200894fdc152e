//! The README's commands for Vault, as a reader pastes them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use integration::vault::Vault;
use serde_json::json;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The lines of the README that begin with `$ vault `, as words behind it.
fn commands() -> Vec<Vec<String>> {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
    readme
        .lines()
        .filter_map(|line| line.strip_prefix("$ vault ").map(words))
        .collect()
}

#[test]
fn vault_takes_the_policy_and_the_roles() {
    let vault = Vault::start().unwrap();
    vault.enable_auth("jwt", "jwt").unwrap();
    vault.enable_kubernetes_auth("kubernetes").unwrap();
    let commands = commands();
    assert_eq!(commands.len(), 3, "{commands:?}");
    for command in commands {
        let output = Command::new(vault.program())
            .args(&command)
            .current_dir(ROOT)
            .env("VAULT_ADDR", vault.address())
            .env("VAULT_TOKEN", Vault::ROOT_TOKEN)
            .output()
            .unwrap();
        assert!(output.status.success(), "vault {command:?}: {output:?}");
    }

    let policy = vault.read("sys/policies/acl/web").unwrap();
    let policy = policy["data"]["policy"].as_str().unwrap();
    assert!(policy.contains(r#"path "secret/data/shop/*""#), "{policy}");
    let role = vault.read("auth/jwt/role/web").unwrap();
    assert_eq!(
        (
            &role["data"]["bound_audiences"],
            &role["data"]["bound_subject"],
            &role["data"]["token_policies"],
            &role["data"]["token_ttl"],
        ),
        (
            &json!(["vault"]),
            &json!("system:serviceaccount:shop:web"),
            &json!(["web"]),
            &json!(600),
        )
    );
    let role = vault.read("auth/kubernetes/role/web").unwrap();
    assert_eq!(
        (
            &role["data"]["audience"],
            &role["data"]["bound_service_account_names"],
            &role["data"]["bound_service_account_namespaces"],
            &role["data"]["token_policies"],
            &role["data"]["token_ttl"],
        ),
        (
            &json!("vault"),
            &json!(["web"]),
            &json!(["shop"]),
            &json!(["web"]),
            &json!(600),
        )
    );
}
