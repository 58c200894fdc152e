//! How to reach Vault, whoever told it.

use std::time::Duration;

use contract::Connection;

use super::{Address, Identity, SettingsError};

/// How to reach Vault, checked.
pub(crate) struct VaultSettings {
    /// Its address.
    pub(crate) address: Address,
    /// Value of `X-Vault-Namespace`.
    pub(crate) namespace: Option<String>,
    /// Whose signature makes its certificate good.
    pub(crate) trust: Trust,
    /// The certificate that we show, and its key; PEM.
    pub(crate) identity: Option<Identity>,
    /// Name to ask for and expect in its certificate, where it is not the address's host.
    pub(crate) server_name: Option<String>,
    /// Accept any certificate.
    pub(crate) skip_verify: bool,
    /// What stands between us.
    pub(crate) proxy: Proxy,
    /// Time for everything that is asked.
    pub(crate) deadline: Duration,
    /// Further attempts of one request; no limit but the deadline if absent.
    pub(crate) max_retries: Option<usize>,
}

/// Whose signature makes Vault's certificate good.
pub(crate) enum Trust {
    /// The system's trust store, wherever the image has it.
    System,
    /// These PEM certificates alone, each with where it came from.
    Only(Vec<(String, Vec<u8>)>),
}

/// Proxies for requests to Vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proxy {
    /// None.
    None,
    /// This one, always. The variable or setting, and its value.
    Always(&'static str, String),
    /// What the usual variables say.
    Environment {
        /// `HTTP_PROXY`.
        http: String,
        /// `HTTPS_PROXY`.
        https: String,
        /// `NO_PROXY`.
        no: String,
    },
}

impl VaultSettings {
    /// In the agent's container.
    pub(crate) fn of_agent(
        connection: &Connection,
        deadline: Duration,
    ) -> Result<Self, SettingsError> {
        Self::of_connection(connection, Identity::mounted(connection)?, deadline)
    }

    /// From what the operator configured, and the certificate that goes with it.
    pub(super) fn of_connection(
        connection: &Connection,
        identity: Option<Identity>,
        deadline: Duration,
    ) -> Result<Self, SettingsError> {
        Ok(Self {
            address: address("vault.address", &connection.address)?,
            namespace: namespace(connection.namespace.as_deref())?,
            trust: connection.ca.as_ref().map_or(Trust::System, |pem| {
                Trust::Only(vec![("vault.ca".into(), pem.clone().into_bytes())])
            }),
            identity,
            server_name: connection.tls_server_name.clone(),
            skip_verify: connection.tls_skip_verify,
            proxy: connection.proxy.as_ref().map_or(Proxy::None, |proxy| {
                Proxy::Always("vault.proxy", proxy.clone())
            }),
            deadline,
            max_retries: None,
        })
    }
}

/// Reads an address that has this name in messages.
pub(super) fn address(name: &'static str, text: &str) -> Result<Address, SettingsError> {
    text.parse()
        .map_err(|error| SettingsError::Address { name, error })
}

/// Reads a namespace; empty is none.
pub(super) fn namespace(text: Option<&str>) -> Result<Option<String>, SettingsError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Some(text.into()))
    } else {
        Err(SettingsError::Namespace { value: text.into() })
    }
}
