//! What env-exec is told: by the webhook, or by the Vault client's own variables.
//!
//! With [`SETTINGS_VARIABLE`] present nothing else of the environment is read: `VAULT_*` and proxy
//! variables are the program's own.

mod address;
mod error;
mod identity;
mod reporting;
mod standalone;
pub(crate) mod token_source;
mod vault;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use contract::names::{SETTINGS_VARIABLE, is_variable_name};
use contract::settings::Transit;
use contract::{Connection, ExecSettings, Restart, duration};
use templates::{Clock, FromPath, VaultPath};

pub(crate) use address::{Address, AddressError};
pub(crate) use error::SettingsError;
pub(crate) use identity::Identity;
pub(crate) use reporting::Reporting;
pub(crate) use standalone::{token_source, token_variables};
pub(crate) use vault::{Proxy, Trust, VaultSettings};

use crate::environment::Environment;
use crate::origins::Origins;
use crate::render::options::Options;

/// Everything that a start needs to know.
pub(crate) struct Settings {
    /// Where the start takes place, and what that means for the token.
    pub(crate) place: Place,
    /// Which variables may hold references.
    pub(crate) origins: Origins,
    /// Every key of these paths becomes a variable.
    pub(crate) from_paths: Vec<FromPath>,
    /// Keys of them that the author names: each becomes the variable of this name, or none.
    pub(crate) from_path_keys: BTreeMap<String, Option<String>>,
    /// A missing path or key leaves its variable out.
    pub(crate) ignore_missing: bool,
    /// The path that decrypts `vault:v1:…` values.
    pub(crate) transit: Option<VaultPath>,
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
    /// A token that somebody else writes there.
    pub(crate) token_file: Option<PathBuf>,
    /// Mount of the auth method whose login has the token wrapped, where that is known.
    pub(crate) wrapped_by: Option<String>,
    /// What a start without a token does.
    pub(crate) restart: Restart,
    /// How to reach Vault.
    connection: Connection,
    /// Time for everything up to exec.
    deadline: Duration,
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
                origins: Origins::Caller,
                from_paths: vec![],
                from_path_keys: BTreeMap::new(),
                ignore_missing: false,
                transit: None,
                min_lease: None,
                revoke: false,
            }),
        }
    }

    fn of_pod(settings: ExecSettings) -> Result<Self, SettingsError> {
        let from_paths = settings.from_path.iter().map(|entry| from_path(entry));
        let mut names = settings.from_path_keys.values().flatten();
        if let Some(name) = names.find(|name| !is_variable_name(name)) {
            return Err(SettingsError::VariableName { name: name.clone() });
        }
        Ok(Self {
            origins: Origins::of_pod(settings.sources),
            from_paths: from_paths.collect::<Result<_, _>>()?,
            from_path_keys: settings.from_path_keys,
            ignore_missing: settings.ignore_missing,
            transit: settings.transit.as_ref().map(decrypt_path).transpose()?,
            min_lease: settings.min_lease_seconds.map(Duration::from_secs),
            revoke: settings.revoke,
            place: Place::Pod(Box::new(Pod {
                token_volume: settings.token_volume.into(),
                token_file: settings.token_file.map(PathBuf::from),
                wrapped_by: settings.wrapped_by,
                restart: settings.restart,
                connection: settings.vault,
                deadline: Duration::from_secs(settings.deadline_seconds).min(duration::LONGEST),
            })),
        })
    }

    /// How to reach Vault. Files with certificates and keys are read.
    pub(crate) fn vault(&self, environment: &Environment) -> Result<VaultSettings, SettingsError> {
        match &self.place {
            Place::Pod(pod) => {
                let identity = Identity::handed_over(&pod.connection, &pod.token_volume)?;
                VaultSettings::of_connection(&pod.connection, identity, pod.deadline)
            }
            Place::Standalone => standalone::vault(environment),
        }
    }

    /// Mount of the auth method whose login has the token wrapped, where that is known.
    pub(crate) fn wrapped_by(&self) -> Option<&str> {
        match &self.place {
            Place::Pod(pod) => pod.wrapped_by.as_deref(),
            Place::Standalone => None,
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

fn decrypt_path(transit: &Transit) -> Result<VaultPath, SettingsError> {
    format!("{}/decrypt/{}", transit.path, transit.key)
        .parse()
        .map_err(SettingsError::Transit)
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

/// Reads what the webhook tells, if this is a pod of ours.
pub(crate) fn read(environment: &Environment) -> Result<Option<contract::Settings>, SettingsError> {
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
