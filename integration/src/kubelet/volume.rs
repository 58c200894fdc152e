//! A pod's volumes: directories, and tmpfs where kubelet uses it.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use rustix::mount::{UnmountFlags, unmount};

use super::error::file_error;
use super::issuer::Subject;
use super::manifest::{EmptyDir, Manifest, Medium, Projected, Volume};
use super::mounts::mount_tmpfs;
use super::{Data, KubeletError, Node};

/// The audience of a token that asks for none: the API server's own.
const API_AUDIENCE: &str = "https://kubernetes.default.svc.cluster.local";

/// The volumes of a pod. What is mounted is unmounted when this is dropped.
pub(super) struct Volumes(BTreeMap<String, PathBuf>);

impl Volumes {
    /// Makes the volumes of a pod below a directory.
    pub(super) fn make_volumes(
        node: &Node,
        manifest: &Manifest,
        directory: &Path,
    ) -> Result<Self, KubeletError> {
        let mut volumes = Self(BTreeMap::new());
        for volume in &manifest.spec.volumes {
            let place = directory.join(format!("volume-{}", volume.name));
            fs::create_dir(&place).map_err(file_error("make the directory", &place))?;
            volumes.0.insert(volume.name.clone(), place.clone());
            fill_volume(node, manifest, volume, &place)?;
        }
        Ok(volumes)
    }

    /// The directory of a volume.
    pub(super) fn find_place(&self, name: &str) -> Option<&Path> {
        self.0.get(name).map(PathBuf::as_path)
    }
}

impl Drop for Volumes {
    fn drop(&mut self) {
        for place in self.0.values() {
            // A volume on the disk is no mount, and whatever fails here goes with the namespace.
            let _ = unmount(place, UnmountFlags::DETACH);
        }
    }
}

fn fill_volume(
    node: &Node,
    manifest: &Manifest,
    volume: &Volume,
    place: &Path,
) -> Result<(), KubeletError> {
    let Volume {
        name,
        empty_dir,
        projected: project,
        secret,
        config_map,
    } = volume;
    let (secrets, config_maps) = (&node.cluster.secrets, &node.cluster.config_maps);
    match (empty_dir, project, secret, config_map) {
        (Some(source), None, None, None) => mount_empty_dir(name, source, place),
        (None, Some(source), None, None) => fill_projected(node, manifest, source, place),
        (None, None, Some(source), None) => {
            let data = secrets.get(&source.secret_name);
            publish_object(name, data, source.default_mode, place)
        }
        (None, None, None, Some(source)) => {
            let data = config_maps.get(&source.name);
            publish_object(name, data, source.default_mode, place)
        }
        _ => Err(volume_error(
            &volume.name,
            "needs exactly one source".to_owned(),
        )),
    }
}

/// kubelet gives a tmpfs mode 1777, and a directory on the node's disk 0777.
fn mount_empty_dir(name: &str, source: &EmptyDir, place: &Path) -> Result<(), KubeletError> {
    match source.medium {
        Medium::Memory => {
            let size = source.size_limit.as_deref().map(|text| {
                parse_quantity(text)
                    .ok_or_else(|| volume_error(name, format!("sizeLimit {text:?} is not known")))
            });
            mount_tmpfs(place, "1777", size.transpose()?)
        }
        Medium::Disk => set_mode(place, 0o777),
    }
}

fn fill_projected(
    node: &Node,
    manifest: &Manifest,
    source: &Projected,
    place: &Path,
) -> Result<(), KubeletError> {
    let subject = Subject {
        namespace: &manifest.metadata.namespace,
        account: &manifest.spec.service_account_name,
        pod: &manifest.metadata.name,
    };
    let mut files = Vec::new();
    for source in &source.sources {
        let request = &source.service_account_token;
        let audience = request.audience.as_deref().filter(|text| !text.is_empty());
        let audience = audience.unwrap_or(API_AUDIENCE);
        let token = node
            .issuer
            .issue_token(&subject, audience, request.expiration_seconds)?;
        files.push((request.path.clone(), token.into_bytes()));
    }
    let user = manifest.spec.common_user();
    let mode = if user.is_some() {
        0o600
    } else {
        source.default_mode
    };
    mount_tmpfs(place, "1777", None)?;
    publish_files(place, &files, mode, user)
}

/// A Secret or ConfigMap. kubelet has the latter on the node's disk, which makes no difference here.
fn publish_object(
    name: &str,
    data: Result<&Data, String>,
    mode: u32,
    place: &Path,
) -> Result<(), KubeletError> {
    let data = data.map_err(|reason| volume_error(name, reason))?;
    let files: Vec<_> = data
        .iter()
        .map(|(file, bytes)| (file.clone(), bytes.clone()))
        .collect();
    mount_tmpfs(place, "1777", None)?;
    publish_files(place, &files, mode, None)
}

/// Writes files the way kubelet's atomic writer does: into a directory of this version, to which
/// `..data` points, and through which each file's name is a link.
fn publish_files(
    place: &Path,
    files: &[(String, Vec<u8>)],
    mode: u32,
    user: Option<u32>,
) -> Result<(), KubeletError> {
    const VERSION: &str = "..version";
    let version = place.join(VERSION);
    fs::create_dir(&version).map_err(file_error("make the directory", &version))?;
    set_mode(&version, 0o755)?;
    for (name, bytes) in files {
        let file = version.join(name);
        fs::write(&file, bytes).map_err(file_error("write", &file))?;
        chown(&file, user, None).map_err(file_error("give away", &file))?;
        set_mode(&file, mode)?;
    }
    let links = files
        .iter()
        .map(|(name, _)| (Path::new("..data").join(name), place.join(name)));
    for (target, link) in [(PathBuf::from(VERSION), place.join("..data"))]
        .into_iter()
        .chain(links)
    {
        symlink(target, &link).map_err(file_error("make the link", &link))?;
    }
    Ok(())
}

/// A quantity such as `16Mi`.
fn parse_quantity(quantity: &str) -> Option<u64> {
    let digits = quantity.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &quantity[digits.len()..] {
        "" => 1,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

fn set_mode(path: &Path, mode: u32) -> Result<(), KubeletError> {
    fs::set_permissions(path, Permissions::from_mode(mode))
        .map_err(file_error("set the mode of", path))
}

fn volume_error(volume: &str, reason: String) -> KubeletError {
    KubeletError::Volume {
        volume: volume.to_owned(),
        reason,
    }
}
