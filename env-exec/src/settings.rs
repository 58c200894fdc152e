//! What env-exec is told: by the webhook, or by the Vault client's own variables.
//!
//! With [`SETTINGS_VARIABLE`] present nothing else of the environment is read: `VAULT_*` and proxy
//! variables are the program's own.

mod address;
mod standalone;

use std::path::PathBuf;
use std::time::Duration;

use contract::names::SETTINGS_VARIABLE;
use contract::settings::Transit;
use contract::{Connection, ExecSettings, LogFormat, Restart, paths};
use secrecy::{SecretSlice, SecretString};
use templates::{Clock, FromPath, ReferenceError};
use thiserror::Error;

pub(crate) use address::{Address, AddressError};
pub(crate) use standalone::{TOKEN, TOKEN_FILE, token_source};

use crate::environment::Environment;
use crate::render::Options;

/// Everything that a start needs to know.
pub(crate) struct Settings {
    /// Where the start takes place, and what that means for the token.
    pub(crate) place: Place,
    /// Every key of these paths becomes a variable.
    pub(crate) from_paths: Vec<FromPath>,
    /// A missing path or key leaves its variable out.
    pub(crate) ignore_missing: bool,
    /// Where `vault:v1:…` values are decrypted.
    pub(crate) transit: Option<Transit>,
    /// The shortest life of a leased secret.
    pub(crate) min_lease: Option<Duration>,
    /// Revoke the token before exec, unless a response carried a lease.
    pub(crate) revoke: bool,
}

/// Where the start takes place.
pub(crate) enum Place {
    /// In a pod that the webhook changed.
    Pod(Box<Pod>),
    /// Anywhere else. The variables are read when something is asked of Vault.
    Standalone,
}

/// What only a pod has.
pub(crate) struct Pod {
    /// Mount of the container's token volume.
    pub(crate) token_volume: PathBuf,
    /// What a start without a token does.
    pub(crate) restart: Restart,
    /// How to reach Vault.
    connection: Connection,
    /// Time for everything up to exec.
    deadline: Duration,
}

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

/// A client certificate. The PEM texts are named by where they came from.
pub(crate) struct Identity {
    /// Source and PEM text of the certificate chain.
    pub(crate) certificate: (String, Vec<u8>),
    /// Source and PEM text of the key.
    pub(crate) key: (String, SecretSlice<u8>),
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

/// Where the token is.
pub(crate) enum TokenSource {
    /// It was the value of a variable.
    Variable(SecretString),
    /// In a file that env-exec only reads.
    File(PathBuf),
    /// In the file that `vault login` writes, if it exists.
    Home(Option<PathBuf>),
}

/// Why the settings cannot be used.
#[derive(Debug, Error)]
pub(crate) enum SettingsError {
    #[error("{SETTINGS_VARIABLE} cannot be used: {0}")]
    Json(String),
    #[error("{SETTINGS_VARIABLE} is for {found}, and this is {wanted}")]
    Mode {
        found: &'static str,
        wanted: &'static str,
    },
    #[error("{SETTINGS_VARIABLE} is not set: `env-exec agent` runs only in a pod")]
    NoAgentSettings,
    #[error("from-path entry `{entry}`: {error}")]
    FromPath {
        entry: String,
        error: ReferenceError,
    },
    #[error("{name}: {error}")]
    Address {
        name: &'static str,
        error: AddressError,
    },
    #[error("{name} is {value:?}, which is not {wanted}")]
    Variable {
        name: &'static str,
        value: String,
        wanted: &'static str,
    },
    #[error("{name} names {path}, which cannot be read: {reason}")]
    File {
        name: &'static str,
        path: String,
        reason: String,
    },
    #[error("{given} is set and {missing} is not: a client certificate needs both")]
    HalfIdentity {
        given: &'static str,
        missing: &'static str,
    },
    #[error("{name} is not UTF-8")]
    NotUtf8 { name: &'static str },
    #[error("Vault namespace {value:?} contains a character that a header cannot hold")]
    Namespace { value: String },
}

impl Settings {
    /// What the webhook told; without that, the defaults.
    pub(crate) fn new(told: Option<contract::Settings>) -> Result<Self, SettingsError> {
        match told {
            Some(contract::Settings::Exec(settings)) => Self::of_pod(settings),
            Some(contract::Settings::Agent(_)) => Err(SettingsError::Mode {
                found: "`env-exec agent`",
                wanted: "`env-exec PROGRAM`",
            }),
            None => Ok(Self {
                place: Place::Standalone,
                from_paths: vec![],
                ignore_missing: false,
                transit: None,
                min_lease: None,
                revoke: false,
            }),
        }
    }

    fn of_pod(settings: ExecSettings) -> Result<Self, SettingsError> {
        let from_paths = settings.from_path.iter().map(|entry| from_path(entry));
        Ok(Self {
            from_paths: from_paths.collect::<Result<_, _>>()?,
            ignore_missing: settings.ignore_missing,
            transit: settings.transit,
            min_lease: settings.min_lease_seconds.map(Duration::from_secs),
            revoke: settings.revoke,
            place: Place::Pod(Box::new(Pod {
                token_volume: settings.token_volume.into(),
                restart: settings.restart,
                connection: settings.vault,
                deadline: Duration::from_secs(settings.deadline_seconds),
            })),
        })
    }

    /// How to reach Vault.
    pub(crate) fn vault(&self, environment: &Environment) -> Result<VaultSettings, SettingsError> {
        match &self.place {
            Place::Pod(pod) => VaultSettings::of_connection(&pod.connection, pod.deadline),
            Place::Standalone => standalone::vault(environment),
        }
    }

    /// With what values are rendered.
    pub(crate) fn rendering(&self) -> Options {
        Options {
            ignore_missing: self.ignore_missing,
            min_lease: self.min_lease,
            clock: Clock::system(),
        }
    }
}

fn from_path(entry: &str) -> Result<FromPath, SettingsError> {
    entry
        .trim()
        .parse()
        .map_err(|error| SettingsError::FromPath {
            entry: entry.into(),
            error,
        })
}

impl VaultSettings {
    fn of_connection(connection: &Connection, deadline: Duration) -> Result<Self, SettingsError> {
        Ok(Self {
            address: address("vault.address", &connection.address)?,
            namespace: namespace(connection.namespace.as_deref())?,
            trust: connection.ca.as_ref().map_or(Trust::System, |pem| {
                Trust::Only(vec![("vault.ca".into(), pem.clone().into_bytes())])
            }),
            identity: None,
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

fn address(name: &'static str, text: &str) -> Result<Address, SettingsError> {
    text.parse()
        .map_err(|error| SettingsError::Address { name, error })
}

fn namespace(text: Option<&str>) -> Result<Option<String>, SettingsError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Some(text.into()))
    } else {
        Err(SettingsError::Namespace { value: text.into() })
    }
}

/// What the webhook told, if this is a pod of ours.
pub(crate) fn told(environment: &Environment) -> Result<Option<contract::Settings>, SettingsError> {
    let Some(text) = environment.get(SETTINGS_VARIABLE) else {
        return Ok(None);
    };
    let text = text
        .to_str()
        .ok_or_else(|| SettingsError::Json("it is not UTF-8".into()))?;
    serde_json::from_str(text)
        .map(Some)
        .map_err(|error| SettingsError::Json(error.to_string()))
}

/// How to report, and to which file besides stderr: decided before anything can fail, so that
/// even settings that cannot be read are reported as well as can be.
pub(crate) fn reporting(
    told: &Result<Option<contract::Settings>, SettingsError>,
    environment: &Environment,
) -> (LogFormat, Option<PathBuf>) {
    match told {
        Ok(Some(contract::Settings::Exec(settings))) => {
            let message = settings.termination_message.as_str().into();
            (settings.log, Some(message))
        }
        Ok(Some(contract::Settings::Agent(settings))) => {
            (settings.log, Some(paths::TERMINATION_MESSAGE.into()))
        }
        Err(_) => (LogFormat::Text, Some(paths::TERMINATION_MESSAGE.into())),
        Ok(None) => (standalone::log_format(environment), None),
    }
}
