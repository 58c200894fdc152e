//! An agent that is run with a file of the author's, unchanged. Nothing here reads that file: flags and
//! variables, which beat it, hold the login to the connection. Its templates, `exec` and telemetry can
//! still send the token elsewhere. A second parser of HCL that forbids this would have to agree with the
//! agent's on every byte, so the operator has to allow such files.

use agent_config::{ProjectedToken, methods};
use contract::names::{self, ANNOTATION_PREFIX as P};
use contract::paths;
use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, EmptyDirVolumeSource, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::agent::{Agent, TokenMount};
use super::cloud::Cloud;
use super::files::AuthFiles;
use super::system::{self, is_at_or_below};
use super::unused::refuse_unused;
use crate::annotations::{Annotations, FilePath, Login};
use crate::config::VaultConnection;
use crate::plan::context::Context;
use crate::plan::refusal::Refusal;

/// The annotation.
const KEY: &str = "agent-config-map";

/// What the sink takes at most.
const MEMORY_LIMIT: &str = "1Mi";

/// Refuses the file where the operator does not let the namespace's authors decide what the agent does.
pub(super) fn check_allowed(
    name: &str,
    connection: &VaultConnection,
    namespace: &str,
) -> Result<(), Refusal> {
    if connection.allows_agent_config_map(namespace) {
        return Ok(());
    }
    Err(Refusal::Combination {
        key: KEY,
        reason: format!(
            "is not allowed in namespace {namespace}; the operator must list it in \
             connections.{name}.agentConfigMapNamespaces"
        ),
    })
}

/// The agent's container, as far as it can be known.
pub(super) fn agent(context: &Context<'_>, connection: &VaultConnection) -> Result<Agent, Refusal> {
    let annotations = context.annotations;
    let why = "the agent's file has the login";
    refuse_unused(annotations, &[Login::Generated], KEY, why)?;
    let (Some(file), Some(sink)) = (&annotations.agent_config_map, &annotations.agent_sink) else {
        return Err(Refusal::Combination {
            key: KEY,
            reason: format!(
                "needs {P}agent-sink; set it to the path of the file's sink, such as \
                 /home/vault/.vault-token"
            ),
        });
    };
    let identity: Vec<_> = methods::ALL
        .iter()
        .flat_map(|method| method.identity)
        .copied()
        .collect();
    let cloud = Cloud::of(&identity, true, context.wrapped);
    let sink_directory = sink_directory(sink, &cloud.mounts)?;
    let variables = cloud.variables.iter();
    let files = AuthFiles::choose(context.pod, annotations)?;
    let certificate_warning = match &files {
        Some(files) => files.check_version(context.facts)?,
        None => None,
    };
    Ok(Agent {
        method: KEY,
        config: None,
        arguments: arguments(&file.key, connection),
        // The file may have it wrapped, and says where it logs in.
        wrapped_by: None,
        sink: Some(sink.as_str().to_owned()),
        files,
        removes_files: false,
        token: Some((token(annotations, connection)?, TokenMount::Conventional)),
        variables: variables
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        volumes: volumes(&file.name, sink_directory),
        mounts: [mounts(sink_directory), cloud.mounts].concat(),
        single_use: None,
        // The file may hand on a token that others use as well.
        owns_token: false,
        warnings: [cloud.warnings, certificate_warning.into_iter().collect()].concat(),
    })
}

/// Flags beat the environment, and that the file. What the connection has, env-exec tells by
/// variables; what it has not, an empty flag takes from the file. For verification a variable would
/// not do in any case: some agents take any value of `VAULT_SKIP_VERIFY` for true.
fn arguments(key: &str, connection: &VaultConnection) -> Vec<String> {
    let has_no_ca = connection.ca.is_none();
    let flags = [
        ("-tls-skip-verify=false", !connection.tls_skip_verify),
        ("-tls-server-name=", connection.tls_server_name.is_none()),
        ("-ca-cert=", has_no_ca),
        ("-ca-path=", has_no_ca),
    ];
    let wanted = flags.into_iter().filter(|(_, is_wanted)| *is_wanted);
    [
        format!("-config={}/{key}", paths::AGENT_FILES),
        "-exit-after-auth".to_owned(),
    ]
    .into_iter()
    .chain(wanted.map(|(flag, _)| flag.to_owned()))
    .collect()
}

/// The directory to put a volume at; none where there is one already.
fn sink_directory<'s>(
    sink: &'s FilePath,
    others: &[VolumeMount],
) -> Result<Option<&'s str>, Refusal> {
    let path = sink.as_str();
    let refused = |reason: String| {
        Err(Refusal::Combination {
            key: "agent-sink",
            reason,
        })
    };
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    if is_at_or_below(directory, paths::AGENT) {
        return Ok(None);
    }
    if system::is_hidden_by_volume_at(directory) {
        return refused(format!(
            "is {path}, where a volume would hide the image's files; let the sink write to a \
             directory of its own, such as /home/vault/.vault-token"
        ));
    }
    if is_at_or_below(directory, paths::ROOT) {
        return refused(format!(
            "is {path}, and below {} the sink may only write to {}; write it there, or elsewhere",
            paths::ROOT,
            paths::AGENT
        ));
    }
    let others = others.iter().map(|mount| mount.mount_path.as_str());
    let mut taken = others.chain([paths::API_TOKEN]);
    if let Some(other) = taken.find(|other| is_at_or_below(directory, other)) {
        return refused(format!(
            "is {path}, and another volume is mounted at {other}; let the sink write to a \
             directory of its own, such as /home/vault/.vault-token"
        ));
    }
    Ok(Some(directory))
}

/// The token that the methods `kubernetes` and `jwt` read where they are not told another path.
fn token(
    annotations: &Annotations,
    connection: &VaultConnection,
) -> Result<ProjectedToken, Refusal> {
    let seconds = annotations.auth_token_expiration.map(|seconds| seconds.0);
    let expiration_seconds = seconds.unwrap_or(connection.auth.token_expiration_seconds);
    ProjectedToken::check_expiration(expiration_seconds).map_err(|reason| {
        Refusal::Combination {
            key: "auth-token-expiration",
            reason,
        }
    })?;
    let wanted = annotations.auth_audience.as_deref();
    let audience = wanted.unwrap_or(&connection.auth.audience);
    Ok(ProjectedToken {
        audience: Some(audience.to_owned()).filter(|audience| !audience.is_empty()),
        expiration_seconds,
    })
}

fn volumes(config_map: &str, sink_directory: Option<&str>) -> Vec<Volume> {
    let files = Volume {
        name: names::AGENT_FILES_VOLUME.into(),
        config_map: Some(ConfigMapVolumeSource {
            name: config_map.to_owned(),
            ..ConfigMapVolumeSource::default()
        }),
        ..Volume::default()
    };
    let sink = sink_directory.map(|_| Volume {
        name: names::SINK_VOLUME.into(),
        empty_dir: Some(EmptyDirVolumeSource {
            medium: Some("Memory".to_owned()),
            size_limit: Some(Quantity(MEMORY_LIMIT.to_owned())),
            ..EmptyDirVolumeSource::default()
        }),
        ..Volume::default()
    });
    [files].into_iter().chain(sink).collect()
}

fn mounts(sink_directory: Option<&str>) -> Vec<VolumeMount> {
    let files = VolumeMount {
        name: names::AGENT_FILES_VOLUME.into(),
        mount_path: paths::AGENT_FILES.into(),
        read_only: Some(true),
        ..VolumeMount::default()
    };
    let sink = sink_directory.map(|directory| VolumeMount {
        name: names::SINK_VOLUME.into(),
        mount_path: directory.to_owned(),
        ..VolumeMount::default()
    });
    [files].into_iter().chain(sink).collect()
}
