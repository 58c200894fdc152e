//! An agent with a configuration that is generated from annotations.

use agent_config::{AgentConfig, AutoAuth, Backoff, LoginDefaults, LoginSettings, Method};
use contract::AgentFile;
use contract::names::ANNOTATION_PREFIX as P;
use contract::paths;

use super::agent::{Agent, TokenMount};
use super::cloud::Cloud;
use super::files::AuthFiles;
use crate::annotations::{Annotations, Word};
use crate::config::VaultConnection;
use crate::plan::context::Context;
use crate::plan::refusal::Refusal;
use crate::plan::surveyed::Surveyed;

/// Seconds between the agent's attempts, from the first to the last.
const BACKOFF: Option<Backoff> = Backoff::new(1, 5);

/// Checks the login against its method's table.
pub(super) fn agent(context: &Context<'_>, connection: &VaultConnection) -> Result<Agent, Refusal> {
    let Context {
        facts,
        pod,
        annotations,
        wrapped,
        ..
    } = *context;
    if annotations.agent_sink.is_some() {
        return Err(Refusal::Combination {
            key: "agent-sink",
            reason: format!("has no use without {P}agent-config-map"),
        });
    }
    let files = AuthFiles::choose(pod, annotations)?;
    let method = method(annotations, connection)?;
    let cloud = Cloud::of(method.identity, method.asks_cloud, wrapped);
    let auto_auth = auto_auth(method, annotations, connection, files.as_ref(), &cloud)?;
    check_wrapping(annotations, wrapped)?;
    let file_warnings = match &files {
        Some(files) => {
            files.check_use(&auto_auth)?;
            [files.check_version(facts)?, files.seen_by_others(pod)]
        }
        None => [None, None],
    };
    let config = AgentConfig {
        address: &connection.address,
        auto_auth: &auto_auth,
        // env-exec ends the agent at the first definite refusal and at the deadline. Compared with a
        // process for each attempt, with Vault down for 10 s, the token comes as early (10 to 11 s),
        // for a quarter of the CPU time (0.05 s against 0.21 s). After a failed first attempt one
        // process still has a secret-id whose file it has removed.
        exit_on_err: false,
        backoff: BACKOFF,
    };
    let token = auto_auth.projected_token().cloned();
    Ok(Agent {
        method: method.name,
        config: Some(AgentFile(config.to_json())),
        arguments: vec![format!("-config={}", paths::AGENT_CONFIG)],
        wrapped_by: auto_auth
            .wrapped_by()
            .map(|mount| mount.as_str().to_owned()),
        sink: None,
        files,
        removes_files: auto_auth.removes_files(),
        token: token.map(|token| (token, TokenMount::OfOurs)),
        variables: variables(&auto_auth, &cloud),
        volumes: Vec::new(),
        single_use: auto_auth.single_use_reasons().first().cloned(),
        owns_token: auto_auth.owns_token(),
        warnings: [auto_auth.warnings(), &cloud.warnings]
            .concat()
            .into_iter()
            .chain(file_warnings.into_iter().flatten())
            .collect(),
        mounts: cloud.mounts,
    })
}

/// A file that the author mounted for the method beats the platform's identity.
fn variables(auto_auth: &AutoAuth, cloud: &Cloud) -> Vec<(String, String)> {
    let own = auto_auth.variables();
    let is_free = |name: &str| own.iter().all(|(other, _)| *other != name);
    let copied = cloud.variables.iter().filter(|(name, _)| is_free(name));
    own.iter()
        .chain(copied)
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
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
            "needs a single wrapped container, but here are {}; leave others out with \
             {P}skip-containers, or remove it",
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
            audience: Some(defaults.audience.as_str()),
            token_expiration: Some(defaults.token_expiration_seconds),
        },
        mounts: &mounts,
        variables: &variables,
        allow_inline_credentials: defaults.allow_inline_credentials,
    };
    AutoAuth::new(method, connection.flavour.into(), &settings).map_err(Refusal::Login)
}
