//! What the node knows about pods that no API tells.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::Node;
use super::namespaces::numbers;
use crate::demo::processes::Process;

impl Node {
    /// The processes of a container, the first of them first. The identifier is that of the pod's
    /// status, with or without `containerd://`.
    pub fn processes(&self, container: &str) -> io::Result<Vec<Process>> {
        let identifier = container.trim_start_matches("containerd://");
        let is_inside = |id: &u32| {
            // The last part of a path that every hierarchy has.
            fs::read_to_string(format!("/proc/{id}/cgroup"))
                .is_ok_and(|groups| groups.lines().any(|group| group.ends_with(identifier)))
        };
        // What ends meanwhile is left out.
        let mut processes: Vec<_> = numbers()?
            .filter(is_inside)
            .filter_map(|id| Process::read(id).ok())
            .collect();
        processes.sort_by_key(|process| (process.inner_id().ok().flatten() != Some(1), process.id));
        Ok(processes)
    }

    /// A path of the node, as this machine sees it.
    pub fn path(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.init))
    }

    /// What kubelet keeps of the pod with this identifier.
    pub fn pod_directory(&self, uid: &str) -> PathBuf {
        self.path(&format!("/var/lib/kubelet/pods/{uid}"))
    }

    /// The directory of an `emptyDir` volume of a pod.
    pub fn empty_dir(&self, uid: &str, volume: &str) -> PathBuf {
        let volumes = self.pod_directory(uid).join("volumes");
        volumes.join("kubernetes.io~empty-dir").join(volume)
    }

    /// What containerd has written of what containers say, a directory for each pod.
    pub fn pod_logs(&self) -> PathBuf {
        self.path("/var/log/pods")
    }

    /// The log of each of the node's programs.
    pub fn daemon_logs(&self) -> PathBuf {
        self.place.file("logs")
    }
}
