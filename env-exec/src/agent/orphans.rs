//! Processes that the agent leaves behind: none of them may live to see what is handed over.

use std::collections::BTreeSet;
use std::fs;
use std::process;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::error::AgentError;

/// How long processes may take to be gone that were killed.
const LIMIT: Duration = Duration::from_secs(10);

/// How often to look whether they are.
const PAUSE: Duration = Duration::from_millis(2);

/// Has the kernel give us every process whose parent ends, whatever session or group it is in.
pub(super) fn adopt() -> Result<(), AgentError> {
    prctl::set_child_subreaper(true).map_err(|errno| wrong(errno.desc()))
}

/// Ends all descendants of this process. That it has no child left says that it has no descendant.
pub(super) fn end_all() -> Result<(), AgentError> {
    let end = Instant::now() + LIMIT;
    while has_children()? {
        if Instant::now() >= end {
            return Err(wrong("they do not end when they are killed"));
        }
        for id in descendants() {
            // It may have ended by now; the next round tells.
            let _ = kill(id, Signal::SIGKILL);
        }
        sleep(PAUSE);
    }
    Ok(())
}

/// Takes note of all that have ended; whether others have not.
fn has_children() -> Result<bool, AgentError> {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG | WaitPidFlag::__WALL)) {
            Ok(WaitStatus::StillAlive) => return Ok(true),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(Errno::ECHILD) => return Ok(false),
            Err(errno) => return Err(wrong(errno.desc())),
        }
    }
}

/// Children, and theirs. Each round may find some that were made meanwhile.
fn descendants() -> Vec<Pid> {
    let pairs: Vec<(i32, i32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|id| Some((id, parent(id)?)))
        .collect();
    let mut found = BTreeSet::from([Pid::this().as_raw()]);
    loop {
        let known = found.len();
        let children = pairs.iter().filter(|(_, parent)| found.contains(parent));
        let children: Vec<_> = children.map(|(id, _)| *id).collect();
        found.extend(children);
        if found.len() == known {
            break;
        }
    }
    found.remove(&Pid::this().as_raw());
    if found.is_empty() && process::id() == 1 {
        // `/proc` shows nothing: everything else in the container, which the kernel makes of this.
        return vec![Pid::from_raw(-1)];
    }
    found.into_iter().map(Pid::from_raw).collect()
}

/// Field 4 of `/proc/PID/stat`; the second is the program's name in parentheses and may hold anything.
fn parent(id: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_ascii_whitespace().nth(1)?.parse().ok()
}

fn wrong(reason: &str) -> AgentError {
    AgentError::Place {
        place: "processes that the agent left behind".into(),
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Pid, descendants};
    use std::process::Command;

    #[test]
    fn descendants_of_a_process_with_a_session_of_its_own_are_found() {
        let script = "setsid sleep 60 & echo $!; wait";
        let mut child = Command::new("/bin/sh")
            .args(["-c", script])
            .spawn()
            .unwrap();
        let id = Pid::from_raw(i32::try_from(child.id()).unwrap());
        let begin = std::time::Instant::now();
        loop {
            let found = descendants();
            if found.contains(&id)
                && found
                    .iter()
                    .any(|other| super::parent(other.as_raw()) == Some(id.as_raw()))
            {
                break;
            }
            assert!(begin.elapsed().as_secs() < 10, "{found:?}");
        }
        for found in descendants() {
            if super::parent(found.as_raw()) == Some(id.as_raw()) {
                nix::sys::signal::kill(found, nix::sys::signal::Signal::SIGKILL).unwrap();
            }
        }
        child.wait().unwrap();
    }
}
