//! Which Vault, and how to log in.

use agent_config::{
    AgentConfig, AutoAuth, Backoff, LoginDefaults, LoginSettings, Method, Mount, ProjectedToken,
};
use contract::names::ANNOTATION_PREFIX as P;
use contract::{Connection, nearest, paths};
use serde_json::Value;

use super::refusal::Refusal;
use crate::annotations::{Annotations, Word};
use crate::config::{Config, Product, VaultConnection};
use crate::pod::PodView;

/// The connection's name where no annotation names one.
const DEFAULT_CONNECTION: &str = "default";

/// Seconds between the agent's attempts, from the first to the last.
const BACKOFF: Option<Backoff> = Backoff::new(1, 5);

/// A connection and a checked login.
#[derive(Debug)]
pub(super) struct Access<'c> {
    pub(super) name: &'c str,
    pub(super) files: Option<AuthFiles>,
    connection: &'c VaultConnection,
    namespace: Option<String>,
    auto_auth: AutoAuth,
}

/// Where the method's files come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AuthFiles {
    /// A Secret of the pod's namespace.
    Secret(String),
    /// A volume of the pod.
    Volume(String),
}

impl<'c> Access<'c> {
    /// Chooses the connection and checks the login against its method's table.
    pub(super) fn choose(
        pod: &PodView<'_>,
        namespace: &str,
        annotations: &Annotations,
        config: &'c Config,
    ) -> Result<Self, Refusal> {
        let (name, connection) = connection(annotations, config)?;
        if !connection.allows(namespace) {
            let (name, namespace) = (name.to_owned(), namespace.to_owned());
            return Err(Refusal::ConnectionNotAllowed { name, namespace });
        }
        let files = files(pod, annotations)?;
        let auto_auth = auto_auth(annotations, connection, files.is_some())
            .map_err(|reason| Refusal::Auth { reason })?;
        let namespace = annotations
            .auth_namespace
            .as_ref()
            .map(|word| word.as_str().to_owned());
        Ok(Self {
            name,
            files,
            connection,
            namespace,
            auto_auth,
        })
    }

    /// What env-exec is told of Vault.
    pub(super) fn settings(&self) -> Connection {
        self.connection.settings(self.namespace.as_deref())
    }

    /// The agent's configuration.
    pub(super) fn agent_config(&self) -> Value {
        AgentConfig {
            address: &self.connection.address,
            auto_auth: &self.auto_auth,
            // env-exec ends the agent at the first definite refusal and at the deadline.
            exit_on_err: false,
            backoff: BACKOFF,
        }
        .to_json()
    }

    /// The agent's program in the agent image.
    pub(super) fn agent_program(&self) -> &'static str {
        match self.connection.flavour {
            Product::Vault => "vault",
            Product::OpenBao => "bao",
        }
    }

    pub(super) fn method(&self) -> &'static str {
        self.auto_auth.method().name
    }

    pub(super) fn service_account_token(&self) -> Option<&ProjectedToken> {
        self.auto_auth.projected_token()
    }

    /// Why a second login would fail, if it would.
    pub(super) fn single_use(&self) -> Option<&str> {
        self.auto_auth
            .single_use_reasons()
            .first()
            .map(String::as_str)
    }

    pub(super) fn warnings(&self) -> &[String] {
        self.auto_auth.warnings()
    }
}

fn connection<'c>(
    annotations: &Annotations,
    config: &'c Config,
) -> Result<(&'c str, &'c VaultConnection), Refusal> {
    let wanted = annotations
        .vault
        .as_ref()
        .map_or(DEFAULT_CONNECTION, Word::as_str);
    if let Some((name, connection)) = config.connections.get_key_value(wanted) {
        return Ok((name, connection));
    }
    let known = || config.connections.keys().map(String::as_str);
    Err(Refusal::UnknownConnection {
        name: wanted.to_owned(),
        known: known().collect::<Vec<_>>().join(", "),
        nearest: nearest(wanted, known()).map(str::to_owned),
    })
}

fn files(pod: &PodView<'_>, annotations: &Annotations) -> Result<Option<AuthFiles>, Refusal> {
    match (&annotations.auth_secret, &annotations.auth_volume) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(Refusal::Auth {
            reason: format!("annotations {P}auth-secret and {P}auth-volume exclude each other"),
        }),
        (Some(secret), None) => Ok(Some(AuthFiles::Secret(secret.as_str().to_owned()))),
        (None, Some(volume)) => {
            let known = || pod.spec.volumes.iter().map(|volume| volume.name.as_str());
            if known().any(|name| name == volume.as_str()) {
                return Ok(Some(AuthFiles::Volume(volume.as_str().to_owned())));
            }
            let hint = nearest(volume.as_str(), known())
                .map(|name| format!(": did you mean {name}?"))
                .unwrap_or_default();
            Err(Refusal::Auth {
                reason: format!(
                    "annotation {P}auth-volume names volume {}, which the pod does not have{hint}",
                    volume.as_str()
                ),
            })
        }
    }
}

fn auto_auth(
    annotations: &Annotations,
    connection: &VaultConnection,
    has_files: bool,
) -> Result<AutoAuth, String> {
    let defaults = &connection.auth;
    let flavour = connection.flavour.into();
    let name = annotations
        .auth_method
        .as_ref()
        .map_or(defaults.method.as_str(), Word::as_str);
    let method = Method::find(name, flavour)
        .map_err(|error| format!("annotation {P}auth-method: {error}"))?;
    let mounts = [Mount {
        path: paths::AUTH,
        read_only: true,
    }];
    let is_default_method = name == defaults.method;
    let settings = LoginSettings {
        role: annotations.auth_role.as_ref().map(Word::as_str),
        mount_path: annotations.auth_mount_path.as_ref().map(Word::as_str),
        namespace: annotations.auth_namespace.as_ref().map(Word::as_str),
        wrap_ttl: None,
        audience: annotations.auth_audience.as_deref(),
        token_expiration: annotations.auth_token_expiration.map(|seconds| seconds.0),
        config: annotations
            .auth_config
            .as_ref()
            .map(|config| config.0.clone())
            .unwrap_or_default(),
        defaults: LoginDefaults {
            role: defaults.role.as_deref(),
            mount_path: defaults.mount_path.as_ref().filter(|_| is_default_method),
            namespace: connection.namespace.as_ref(),
            audience: Some(defaults.audience.as_str()).filter(|audience| !audience.is_empty()),
        },
        mounts: if has_files { &mounts } else { &[] },
    };
    AutoAuth::new(method, flavour, &settings).map_err(|problems| problems.to_string())
}
