//! What the machine has for pods.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use super::image::strip_tag;
use super::mounts::separate_mounts;
use super::{Image, Issuer, KubeletError};
use crate::temp;

/// The first argument by which the helper of [`Node::new`] is to call [`super::become_command`]
/// with the second.
pub const CONTAINER: &str = "kubelet-container";

/// The exit code of a container whose command could not be executed, as kubelet shows it.
pub const NOT_STARTED: u8 = 128;

/// The map of a Secret or ConfigMap: key to contents.
pub type Data = BTreeMap<String, Vec<u8>>;

/// What a cluster has besides pods.
#[derive(Default)]
pub(super) struct Cluster {
    pub(super) secrets: Objects,
    pub(super) config_maps: Objects,
}

/// Secrets or ConfigMaps by name.
#[derive(Default)]
pub(super) struct Objects(BTreeMap<String, Data>);

impl Objects {
    /// The map of an object, or a sentence.
    pub(super) fn get(&self, name: &str) -> Result<&Data, String> {
        let absent = || format!("there is no Secret or ConfigMap {name}");
        self.0.get(name).ok_or_else(absent)
    }

    pub(super) fn insert(&mut self, name: &str, data: Data) {
        self.0.insert(name.to_owned(), data);
    }
}

/// A machine that runs pods. The thread that makes it gets mounts of its own, in which alone the
/// pods' volumes can be seen: so it, and its pods, stay in this thread.
pub struct Node {
    pub(super) helper: PathBuf,
    pub(super) issuer: Issuer,
    pub(super) cluster: Cluster,
    images: BTreeMap<String, Image>,
    _this_thread: PhantomData<*const ()>,
}

impl Node {
    /// A machine without images. `helper` is a program that, called with [`CONTAINER`] and a path,
    /// becomes a container's command.
    pub fn new(helper: &Path, issuer: Issuer) -> Result<Self, KubeletError> {
        if !geteuid().is_root() {
            return Err(KubeletError::NotRoot);
        }
        // What cleans up behind this process must see the machine's own mounts.
        temp::create_directory("node")
            .map_err(super::error::file_error("make a directory below", helper))?;
        separate_mounts()?;
        Ok(Self {
            helper: helper.to_owned(),
            issuer,
            cluster: Cluster::default(),
            images: BTreeMap::new(),
            _this_thread: PhantomData,
        })
    }

    /// Gives it an image, which pods may name with any tag.
    #[must_use]
    pub fn with_image(mut self, name: &str, image: Image) -> Self {
        self.images.insert(name.to_owned(), image);
        self
    }

    /// Gives the cluster a Secret.
    #[must_use]
    pub fn with_secret(mut self, name: &str, data: Data) -> Self {
        self.cluster.secrets.insert(name, data);
        self
    }

    /// Gives the cluster a ConfigMap.
    #[must_use]
    pub fn with_config_map(mut self, name: &str, data: Data) -> Self {
        self.cluster.config_maps.insert(name, data);
        self
    }

    /// Who signs the tokens of its pods.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    pub(super) fn find_image(&self, container: &str, name: &str) -> Result<&Image, KubeletError> {
        self.images
            .get(strip_tag(name))
            .ok_or_else(|| KubeletError::Image {
                container: container.to_owned(),
                image: name.to_owned(),
                known: self.images.keys().cloned().collect::<Vec<_>>().join(", "),
            })
    }
}
