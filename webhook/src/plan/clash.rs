//! Names, paths and variables that are ours: what is submitted under them is regenerated or
//! refused, never trusted.

use std::collections::{BTreeMap, BTreeSet};

use contract::{names, paths};
use k8s_openapi::api::core::v1::Volume;

use super::access::Access;
use super::context::Context;
use super::decision::CopiedMounts;
use super::mounts::{MadeMounts, WrapMounts};
use super::neighbours;
use super::ours::is_ours;
use super::refusal::{Refusal, Refusals};
use super::surveyed::Surveyed;
use crate::excerpt::excerpt;
use crate::pod::{Container, ContainerPath, PodView, VolumeMount};

/// What holds for every pod that the webhook sees, injected or not.
pub(super) fn check_names(pod: &PodView<'_>, surveyed: &[Surveyed<'_, '_>], wrong: &mut Refusals) {
    for (place, container) in pod.containers() {
        if container.name.starts_with(names::PREFIX) && !is_ours(place, &container.name) {
            wrong.push(reserved("container", &container.name));
        }
    }
    for container in surveyed
        .iter()
        .filter(|container| brings_settings(container))
    {
        wrong.push(Refusal::OwnSettings {
            container: container.name().into(),
        });
    }
}

/// One settings variable behind our own command is the copy of an earlier admission.
fn brings_settings(container: &Surveyed<'_, '_>) -> bool {
    let mut settings = container
        .container
        .env()
        .iter()
        .filter(|variable| variable.name.as_str() == names::SETTINGS_VARIABLE);
    match settings.next() {
        None => false,
        Some(first) => {
            !container.is_wrapped || first.value_from.is_some() || settings.next().is_some()
        }
    }
}

/// What holds for a pod that is not injected: nothing of an earlier admission, or of somebody who
/// pretends to be one, is left to run with settings that nobody renews.
pub(super) fn check_leftovers(
    pod: &PodView<'_>,
    surveyed: &[Surveyed<'_, '_>],
    wrong: &mut Refusals,
) {
    for (_, ours) in pod
        .containers()
        .filter(|(place, c)| is_ours(*place, &c.name))
    {
        wrong.push(Refusal::LeftoverInit {
            name: ours.name.to_string(),
        });
    }
    check_wrapped(surveyed, &[], wrong);
}

/// A container that is wrapped already is wrapped again.
fn check_wrapped(surveyed: &[Surveyed<'_, '_>], wrapped: &[WrapMounts<'_>], wrong: &mut Refusals) {
    let selected: BTreeSet<_> = wrapped.iter().map(|mounts| mounts.container).collect();
    for container in surveyed {
        if container.is_wrapped && !selected.contains(container.name()) {
            wrong.push(Refusal::LeftoverWrap {
                container: container.name().into(),
            });
        }
    }
}

/// What holds for a pod that is injected with these volumes. Gives the mounts that another injector has
/// copied.
pub(super) fn check_injected(
    context: &Context<'_>,
    access: &Access<'_>,
    volumes: &[Volume],
    wrong: &mut Refusals,
) -> Vec<CopiedMounts> {
    let (pod, surveyed) = (context.pod, context.surveyed);
    let mounts = context.wrapped_names().map(|container| WrapMounts {
        container,
        token: access.token_volume(),
    });
    let wrapped = &mounts.collect::<Vec<_>>()[..];
    let mut names = BTreeSet::new();
    let containers = pod
        .containers()
        .map(|(_, container)| container.name.as_str());
    for name in containers.filter(|name| !names.insert(*name)) {
        wrong.push(Refusal::DuplicateContainer {
            name: name.to_owned(),
        });
    }
    check_wrapped(surveyed, wrapped, wrong);
    let volumes: BTreeSet<_> = volumes.iter().map(|volume| volume.name.as_str()).collect();
    let is_stranger = |name: &str| name.starts_with(names::PREFIX) && !volumes.contains(name);
    for volume in &pod.spec.volumes {
        if is_stranger(&volume.name) {
            wrong.push(reserved("volume", &volume.name));
        }
    }
    let by_name: BTreeMap<_, _> = wrapped.iter().map(|own| (own.container, own)).collect();
    let mut copied = Vec::new();
    for container in surveyed {
        let mounts = neighbours::copied_mounts(pod, container.container, wrapped);
        let ours = by_name.get(container.name()).copied();
        wrong.take(check_mounts(container, ours, &mounts));
        wrong.take(check_paths(container.container));
        if !mounts.is_empty() {
            copied.push(CopiedMounts {
                container: container.name().into(),
                place: container.place,
                mounts,
            });
        }
    }
    copied
}

/// Mounts of our volumes, or below our directory, are those that we made.
fn check_mounts(
    container: &Surveyed<'_, '_>,
    ours: Option<&WrapMounts<'_>>,
    copies: &[usize],
) -> Result<(), Refusal> {
    let ours = ours.map(|mounts| MadeMounts::of(std::slice::from_ref(mounts)));
    for (index, mount) in container.container.volume_mounts().iter().enumerate() {
        let is_made = || ours.as_ref().is_some_and(|ours| ours.hold(mount));
        if is_reserved(mount) && !is_made() && copies.binary_search(&index).is_err() {
            return Err(Refusal::ReservedMount {
                container: container.name().into(),
                volume: mount.name.to_string(),
                path: mount.mount_path.to_string(),
            });
        }
    }
    Ok(())
}

/// kubelet mounts a file over the termination message's path, and makes a device at a device's.
fn check_paths(container: &Container<'_>) -> Result<(), Refusal> {
    let message = container.termination_message_path.iter();
    let message = message.map(|path| ("terminationMessagePath", path));
    let devices = container.volume_devices.iter();
    let mut all = devices
        .map(|device| ("volumeDevices", &device.device_path))
        .chain(message);
    match all.find(|(_, path)| is_below_root(path)) {
        None => Ok(()),
        Some((field, path)) => Err(Refusal::ReservedPath {
            container: container.name.to_string(),
            field,
            path: excerpt(path).to_owned(),
        }),
    }
}

fn is_reserved(mount: &VolumeMount<'_>) -> bool {
    mount.name.starts_with(names::PREFIX) || is_below_root(&mount.mount_path)
}

fn is_below_root(path: &str) -> bool {
    ContainerPath::new(path).is_at_or_below(paths::ROOT)
}

/// A warning where a pod that opts out brings our names: nothing of it is read, let alone regenerated.
pub(super) fn warn_of_names_left_alone(pod: &PodView<'_>) -> Option<String> {
    let containers = pod
        .containers()
        .map(|(_, container)| ("container", &container.name));
    let volumes = pod
        .spec
        .volumes
        .iter()
        .map(|volume| ("volume", &volume.name));
    let mut ours = containers
        .chain(volumes)
        .filter(|(_, name)| name.starts_with(names::PREFIX));
    let (what, first) = ours.next()?;
    let more = match ours.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "{what} {}{more}: not made or checked by tokenpipe, because {}inject is \"false\"; rename \
         it if it is not a copy",
        excerpt(first),
        names::ANNOTATION_PREFIX
    ))
}

fn reserved(what: &'static str, name: &str) -> Refusal {
    Refusal::ReservedName {
        what,
        name: name.to_owned(),
    }
}
