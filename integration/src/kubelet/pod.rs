//! A pod on the machine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::container::Files;
use super::inside::{Identity, Launch, Mount};
use super::manifest::{self, Manifest};
use super::restart::{self, Next};
use super::volume::Volumes;
use super::{Container, KubeletError, Node, environment};
use crate::temp;

/// How long an init container may take. The agent's own deadline is shorter.
const INIT_LIMIT: Duration = Duration::from_secs(180);

/// What container runtimes set where an image says nothing.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A pod. When it is dropped its processes are killed, and its volumes and files go.
pub struct Pod<'n> {
    node: &'n Node,
    manifest: Manifest,
    // These go in this order: processes, the mounts that they used, and what those lay on.
    containers: Vec<Container>,
    volumes: Volumes,
    directory: TempDir,
}

impl<'n> Pod<'n> {
    /// Takes a pod as it comes from admission, and makes its volumes.
    pub fn new(node: &'n Node, pod: &Value) -> Result<Self, KubeletError> {
        let manifest = Manifest::parse(pod)?;
        let failed =
            super::error::file_error("make a directory for", Path::new(&manifest.metadata.name));
        let directory = temp::create_directory("pod").map_err(failed)?;
        let volumes = Volumes::make_volumes(node, &manifest, directory.path())?;
        Ok(Self {
            node,
            manifest,
            containers: vec![],
            volumes,
            directory,
        })
    }

    /// Runs the init containers, one after the other, and starts the others. The first init
    /// container that fails ends it: kubelet would try again, and tests want to know.
    pub fn start(&mut self) -> Result<(), KubeletError> {
        for index in 0..self.manifest.spec.init_containers.len() {
            let container = &self.manifest.spec.init_containers[index];
            let is_sidecar = container.is_sidecar();
            let mut started = self.launch_container(container)?;
            let end = if is_sidecar {
                None
            } else {
                Some(started.wait(INIT_LIMIT)?.clone())
            };
            let log = started.log_tail();
            let container = started.name().to_owned();
            self.containers.push(started);
            if let Some(end) = end.filter(|end| end.code != 0) {
                let (code, message) = (end.code, end.message);
                return Err(KubeletError::Init {
                    container,
                    code,
                    message,
                    log,
                });
            }
        }
        for index in 0..self.manifest.spec.containers.len() {
            let started = self.launch_container(&self.manifest.spec.containers[index])?;
            self.containers.push(started);
        }
        Ok(())
    }

    /// Every start of a container so far, in their order.
    pub fn starts(&self) -> &[Container] {
        &self.containers
    }

    /// The last start of a container.
    pub fn find_container(&mut self, name: &str) -> Result<&mut Container, KubeletError> {
        let found = self
            .containers
            .iter_mut()
            .rfind(|container| container.name() == name);
        found.ok_or_else(|| KubeletError::NoContainer(name.to_owned()))
    }

    /// Where a volume lies on this machine, for whom sees its mounts.
    pub fn find_volume(&self, name: &str) -> Option<&Path> {
        self.volumes.find_place(name)
    }

    /// The directory of logs, termination messages, and volumes.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Waits until a container has ended, and then does what kubelet would do, at once.
    pub fn carry_on(&mut self, name: &str, limit: Duration) -> Result<Next, KubeletError> {
        let code = self.find_container(name)?.wait(limit)?.code;
        let spec = &self.manifest.spec;
        let init = spec
            .init_containers
            .iter()
            .find(|container| container.name == name);
        let container = init.or_else(|| spec.containers.iter().find(|c| c.name == name));
        let container = container.ok_or_else(|| KubeletError::NoContainer(name.to_owned()))?;
        let next = restart::next(container, init.is_some(), spec.restart_policy, code);
        match next {
            Next::Stays => {}
            Next::Restarts => {
                let started = self.launch_container(container)?;
                self.containers.push(started);
            }
            Next::RestartsAll => {
                self.containers.iter_mut().try_for_each(Container::kill)?;
                self.start()?;
            }
        }
        Ok(next)
    }

    fn launch_container(&self, container: &manifest::Container) -> Result<Container, KubeletError> {
        let image = self
            .node
            .find_image(&container.name, &container.image)?
            .clone();
        let identity = self.build_identity(container)?;
        let home = if identity.user == 0 { "/root" } else { "/" };
        let given = [
            ("PATH", PATH),
            ("HOSTNAME", &*self.manifest.metadata.name),
            ("HOME", home),
        ];
        let start = environment::build_start(container, &self.node.cluster, &given)?;
        let files = Files::new(
            self.directory.path(),
            &container.name,
            self.containers.len(),
        )?;
        let launch = Launch {
            image,
            root: files.root.clone(),
            mounts: self.build_mounts(container, &files.message)?,
            read_only_root: container.security_context.read_only_root_filesystem,
            identity,
            directory: container.working_dir.as_deref().unwrap_or("/").into(),
            command: start.command,
            environment: start.environment,
        };
        let policy = container.termination_message_policy;
        Container::start(&self.node.helper, &container.name, &launch, files, policy)
    }

    fn build_identity(&self, container: &manifest::Container) -> Result<Identity, KubeletError> {
        let (own, pod) = (
            &container.security_context,
            &self.manifest.spec.security_context,
        );
        let user = container.user(pod).unwrap_or(0);
        if user == 0 && own.run_as_non_root.or(pod.run_as_non_root) == Some(true) {
            return Err(KubeletError::Root(container.name.clone()));
        }
        Ok(Identity {
            user,
            group: own.run_as_group.or(pod.run_as_group).unwrap_or(0),
            no_capabilities: !own.capabilities.drop.is_empty(),
            no_new_privileges: own.allow_privilege_escalation == Some(false),
        })
    }

    fn build_mounts(
        &self,
        container: &manifest::Container,
        message: &Path,
    ) -> Result<Vec<Mount>, KubeletError> {
        let no_volume = |volume: &str| KubeletError::NoVolume {
            container: container.name.clone(),
            volume: volume.to_owned(),
        };
        let mut mounts = vec![Mount {
            source: message.to_owned(),
            place: PathBuf::from(&container.termination_message_path),
            read_only: false,
        }];
        for mount in &container.volume_mounts {
            let source = self
                .volumes
                .find_place(&mount.name)
                .ok_or_else(|| no_volume(&mount.name))?;
            let place = PathBuf::from(&mount.mount_path);
            mounts.push(Mount {
                source: source.to_owned(),
                place,
                read_only: mount.read_only,
            });
        }
        Ok(mounts)
    }
}
