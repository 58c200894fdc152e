//! Building images.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::{Built, Image, ImageError};
use crate::process::{self, Output};
use crate::progress::Progress;
use crate::temp;
use crate::tools::{self, Tool};

const LIMIT: Duration = Duration::from_secs(300);
/// Limits that a machine of CI may not raise, and the runtime that works there.
pub(crate) const SETTINGS: &str = r#"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
runtime = "runc"
"#;

/// podman, with a storage of its own that goes when this is dropped.
pub struct Builder {
    storage: TempDir,
}

impl Builder {
    /// With nothing stored.
    pub fn new() -> Result<Self, ImageError> {
        tools::find_all(&[Tool::Podman, Tool::Runc])?;
        let storage = temp::create_directory("podman")?;
        fs::write(storage.path().join("containers.conf"), SETTINGS)?;
        Ok(Self { storage })
    }

    /// What a pod calls this state of an image.
    pub fn image_name(image: Image) -> Result<String, ImageError> {
        let tag = match image {
            // The node's configuration names it.
            Image::Pause => "1".to_owned(),
            image => image.compute_state()?,
        };
        Ok(format!("localhost/{}:{tag}", image.name()))
    }

    /// Builds an image into an archive. Built twice it has the same digest.
    pub fn build_image(&self, image: Image) -> Result<Built, ImageError> {
        let progress = Progress::start(image.name());
        progress.show_detail("building its image");
        let name = self.store_image(image)?;
        let directory = temp::create_directory("image-archive")?;
        let archive = directory.path().join("image.tar");
        let path = archive.to_string_lossy();
        let save = ["save", "--format=oci-archive", "--output", &path, &name];
        self.run_podman("save", image, &save)?;
        Ok(Built {
            digest: read_digest(&archive, &name)?,
            name,
            archive,
            directory,
        })
    }

    /// Builds an image, after those that it is made from, into the storage.
    fn store_image(&self, image: Image) -> Result<String, ImageError> {
        for (base, called) in image.bases() {
            let name = self.store_image(*base)?;
            let called = format!("localhost/{called}");
            self.run_podman("tag", *base, &["tag", &name, &called])?;
        }
        let name = Self::image_name(image)?;
        let context = temp::create_directory("image-context")?;
        image.fill_context(context.path())?;
        let file = image.containerfile();
        let build = [
            "build",
            "--pull=never",
            "--layers=false",
            "--timestamp=0",
            "--tag",
            &name,
            "--file",
            &file.to_string_lossy(),
            &context.path().to_string_lossy(),
        ];
        self.run_podman("build", image, &build)?;
        Ok(name)
    }

    /// Runs podman with its own storage; `vfs`, because it mounts nothing.
    fn run_podman(
        &self,
        action: &'static str,
        image: Image,
        arguments: &[&str],
    ) -> Result<Output, ImageError> {
        let file = |name: &str| self.storage.path().join(name);
        let mut podman = Command::new(tools::find_tool(Tool::Podman)?);
        podman.env("CONTAINERS_CONF", file("containers.conf"));
        podman.arg("--root").arg(file("root"));
        podman.arg("--runroot").arg(file("run"));
        podman.args(["--storage-driver=vfs", "--cgroup-manager=cgroupfs"]);
        let output = process::run_command(podman.args(arguments), LIMIT)?;
        if output.status.success() {
            return Ok(output);
        }
        Err(ImageError::Podman {
            action,
            image: image.name(),
            output,
        })
    }
}

/// The digest of an archive's one manifest.
fn read_digest(archive: &Path, name: &str) -> Result<String, ImageError> {
    let mut tar = Command::new("tar");
    tar.arg("--extract")
        .arg("--to-stdout")
        .arg("--file")
        .arg(archive);
    let index = process::run_command(tar.arg("index.json"), LIMIT)?;
    let index: Value = serde_json::from_slice(&index.stdout).unwrap_or_default();
    let digest = index["manifests"][0]["digest"].as_str();
    digest
        .map(str::to_owned)
        .ok_or_else(|| ImageError::Archive(name.to_owned()))
}
