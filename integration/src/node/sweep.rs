//! Removing every trace of a node, however it ended.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::daemons::signal_process;
use super::files::CONTROL_GROUP;
use super::namespaces::find_marked;
use super::place::Place;
use super::{NodeError, network};
use crate::process::Signal;
use crate::wait::wait_for;

const CONTROL_GROUPS: &str = "/sys/fs/cgroup";
const LIMIT: Duration = Duration::from_secs(60);

/// Ends what runs, and removes what is left. Nothing of it is an error if it is not there.
pub(super) fn sweep_node(place: &Place) -> Result<(), NodeError> {
    wait_for("the end of the node's processes", LIMIT, || {
        kill_marked(place)
    })?;
    // What was killed with its namespace may still be ending, and holds its control group.
    wait_for(
        "the end of the node's control groups",
        LIMIT,
        remove_control_groups,
    )?;
    network::remove_link()?;
    let removed = wait_for("the end of the node's files", LIMIT, || {
        remove_files(place.directory())
    });
    Ok(removed?)
}

/// Kills everything with the node's mark, one of which is the first process: the kernel then kills
/// all that are in its namespace.
fn kill_marked(place: &Place) -> io::Result<()> {
    let processes = find_marked(place)?;
    for process in &processes {
        signal_process(process.id, Signal::KILL)?;
    }
    match processes.first() {
        None => Ok(()),
        Some(process) => Err(io::Error::other(format!("{} still runs", process.name()))),
    }
}

/// The node's group in every hierarchy; one if there is one hierarchy.
pub(super) fn control_groups() -> io::Result<Vec<PathBuf>> {
    let top = Path::new(CONTROL_GROUPS);
    if top.join("cgroup.controllers").exists() {
        return Ok(vec![top.join(CONTROL_GROUP)]);
    }
    let hierarchies = fs::read_dir(top)?.flatten().filter(|entry| {
        // Some are links to another, such as cpu to cpu,cpuacct.
        entry.file_type().is_ok_and(|kind| kind.is_dir())
    });
    Ok(hierarchies
        .map(|entry| entry.path().join(CONTROL_GROUP))
        .collect())
}

/// Makes the group that kubelet wants to find.
pub(super) fn make_control_groups() -> io::Result<()> {
    for group in control_groups()? {
        match fs::create_dir(&group) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                let reason = format!("{}: {error}", group.display());
                return Err(io::Error::new(error.kind(), reason));
            }
            _ => {}
        }
    }
    Ok(())
}

fn remove_control_groups() -> io::Result<()> {
    control_groups()?
        .iter()
        .try_for_each(|group| remove_control_group(group))
}

/// A group goes after those below it; its files go with it.
fn remove_control_group(group: &Path) -> io::Result<()> {
    let below = match fs::read_dir(group) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        below => below?,
    };
    for entry in below.flatten() {
        if entry.file_type()?.is_dir() {
            remove_control_group(&entry.path())?;
        }
    }
    match fs::remove_dir(group) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io::Error::new(
            error.kind(),
            format!("{}: {error}", group.display()),
        )),
        _ => Ok(()),
    }
}

fn remove_files(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
