//! What `/proc` says about processes.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

/// A process that runs.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its number on this machine.
    pub id: u32,
    parent: u32,
    /// The file that it executes, as its own mounts name it.
    pub program: PathBuf,
    /// Its command line.
    pub arguments: Vec<String>,
}

impl Process {
    /// A process, unless it has ended.
    pub fn read(id: u32) -> io::Result<Self> {
        let file = |name: &str| format!("/proc/{id}/{name}");
        let stat = fs::read_to_string(file("stat"))?;
        // The second field is the program's name in parentheses and may hold anything.
        let fields = stat
            .rsplit_once(')')
            .map(|(_, fields)| fields)
            .unwrap_or_default();
        let parent = fields
            .split_ascii_whitespace()
            .nth(1)
            .and_then(|text| text.parse().ok());
        Ok(Self {
            id,
            parent: parent.ok_or(io::ErrorKind::InvalidData)?,
            program: fs::read_link(file("exe"))?,
            arguments: split_texts(&fs::read(file("cmdline"))?),
        })
    }

    /// The name of the file that it executes.
    pub fn name(&self) -> String {
        self.program
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }

    /// The number that it has in its own PID namespace.
    pub fn inner_id(&self) -> io::Result<Option<u32>> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id))?;
        let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
        Ok(numbers.and_then(|text| text.split_ascii_whitespace().last()?.parse().ok()))
    }

    /// The environment that it was started with.
    pub fn read_environment(&self) -> io::Result<BTreeMap<String, String>> {
        let texts = split_texts(&fs::read(format!("/proc/{}/environ", self.id))?);
        let pairs = texts.iter().filter_map(|text| text.split_once('='));
        Ok(pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }
}

/// All processes that descend from one.
pub fn find_descendants(ancestor: u32) -> io::Result<Vec<Process>> {
    let numbers = fs::read_dir("/proc")?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    // What ends meanwhile, and threads of the kernel, are left out.
    let all: BTreeMap<u32, Process> = numbers
        .filter_map(|id| Some((id, Process::read(id).ok()?)))
        .collect();
    let descends = |process: &&Process| {
        let mut parent = Some(process.parent);
        while let Some(id) = parent.filter(|id| *id != ancestor) {
            parent = all.get(&id).map(|process| process.parent);
        }
        parent.is_some()
    };
    Ok(all.values().filter(descends).cloned().collect())
}

fn split_texts(bytes: &[u8]) -> Vec<String> {
    let ended = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    ended
        .split(|byte| *byte == 0)
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn children_and_their_children() {
        let mut child = Command::new("sh")
            .args(["-c", "sleep 1000 & wait"])
            .env("COLOUR", "red=blue")
            .process_group(0)
            .spawn()
            .unwrap();
        let names = || {
            let mut names: Vec<_> = find_descendants(std::process::id())
                .unwrap()
                .iter()
                .filter(|process| {
                    process
                        .read_environment()
                        .is_ok_and(|e| e.contains_key("COLOUR"))
                })
                .map(|process| process.arguments[0].clone())
                .collect();
            names.sort();
            names
        };
        let limit = std::time::Duration::from_secs(10);
        crate::wait::wait_for("both", limit, || names() == ["sh", "sleep"]).unwrap();
        let process = Process::read(child.id()).unwrap();
        assert_eq!(process.read_environment().unwrap()["COLOUR"], "red=blue");
        assert_eq!(process.inner_id().unwrap(), Some(child.id()));
        let group = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap();
        child.wait().unwrap();
        assert!(Process::read(child.id()).is_err());
    }

    use std::os::unix::process::CommandExt;
}
