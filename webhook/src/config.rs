//! The operator's side: one YAML file with connections, images, defaults, resources and limits.
//!
//! Unknown keys are refused. What a pod's annotations may choose from is listed here: above all
//! the addresses, which no annotation can add to.

mod agent_image;
mod cluster;
mod connection;
mod duration;
mod kubernetes;
mod resources;
mod server;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use contract::limits::CONFIGURATION_FILE;
use contract::{LogFormat, Restart};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use cluster::Cluster;
pub use connection::{AuthDefaults, Product, VaultConnection};
pub use duration::PositiveDuration;
pub use kubernetes::KubernetesVersion;
pub use resources::{ContainerResources, InjectedResources, ResourceList};
pub use server::{Issue, Limits, Server, Tls, TlsSecret};

/// The whole file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// Vault servers by name. Pods without a `vault` annotation use `default`.
    pub connections: BTreeMap<String, VaultConnection>,
    /// Images that the webhook injects.
    #[serde(default)]
    pub images: Images,
    /// How env-exec gets into the program's container.
    #[serde(default)]
    pub delivery: Delivery,
    /// Values for pods whose annotations do not set them.
    #[serde(default)]
    pub defaults: Defaults,
    /// Requests and limits of the injected init containers.
    #[serde(default)]
    pub resources: InjectedResources,
    /// The cluster's version, such as `1.37`, instead of the one that the API server reports.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub kubernetes_version: Option<KubernetesVersion>,
    /// Facts that the webhook finds out about the cluster.
    #[serde(default)]
    pub cluster: Cluster,
    /// The HTTP server.
    #[serde(default)]
    pub server: Server,
    /// The text that all of it was read from, to see when that changes.
    #[serde(skip)]
    pub source: String,
}

/// Images that the webhook injects.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Images {
    /// The image with env-exec, for the init container that copies it or for the `image` volume.
    pub env_exec: String,
    /// The image with the agent.
    pub agent: String,
    /// Prefixes that another webhook may put before these image names to pull from a mirror, such as
    /// `mirror.example/docker.io`. tokenpipe sets any other image in its containers back to these.
    pub mirrors: Vec<String>,
    /// `imagePullPolicy` of both. Without it Kubernetes' own default holds.
    pub pull_policy: Option<String>,
}

impl Default for Images {
    fn default() -> Self {
        Self {
            env_exec: concat!("tokenpipe/env-exec:", env!("CARGO_PKG_VERSION")).into(),
            agent: "hashicorp/vault:1.21.1".into(),
            mirrors: Vec::new(),
            pull_policy: None,
        }
    }
}

/// How env-exec gets into the program's container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// An init container copies it into an `emptyDir`. Works anywhere, costs a second of pod start.
    #[default]
    Copy,
    /// An `image` volume (Kubernetes 1.36+). Nothing is copied.
    ImageVolume,
    /// The agent image carries it, and `env-exec agent` copies it.
    AgentImage,
}

/// What a start without a token does where it cannot ask for another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RestartFallback {
    /// Keep the token in the container's volume, so that the next start finds it.
    #[default]
    Retain,
    /// End with a sentence; the pod must be deleted.
    Fail,
}

impl From<RestartFallback> for Restart {
    fn from(fallback: RestartFallback) -> Self {
        match fallback {
            RestartFallback::Retain => Self::Retain,
            RestartFallback::Fail => Self::Fail,
        }
    }
}

/// Values for pods whose annotations do not set them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Defaults {
    /// UID of the injected init containers where the pod has no common one. `null` sets none, for
    /// platforms that assign it (OpenShift).
    pub run_as_user: Option<i64>,
    /// Mode of pods without the annotation `restart`. Without this key: `fail` if kubelet starts no
    /// container of the pod twice, `rerun` where cluster and pod allow it, else `restartFallback`.
    pub restart: Option<Restart>,
    /// Mode of pods for which `rerun` cannot be the default.
    pub restart_fallback: RestartFallback,
    /// Seconds until a login must have succeeded.
    pub login_deadline_seconds: u64,
    /// Seconds for everything that env-exec does before it becomes the program.
    pub exec_deadline_seconds: u64,
    /// Form of env-exec's lines.
    pub log: LogFormat,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            run_as_user: Some(65532),
            restart: None,
            restart_fallback: RestartFallback::default(),
            login_deadline_seconds: 120,
            exec_deadline_seconds: 60,
            log: LogFormat::Text,
        }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ConfigError {
    #[error("cannot read {path}")]
    Read { path: String, source: io::Error },
    #[error("the configuration is not as expected: {0}")]
    Yaml(String),
    #[error("connections.{connection}.{key}: {reason}")]
    Connection {
        connection: String,
        key: &'static str,
        reason: String,
    },
    #[error("{key}: {reason}")]
    Value { key: &'static str, reason: String },
}

impl Config {
    /// Reads and checks a configuration file and the files that it names.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = read_file(path).map_err(|source| ConfigError::Read {
            path: path.display().to_string(),
            source,
        })?;
        Self::parse(&text)
    }

    /// Checks a configuration and reads the files that it names.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let mut config: Self = crate::yaml::read(text)
            .map_err(|error| ConfigError::Yaml(crate::yaml::sentence(&error)))?;
        for (name, connection) in &mut config.connections {
            connection
                .complete()
                .map_err(|(key, reason)| ConfigError::Connection {
                    connection: name.clone(),
                    key,
                    reason,
                })?;
        }
        config.check()?;
        text.clone_into(&mut config.source);
        Ok(config)
    }

    /// What the operator should know about a configuration that can be used.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        let connections = self.connections.iter();
        let clear = connections.filter(|(_, connection)| connection.is_clear_text());
        let clear = clear.map(|(name, _)| {
            format!(
                "connections.{name}.address: http:// sends tokens and secrets in clear text; \
                 use https://"
            )
        });
        clear.chain(self.warn_of_unpublished_image())
    }

    /// The built-in name has no registry, and no image is published by it.
    fn warn_of_unpublished_image(&self) -> Option<String> {
        let unpublished = Images::default().env_exec;
        let is_used = self.delivery != Delivery::AgentImage && self.images.env_exec == unpublished;
        is_used.then(|| {
            format!(
                "images.envExec: no image {unpublished} is published; name the image with env-exec \
                 that you built"
            )
        })
    }

    /// The configuration of `tokenpipe render` when none is given.
    pub fn built_in() -> Self {
        Self {
            connections: BTreeMap::from([("default".into(), VaultConnection::built_in())]),
            images: Images::default(),
            delivery: Delivery::default(),
            defaults: Defaults::default(),
            resources: InjectedResources::default(),
            kubernetes_version: None,
            cluster: Cluster::default(),
            server: Server::default(),
            source: String::new(),
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        let problem = |key, reason: &str| {
            Err(ConfigError::Value {
                key,
                reason: reason.into(),
            })
        };
        if self.connections.is_empty() {
            return problem("connections", "at least one is needed");
        }
        if self.defaults.run_as_user.is_some_and(|uid| uid <= 0) {
            return problem(
                "defaults.runAsUser",
                "must be greater than 0, or null for none",
            );
        }
        if self.defaults.login_deadline_seconds == 0 || self.defaults.exec_deadline_seconds == 0 {
            return problem("defaults", "a deadline must be at least one second");
        }
        if let Err(reason) = agent_image::check(&self.images.agent) {
            return problem("images.agent", &reason);
        }
        if !self.images.mirrors.iter().all(|mirror| is_prefix(mirror)) {
            return problem(
                "images.mirrors",
                "an entry is what stands before an image's name, such as mirror.example/docker.io",
            );
        }
        self.server.check()
    }
}

/// The text of the configuration file, or of one that it names.
pub(crate) fn read_file(path: &Path) -> io::Result<String> {
    read_bounded(File::open(path)?, CONFIGURATION_FILE)
}

/// A text of at most so many bytes.
pub(crate) fn read_bounded(source: impl Read, most: usize) -> io::Result<String> {
    let mut text = String::new();
    let read = source.take(most as u64 + 1).read_to_string(&mut text)?;
    if read > most {
        let most = most / 1024 / 1024;
        return Err(io::Error::other(format!("it is larger than {most} MiB")));
    }
    Ok(text)
}

/// A registry and perhaps a path, without a scheme.
fn is_prefix(mirror: &str) -> bool {
    let has_odd = mirror.contains(|c: char| c.is_whitespace() || c.is_control());
    !has_odd && !mirror.contains("://") && !mirror.trim_end_matches('/').is_empty()
}

#[cfg(test)]
mod tests;
