//! What the node knows about pods that no API tells.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Node;
use super::namespaces::list_process_ids;
use super::sweep::control_groups;
use crate::demo::processes::Process;

/// What the kernel tells about a control group's memory.
const STAT: &str = "memory.stat";

impl Node {
    /// The processes of a container, the first of them first. The identifier is that of the pod's
    /// status, with or without `containerd://`.
    pub fn find_processes(&self, container: &str) -> io::Result<Vec<Process>> {
        let identifier = container.trim_start_matches("containerd://");
        let is_inside = |id: &u32| {
            // The last part of a path that every hierarchy has.
            fs::read_to_string(format!("/proc/{id}/cgroup"))
                .is_ok_and(|groups| groups.lines().any(|group| group.ends_with(identifier)))
        };
        // What ends meanwhile is left out.
        let mut processes: Vec<_> = list_process_ids()?
            .filter(is_inside)
            .filter_map(|id| Process::read(id).ok())
            .collect();
        processes.sort_by_key(|process| (process.inner_id().ok().flatten() != Some(1), process.id));
        Ok(processes)
    }

    /// The memory that a pod holds and that the kernel cannot take back by forgetting a file: that of
    /// its programs, and of files that are nowhere else.
    pub fn pinned_memory(&self, uid: &str) -> io::Result<u64> {
        let name = format!("pod{uid}");
        let groups = control_groups()?;
        let group = groups
            .iter()
            .find_map(|group| find_directory(group, &name).filter(|at| at.join(STAT).exists()));
        let group =
            group.ok_or_else(|| io::Error::other(format!("{name} has no control group")))?;
        let stat = fs::read_to_string(group.join(STAT))?;
        // Of the second version of control groups, and of the first, which has sums with those below.
        let of = |names: [&str; 2]| {
            let lines = stat.lines().filter_map(|line| line.split_once(' '));
            let mut lines = lines.filter(|(name, _)| names.contains(name));
            lines
                .next_back()
                .and_then(|(_, value)| value.parse::<u64>().ok())
                .ok_or_else(|| io::Error::other(format!("{STAT} has none of {names:?}")))
        };
        Ok(of(["anon", "total_rss"])? + of(["shmem", "total_shmem"])?)
    }

    /// A path of the node, as this machine sees it.
    pub fn host_path(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.init))
    }

    /// What kubelet keeps of the pod with this identifier.
    pub fn pod_directory(&self, uid: &str) -> PathBuf {
        self.host_path(&format!("/var/lib/kubelet/pods/{uid}"))
    }

    /// The directory of an `emptyDir` volume of a pod.
    pub fn empty_dir(&self, uid: &str, volume: &str) -> PathBuf {
        let volumes = self.pod_directory(uid).join("volumes");
        volumes.join("kubernetes.io~empty-dir").join(volume)
    }

    /// What containerd has written of what containers say, a directory for each pod.
    pub fn pod_logs(&self) -> PathBuf {
        self.host_path("/var/log/pods")
    }

    /// The log of each of the node's programs.
    pub fn daemon_logs(&self) -> PathBuf {
        self.place.file_path("logs")
    }
}

/// A directory of a name, at any depth.
fn find_directory(below: &Path, name: &str) -> Option<PathBuf> {
    let directories = fs::read_dir(below)
        .ok()?
        .flatten()
        .map(|entry| entry.path());
    let directories: Vec<_> = directories.filter(|path| path.is_dir()).collect();
    let found = directories
        .iter()
        .find(|path| path.ends_with(name))
        .cloned();
    found.or_else(|| {
        directories
            .iter()
            .find_map(|path| find_directory(path, name))
    })
}
