//! Starting Vault.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{READY, Vault, VaultClient, VaultError};
use crate::certificates::Authority;
use crate::network::{free_port, start_on_free_ports};
use crate::process::Background;
use crate::tools::{self, Tool};
use crate::wait::{Probe, wait_for};
use crate::{http, temp};

pub(super) fn start_vault() -> Result<Vault, VaultError> {
    let lost = |error: &VaultError| match error {
        VaultError::Start { log, .. } => log.contains("address already in use"),
        _ => false,
    };
    start_on_free_ports(start_once, lost)
}

fn start_once() -> Result<Vault, VaultError> {
    let program = tools::find_tool(Tool::Vault)?;
    let directory = temp::create_directory("vault")?;
    let authority = Authority::new("Vault of the tests")?;
    let (plain, tls, strict) = (free_port()?, free_port()?, free_port()?);
    let configuration = write_configuration(directory.path(), &authority, tls, strict)?;

    let mut command = Command::new(&program);
    // Nothing of the environment may change the server, and it must not touch the user's home.
    command
        .env_clear()
        .env("HOME", directory.path())
        .current_dir(&directory);
    command.args([
        "server",
        "-dev",
        "-dev-no-store-token",
        "-config",
        &configuration,
    ]);
    command.arg(format!("-dev-root-token-id={}", Vault::ROOT_TOKEN));
    command.arg(format!("-dev-listen-address=127.0.0.1:{plain}"));
    let process = Background::start(&mut command, &directory.path().join("vault.log"))?;

    let vault = Vault {
        process,
        api: VaultClient::new(
            http::build_client(authority.certificate())?,
            format!("http://127.0.0.1:{plain}"),
        ),
        tls_address: format!("https://127.0.0.1:{tls}"),
        strict_address: format!("https://127.0.0.1:{strict}"),
        directory,
        authority,
        program,
    };
    let ready = wait_for(&format!("Vault at {}", vault.address()), READY, || {
        probe_readiness(&vault)
    });
    ready.map_err(|wait| VaultError::Start {
        wait,
        log: vault.process.log_tail(),
    })?;
    Ok(vault)
}

/// Dev mode answers before its engine at `secret/` can be used.
fn probe_readiness(vault: &Vault) -> Probe<()> {
    match vault.read("secret/config") {
        Ok(_) => Probe::Ready(()),
        Err(_) if !vault.process.is_running() => Probe::Failed("it has ended".to_owned()),
        Err(error) => Probe::NotYet(error.to_string()),
    }
}

/// Writes what dev mode has no flags for: the other listeners, and the place of plugins.
fn write_configuration(
    directory: &Path,
    authority: &Authority,
    port: u16,
    strict_port: u16,
) -> Result<String, VaultError> {
    let server = authority.issue_server(&["127.0.0.1", "localhost", "vault.example.internal"])?;
    let file = |name: &str| directory.join(name);
    fs::write(file("tls.crt"), server.certificate)?;
    fs::write(file("tls.key"), server.key)?;
    fs::write(file("clients.crt"), authority.certificate())?;
    fs::create_dir(file("plugins"))?;
    let settings = json!({
        "plugin_directory": file("plugins"),
        "listener": [
            { "tcp": {
                "address": format!("127.0.0.1:{port}"),
                "tls_cert_file": file("tls.crt"),
                "tls_key_file": file("tls.key"),
            } },
            { "tcp": {
                "address": format!("127.0.0.1:{strict_port}"),
                "tls_cert_file": file("tls.crt"),
                "tls_key_file": file("tls.key"),
                "tls_require_and_verify_client_cert": true,
                "tls_client_ca_file": file("clients.crt"),
            } },
            { "unix": { "address": file("vault.sock") } },
        ],
    });
    let path = file("vault.json");
    fs::write(&path, settings.to_string())?;
    Ok(path.display().to_string())
}
