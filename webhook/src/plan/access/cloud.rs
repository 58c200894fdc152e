//! The identity that a platform's own webhook gave to a wrapped container, for the agent's too.
//!
//! EKS (IRSA, Pod Identity), Azure Workload Identity and Workload Identity Federation add variables
//! and a volume with a token to the containers that they find. Called before us they find the
//! author's alone, so what they added is copied; called after us they find ours as well, and what
//! they add there is kept when we are called again (`patch/merge.rs`).

use agent_config::methods;
use contract::{names, paths};
use k8s_openapi::api::core::v1::VolumeMount;

use super::system::{self, is_at_or_below};
use crate::plan::surveyed::Surveyed;
use crate::pod::{Container, ContainerPath, VolumeMount as Mount};

/// What the agent's container gets.
#[derive(Debug, Default)]
pub(in crate::plan) struct Cloud {
    /// Variables, name and value.
    pub(in crate::plan) variables: Vec<(&'static str, String)>,
    /// The mounts that their files lie in.
    pub(in crate::plan) mounts: Vec<VolumeMount>,
    /// What the author should know.
    pub(in crate::plan) warnings: Vec<String>,
}

/// The way to a cloud where only a proxy leads out. `HTTP_PROXY` is none: see env-exec.
const EGRESS: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"];

/// Whether platforms' own webhooks add this variable to the containers that they find.
pub(crate) fn is_of_platform(name: &str) -> bool {
    let identity = methods::ALL.iter().flat_map(|method| method.identity);
    identity.chain(&EGRESS).any(|known| *known == name)
}

impl Cloud {
    /// Of the first wrapped container that has any of a method's variables; a mixture of several
    /// could be an identity that nobody meant. The way to a cloud is for those who ask one.
    pub(super) fn of(
        identity: &[&'static str],
        asks_cloud: bool,
        wrapped: &[&Surveyed<'_, '_>],
    ) -> Self {
        let first = |names: &[&'static str]| {
            wrapped
                .iter()
                .map(|surveyed| Self::of_container(names, surveyed))
                .find(|cloud| !cloud.variables.is_empty())
                .unwrap_or_default()
        };
        let mut cloud = first(identity);
        if asks_cloud {
            cloud.variables.extend(first(&EGRESS).variables);
        }
        cloud
    }

    fn of_container(identity: &[&'static str], surveyed: &Surveyed<'_, '_>) -> Self {
        let variables = identity
            .iter()
            .filter_map(|name| Some((*name, literal(surveyed, name)?.to_owned())));
        let mut cloud = Self {
            variables: variables.collect(),
            ..Self::default()
        };
        for (name, path) in &cloud.variables {
            if !path.starts_with('/') {
                continue;
            }
            let Some(mount) = mount_of(surveyed.container, path).map(copy) else {
                cloud.warnings.push(format!(
                    "container {}, variable {name}: its file is in no volume that the agent's \
                     container can mount too; mount a volume at its directory",
                    surveyed.name()
                ));
                continue;
            };
            if !cloud.mounts.contains(&mount) {
                cloud.mounts.push(mount);
            }
        }
        cloud
    }
}

/// A variable's value, unless only kubelet or env-exec would know it. The last of a name counts.
fn literal<'p>(surveyed: &Surveyed<'p, '_>, name: &str) -> Option<&'p str> {
    let variables = surveyed.container.env();
    let index = variables.iter().rposition(|v| v.name.as_str() == name)?;
    let is_resolved = surveyed.variables.iter().any(|v| v.index == index);
    variables[index]
        .value
        .as_deref()
        .filter(|value| !is_resolved && !value.is_empty() && !value.contains("$("))
}

/// The innermost mount of the container that `path` lies below, if we may mount it too.
fn mount_of<'p, 'a>(container: &'p Container<'a>, path: &str) -> Option<&'p Mount<'a>> {
    let mounts = container.volume_mounts().iter();
    let mount = mounts
        .filter(|mount| is_at_or_below(path, &mount.mount_path))
        .max_by_key(|mount| ContainerPath::new(&mount.mount_path).as_str().len())?;
    let is_ours = mount.name.starts_with(names::PREFIX)
        || is_at_or_below(&mount.mount_path, paths::ROOT)
        || is_at_or_below(paths::API_TOKEN, &mount.mount_path);
    let may_be_copied = !is_ours && !system::is_hidden_by_volume_at(&mount.mount_path);
    (may_be_copied && mount.sub_path_expr.is_none()).then_some(mount)
}

fn copy(mount: &Mount<'_>) -> VolumeMount {
    VolumeMount {
        name: mount.name.to_string(),
        mount_path: ContainerPath::new(&mount.mount_path).as_str().to_owned(),
        sub_path: mount.sub_path.as_ref().map(ToString::to_string),
        read_only: Some(true),
        ..VolumeMount::default()
    }
}
