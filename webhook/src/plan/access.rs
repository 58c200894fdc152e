//! Which Vault, and how to log in.

mod cloud;
mod files;

use agent_config::{
    AgentConfig, AutoAuth, Backoff, LoginDefaults, LoginSettings, Method, ProjectedToken,
};
use contract::names::ANNOTATION_PREFIX as P;
use contract::{Connection, nearest};
use k8s_openapi::api::core::v1::VolumeMount;
use serde_json::Value;

use super::refusal::Refusal;
use super::survey::Surveyed;
use crate::annotations::{Annotations, Word};
use crate::config::{Config, Product, VaultConnection};
use crate::pod::PodView;
use cloud::Cloud;
pub(super) use files::AuthFiles;

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
    cloud: Cloud,
    warnings: Vec<String>,
}

impl<'c> Access<'c> {
    /// Chooses the connection and checks the login against its method's table.
    pub(super) fn choose(
        pod: &PodView<'_>,
        namespace: &str,
        annotations: &Annotations,
        config: &'c Config,
        wrapped: &[&Surveyed<'_, '_>],
    ) -> Result<Self, Refusal> {
        let (name, connection) = connection(annotations, config)?;
        if !connection.allows(namespace) {
            let (name, namespace) = (name.to_owned(), namespace.to_owned());
            return Err(Refusal::ConnectionNotAllowed { name, namespace });
        }
        let files = AuthFiles::choose(pod, annotations)?;
        let method = method(annotations, connection)?;
        let cloud = Cloud::of(method, wrapped);
        let auto_auth = auto_auth(method, annotations, connection, files.as_ref(), &cloud)?;
        check_wrapping(annotations, wrapped)?;
        if let Some(files) = &files {
            files.check_use(&auto_auth)?;
        }
        let namespace = annotations
            .auth_namespace
            .as_ref()
            .map(|word| word.as_str().to_owned());
        Ok(Self {
            name,
            files,
            connection,
            namespace,
            warnings: [auto_auth.warnings(), &cloud.warnings].concat(),
            auto_auth,
            cloud,
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
        &self.warnings
    }

    /// Whether env-exec may revoke the token: it is this pod's own.
    pub(super) fn owns_token(&self) -> bool {
        self.auto_auth.owns_token()
    }

    /// Whether the agent removes files from the author's volume.
    pub(super) fn removes_files(&self) -> bool {
        self.auto_auth.removes_files()
    }

    /// Environment variables of the agent's container. A file that the author mounted for the
    /// method beats the platform's identity.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.auto_auth.variables();
        let is_free = |name: &str| own.iter().all(|(other, _)| *other != name);
        let copied = self.cloud.variables.iter();
        own.iter()
            .chain(copied.filter(move |(name, _)| is_free(name)))
            .map(|(name, value)| (*name, value.as_str()))
    }

    /// Mounts of the pod's volumes that the platform's identity needs.
    pub(super) fn cloud_mounts(&self) -> &[VolumeMount] {
        &self.cloud.mounts
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

fn method(
    annotations: &Annotations,
    connection: &VaultConnection,
) -> Result<&'static Method, Refusal> {
    let name = annotations
        .auth_method
        .as_ref()
        .map_or(connection.auth.method.as_str(), Word::as_str);
    Method::find(name, connection.flavour.into()).map_err(|error| Refusal::Auth {
        reason: format!("annotation {P}auth-method: {error}"),
    })
}

/// What travels wrapped can be unwrapped once.
fn check_wrapping(annotations: &Annotations, wrapped: &[&Surveyed<'_, '_>]) -> Result<(), Refusal> {
    if annotations.auth_wrap_ttl.is_none() || wrapped.len() == 1 {
        return Ok(());
    }
    let names: Vec<_> = wrapped.iter().map(|surveyed| surveyed.name()).collect();
    Err(Refusal::Combination {
        key: "auth-wrap-ttl",
        reason: format!(
            "needs a single wrapped container, because the token can be unwrapped only once; here \
             they are {}: leave containers out with {P}skip-containers, or remove it",
            names.join(", ")
        ),
    })
}

fn auto_auth(
    method: &'static Method,
    annotations: &Annotations,
    connection: &VaultConnection,
    files: Option<&AuthFiles>,
    cloud: &Cloud,
) -> Result<AutoAuth, Refusal> {
    let defaults = &connection.auth;
    let mounts: Vec<_> = files.map(AuthFiles::mount).into_iter().collect();
    let variables: Vec<_> = cloud.variables.iter().map(|(name, _)| *name).collect();
    let is_default_method = method.name == defaults.method;
    let settings = LoginSettings {
        role: annotations.auth_role.as_ref().map(Word::as_str),
        mount_path: annotations.auth_mount_path.as_ref().map(Word::as_str),
        namespace: annotations.auth_namespace.as_ref().map(Word::as_str),
        wrap_ttl: annotations.auth_wrap_ttl.as_ref().map(Word::as_str),
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
        mounts: &mounts,
        variables: &variables,
        allow_inline_credentials: defaults.allow_inline_credentials,
    };
    AutoAuth::new(method, connection.flavour.into(), &settings).map_err(|problems| Refusal::Auth {
        reason: problems.to_string(),
    })
}
