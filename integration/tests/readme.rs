//! The README's commands for Vault, as a reader copies them, and its example.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use integration::vault::Vault;
use integration::{process, readme};
use serde_json::json;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const LIMIT: Duration = Duration::from_secs(60);

/// A Vault takes the cluster's address without its CA in a pod alone: `e2e_first_minutes.rs` has that.
const IN_A_POD: &str = "vault write auth/kubernetes/config kubernetes_host=";

/// The commands that begin with `vault`, each one line, but for the one that only a Vault in a pod takes.
fn vault_commands(page: &str) -> String {
    let script = readme::extract_script(page).unwrap();
    let commands = script.lines().filter(|line| line.starts_with("vault "));
    let (in_a_pod, anywhere): (Vec<_>, Vec<_>) =
        commands.partition(|line| line.starts_with(IN_A_POD));
    assert_eq!(in_a_pod.len(), 1, "{in_a_pod:?}");
    anywhere.join("\n")
}

#[test]
fn vault_commands_of_the_readme_give_the_login_of_the_example() {
    let vault = Vault::start().unwrap();
    // Registers the plugin, which a usual Vault has built in; the commands enable it.
    vault.enable_kubernetes_auth("kubernetes").unwrap();
    vault.delete("sys/auth/kubernetes").unwrap();
    let commands = vault_commands(&readme::read_readme().unwrap());
    assert_eq!(commands.lines().count(), 5, "{commands}");
    let mut bash = Command::new("bash");
    bash.args(["-exc", &commands]).current_dir(ROOT);
    let directory = vault.program().parent().unwrap().display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    bash.env("PATH", format!("{directory}:{path}"))
        .env("VAULT_ADDR", vault.address())
        .env("VAULT_TOKEN", Vault::ROOT_TOKEN);
    let output = process::run_command(&mut bash, LIMIT).unwrap();
    assert!(output.status.success(), "{output:?}");

    let policy = vault.read("sys/policies/acl/web").unwrap();
    let policy = policy["data"]["policy"].as_str().unwrap();
    assert!(policy.contains(r#"path "secret/data/shop/*""#), "{policy}");
    let role = &vault.read("auth/kubernetes/role/web").unwrap()["data"];
    for (field, expected) in [
        ("audience", json!("vault")),
        ("bound_service_account_names", json!(["web"])),
        ("bound_service_account_namespaces", json!(["shop"])),
        ("token_policies", json!(["web"])),
        ("token_ttl", json!(600)),
    ] {
        assert_eq!(role[field], expected, "{field}");
    }
    let secret = vault.read("secret/data/shop/db").unwrap();
    assert_eq!(secret["data"]["data"]["username"], "shop");
}

#[test]
fn image_of_the_readme_has_the_version_that_is_pushed() {
    let commands = readme::extract_script(&readme::read_readme().unwrap()).unwrap();
    let image = format!("\"$REGISTRY/env-exec:{}\"", env!("CARGO_PKG_VERSION"));
    assert!(commands.contains(&image), "{image}: {commands}");
}

#[test]
fn pod_of_the_readme_is_part_of_the_example() {
    let page = readme::read_readme().unwrap();
    let blocks = readme::parse_blocks(&page);
    let mut pods = blocks.iter().filter(|block| block.language == "yaml");
    let pod = &pods.next().unwrap().text;
    let example = fs::read_to_string(Path::new(ROOT).join("examples/web.yaml")).unwrap();
    let mut lines = example.lines().map(str::trim_start);
    for line in pod.lines().map(str::trim_start) {
        assert!(
            lines.any(|other| other == line),
            "{line}: not in examples/web.yaml, or not in this order"
        );
    }
    assert!(pod.contains("serviceAccountName: web") && pods.next().is_none());
}
