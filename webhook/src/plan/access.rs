//! Which Vault, and where the token for it comes from.

mod agent;
mod client;
mod cloud;
mod files;
mod generated;
mod own_file;
mod system;
mod token_file;
mod unused;

use agent_config::Namespace;
use contract::{Connection, nearest};

use super::context::Context;
use super::mounts::AuthorVolume;
use super::refusal::Refusal;
use crate::annotations::{Annotations, Word};
use crate::config::{Config, Product, VaultConnection};
pub(super) use agent::{Agent, TokenMount};
pub(crate) use cloud::is_of_platform;
pub(super) use files::AuthFiles;
pub(super) use token_file::TokenFile;

/// The connection's name where no annotation names one.
const DEFAULT_CONNECTION: &str = "default";

/// A connection, and where the token for it comes from.
#[derive(Debug)]
pub(super) struct Access<'c> {
    pub(super) name: &'c str,
    pub(super) source: Source,
    connection: &'c VaultConnection,
    namespace: Option<String>,
}

/// Where the token comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// An agent logs in.
    Agent(Box<Agent>),
    /// Somebody else writes it.
    File(TokenFile),
}

impl<'c> Access<'c> {
    /// Chooses the connection, and checks what the pod's author wrote about the login.
    pub(super) fn choose(context: &Context<'c>) -> Result<Self, Refusal> {
        let annotations = context.annotations;
        let (name, connection) = connection(annotations, context.config)?;
        if !connection.allows(context.namespace) {
            let (name, namespace) = (name.to_owned(), context.namespace.to_owned());
            return Err(Refusal::ConnectionNotAllowed { name, namespace });
        }
        let with_certificate = |mut agent: Agent| {
            client::mount(&mut agent, connection);
            Source::Agent(Box::new(agent))
        };
        let source = if annotations.token_from.is_some() {
            client::check_none(name, connection)?;
            Source::File(TokenFile::choose(context)?)
        } else if annotations.agent_config_map.is_some() {
            own_file::check_allowed(name, connection, context.namespace)?;
            with_certificate(own_file::agent(context, connection)?)
        } else {
            with_certificate(generated::agent(context, connection)?)
        };
        Ok(Self {
            name,
            source,
            connection,
            namespace: vault_namespace(annotations)?,
        })
    }

    /// What env-exec is told of Vault.
    pub(super) fn settings(&self) -> Connection {
        self.connection.settings(self.namespace.as_deref())
    }

    /// The agent, if one logs in.
    pub(super) fn agent(&self) -> Option<&Agent> {
        match &self.source {
            Source::Agent(agent) => Some(agent),
            Source::File(_) => None,
        }
    }

    /// The file that somebody else writes, if there is no agent.
    pub(super) fn token_file(&self) -> Option<&TokenFile> {
        match &self.source {
            Source::Agent(_) => None,
            Source::File(file) => Some(file),
        }
    }

    /// The author's volume with the token, if there is no agent.
    pub(super) fn token_volume(&self) -> Option<AuthorVolume<'_>> {
        self.token_file().map(|file| AuthorVolume {
            name: &file.volume,
            is_read_only: !file.is_shredded,
        })
    }

    /// The agent's program in the agent image.
    pub(super) fn agent_program(&self) -> &'static str {
        match self.connection.flavour {
            Product::Vault => "vault",
            Product::OpenBao => "bao",
        }
    }

    /// The Auto-Auth method, or the annotation that stands in for one.
    pub(super) fn method(&self) -> &'static str {
        self.agent().map_or(token_file::KEY, |agent| agent.method)
    }

    pub(super) fn warnings(&self) -> &[String] {
        self.agent().map_or(&[], |agent| &agent.warnings)
    }

    /// That others on the way can read what is sent.
    pub(super) fn clear_text_warning(&self) -> Option<String> {
        self.connection.is_clear_text().then(|| {
            format!(
                "connection {} uses http://, so tokens and secrets travel in clear text; \
                 the operator should set an https:// address",
                self.name
            )
        })
    }

    /// Whether env-exec may revoke the token: it is this pod's own.
    pub(super) fn owns_token(&self) -> bool {
        self.agent().is_some_and(|agent| agent.owns_token)
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

/// The namespace in which secrets are read, as it was written.
fn vault_namespace(annotations: &Annotations) -> Result<Option<String>, Refusal> {
    let Some(word) = &annotations.auth_namespace else {
        return Ok(None);
    };
    let checked = word.as_str().parse::<Namespace>();
    checked.map_err(|error| Refusal::Combination {
        key: "auth-namespace",
        reason: format!("cannot be used: {error}"),
    })?;
    Ok(Some(word.as_str().to_owned()))
}
