//! The environment of the agent's process.

use std::ffi::OsStr;
use std::time::Duration;

use contract::names::SETTINGS_VARIABLE;
use contract::paths::{AGENT, AGENT_CA, CLIENT, CLIENT_CERTIFICATE_FILE, CLIENT_KEY_FILE};
use contract::{AgentSettings, Connection};

use crate::environment::Environment;

/// The longest time limit of one request of the agent's. A login that Vault answers later is made again,
/// and leaves a token that nobody has: a Vault that a hundred pods ask at once needs seventeen seconds,
/// where it shares two cores with them.
pub(super) const LONGEST_REQUEST: Duration = Duration::from_secs(30);

/// The time limit of one request. The agent asks for Vault's health first, and only a login that fails is
/// told: where nothing answers, that must come to pass within the deadline.
fn request_limit(deadline: Duration) -> Duration {
    (deadline / 4).clamp(Duration::from_secs(1), LONGEST_REQUEST)
}

/// Variables besides those of Vault and `OpenBao` that would change where the agent connects to.
///
/// One of them is passed on, for clouds behind an egress proxy: `HTTPS_PROXY`, with Vault's host in
/// `NO_PROXY`, so that requests to Vault go where the operator said. `HTTP_PROXY` is not: over plain
/// HTTP there are only metadata services, which would answer for the proxy's machine.
const PROXIES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"];

/// The agent's environment: the container's own, because auth methods read cloud variables, without
/// whatever would send the agent elsewhere or change what its login gives.
pub(super) fn environment(
    current: &Environment,
    settings: &AgentSettings,
    deadline: Duration,
) -> Environment {
    let vault = &settings.vault;
    let kept = current
        .iter()
        .filter(|(name, _)| !is_removed(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut set = vec![
        // The agent looks for a token helper there and ends if it is unset; it need not exist.
        ("HOME", AGENT.to_owned()),
        // Wins over the file, so that no configuration leads to an address of its own.
        ("VAULT_ADDR", vault.address.clone()),
        (
            "VAULT_CLIENT_TIMEOUT",
            format!("{}s", request_limit(deadline).as_secs()),
        ),
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
    set.extend(login_namespace(settings).map(|name| ("VAULT_NAMESPACE", name)));
    if vault.client_cert_secret.is_some() {
        let file = |name| format!("{CLIENT}/{name}");
        set.push(("VAULT_CLIENT_CERT", file(CLIENT_CERTIFICATE_FILE)));
        set.push(("VAULT_CLIENT_KEY", file(CLIENT_KEY_FILE)));
    }
    if vault.tls_skip_verify {
        set.push(("VAULT_SKIP_VERIFY", "true".to_owned()));
    }
    let set = set
        .into_iter()
        .chain(egress_proxy(current, vault))
        .map(|(name, value)| (name.into(), value.into()));
    Environment::new(kept.chain(set))
}

/// The namespace of the login. Also by a variable, because the method `cert` makes a client of its own,
/// which takes no namespace from the configuration in `OpenBao`. The same value as there: the agent
/// does not look there where the variable is set. An author's own file decides about its own.
fn login_namespace(settings: &AgentSettings) -> Option<String> {
    let config = &settings.config.as_ref()?.0;
    let of_method = config.pointer("/auto_auth/method/0/namespace");
    let of_method = of_method.and_then(|namespace| namespace.as_str());
    of_method
        .map(str::to_owned)
        .or_else(|| settings.vault.namespace.clone())
        .filter(|namespace| !namespace.is_empty())
}

/// The way to everything but Vault.
fn egress_proxy(current: &Environment, vault: &Connection) -> Vec<(&'static str, String)> {
    let get = |upper: &str, lower: &str| {
        [upper, lower]
            .iter()
            .filter_map(|name| current.get(name)?.to_str())
            .find(|value| !value.is_empty())
    };
    let Some(proxy) = get("HTTPS_PROXY", "https_proxy") else {
        return vec![];
    };
    // Without a host to leave out, requests to Vault would take this way too.
    let Some(host) = host(&vault.address) else {
        return vec![];
    };
    let others =
        get("NO_PROXY", "no_proxy").map_or_else(String::new, |others| format!("{others},"));
    vec![
        ("HTTPS_PROXY", proxy.to_owned()),
        ("NO_PROXY", format!("{others}{host}")),
    ]
}

/// The host of an address, as `NO_PROXY` has it.
fn host(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.strip_prefix('[') {
        Some(literal) => literal.split_once(']')?.0,
        None => authority
            .rsplit_once(':')
            .map_or(authority, |(host, _)| host),
    };
    (!host.is_empty()).then_some(host)
}

/// `SSL_CERT_FILE` and `SSL_CERT_DIR` stay: images that have their authorities elsewhere than Go
/// looks for them say so by these. A pod's author cannot set them, because admission keeps none of
/// the agent container's variables but those of clouds.
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
