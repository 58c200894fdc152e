//! The environment of the agent's process.

use std::ffi::OsStr;

use contract::Connection;
use contract::names::SETTINGS_VARIABLE;
use contract::paths::{AGENT, AGENT_CA};

use crate::environment::Environment;

/// Time limit of one request of the agent's.
const REQUEST: &str = "10s";

/// Variables besides those of Vault and `OpenBao` that would change where the agent connects to.
const PROXIES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"];

/// The agent's environment: the container's own, because auth methods read cloud variables, without
/// whatever would send the agent elsewhere or change what its login gives.
pub(super) fn environment(current: &Environment, vault: &Connection) -> Environment {
    let kept = current
        .iter()
        .filter(|(name, _)| !is_removed(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut set = vec![
        // The agent looks for a token helper there and ends if it is unset; it need not exist.
        ("HOME", AGENT.to_owned()),
        // Wins over the file, so that no configuration leads to an address of its own.
        ("VAULT_ADDR", vault.address.clone()),
        ("VAULT_CLIENT_TIMEOUT", REQUEST.to_owned()),
        ("VAULT_LOG_FORMAT", "json".to_owned()),
    ];
    set.extend(
        vault
            .ca
            .as_ref()
            .map(|_| ("VAULT_CACERT", AGENT_CA.to_owned())),
    );
    let name = vault.tls_server_name.clone();
    set.extend(name.map(|name| ("VAULT_TLS_SERVER_NAME", name)));
    set.extend(vault.proxy.clone().map(|proxy| ("VAULT_PROXY_ADDR", proxy)));
    if vault.tls_skip_verify {
        set.push(("VAULT_SKIP_VERIFY", "true".to_owned()));
    }
    let set = set
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()));
    Environment::new(kept.chain(set))
}

fn is_removed(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("VAULT_")
        || name.starts_with("BAO_")
        || name == "HOME"
        || name == SETTINGS_VARIABLE
        || PROXIES.iter().any(|proxy| name.eq_ignore_ascii_case(proxy))
}

#[cfg(test)]
mod tests;
