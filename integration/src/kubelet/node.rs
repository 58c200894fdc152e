//! What the machine has for pods.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use super::image::untagged;
use super::mounts::separate_mounts;
use super::{Image, Issuer, KubeletError, SecretData};
use crate::temp;

/// The first argument by which the helper of [`Node::new`] is to call [`super::become_command`]
/// with the second.
pub const CONTAINER: &str = "kubelet-container";

/// The exit code of a container whose command could not be executed, as kubelet shows it.
pub const NOT_STARTED: u8 = 128;

/// A machine that runs pods. The thread that makes it gets mounts of its own, in which alone the
/// pods' volumes can be seen: so it, and its pods, stay in this thread.
pub struct Node {
    pub(super) helper: PathBuf,
    pub(super) issuer: Issuer,
    pub(super) secrets: BTreeMap<String, SecretData>,
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
        temp::directory("node").map_err(super::error::failed("make a directory below", helper))?;
        separate_mounts()?;
        Ok(Self {
            helper: helper.to_owned(),
            issuer,
            secrets: BTreeMap::new(),
            images: BTreeMap::new(),
            _this_thread: PhantomData,
        })
    }

    /// Gives it an image, which pods may name with any tag.
    #[must_use]
    pub fn image(mut self, name: &str, image: Image) -> Self {
        self.images.insert(name.to_owned(), image);
        self
    }

    /// Gives the cluster a Secret.
    #[must_use]
    pub fn secret(mut self, name: &str, data: SecretData) -> Self {
        self.secrets.insert(name.to_owned(), data);
        self
    }

    /// Who signs the tokens of its pods.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    pub(super) fn find_image(&self, container: &str, name: &str) -> Result<&Image, KubeletError> {
        self.images
            .get(untagged(name))
            .ok_or_else(|| KubeletError::Image {
                container: container.to_owned(),
                image: name.to_owned(),
                known: self.images.keys().cloned().collect::<Vec<_>>().join(", "),
            })
    }
}
