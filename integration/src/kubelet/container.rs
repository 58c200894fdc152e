//! One start of a container.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::KubeletError;
use super::error::file_error;
use super::inside::Launch;
use super::manifest::TerminationMessagePolicy;
use super::mounts::separate_processes;
use super::node::CONTAINER;
use crate::process::{Background, ProcessError, Signal};

/// What kubelet keeps of a termination message that a container wrote, and of a log in its place.
const LONGEST_MESSAGE: usize = 4096;
const LONGEST_LOG: usize = 2048;

/// A container that was started.
pub struct Container {
    name: String,
    process: Background,
    log: PathBuf,
    message: PathBuf,
    policy: TerminationMessagePolicy,
    started: Instant,
    started_at: SystemTime,
    end: Option<End>,
}

/// How a container ended.
#[derive(Clone, Debug)]
pub struct End {
    /// Its exit code; 128 and the signal's number if a signal ended it.
    pub code: i32,
    /// What it left for `kubectl describe pod`.
    pub message: String,
    /// From its start until its end was seen.
    pub elapsed: Duration,
}

/// What one start needs on the node's disk.
pub(super) struct Files {
    pub(super) root: PathBuf,
    launch: PathBuf,
    log: PathBuf,
    pub(super) message: PathBuf,
}

impl Files {
    /// Makes them below a directory.
    pub(super) fn new(directory: &Path, name: &str, start: usize) -> Result<Self, KubeletError> {
        let file = |kind: &str| directory.join(format!("{start}-{name}.{kind}"));
        let (root, message) = (file("root"), file("message"));
        fs::create_dir(&root).map_err(file_error("make the directory", &root))?;
        fs::write(&message, "").map_err(file_error("write", &message))?;
        fs::set_permissions(&message, Permissions::from_mode(0o666))
            .map_err(file_error("set the mode of", &message))?;
        Ok(Self {
            root,
            launch: file("json"),
            log: file("log"),
            message,
        })
    }
}

impl Container {
    pub(super) fn start(
        helper: &Path,
        name: &str,
        launch: &Launch,
        files: Files,
        policy: TerminationMessagePolicy,
    ) -> Result<Self, KubeletError> {
        let text = serde_json::to_vec(launch)
            .map_err(|error| file_error("write", &files.launch)(error.into()))?;
        fs::write(&files.launch, text).map_err(file_error("write", &files.launch))?;
        let mut command = Command::new(helper);
        command.arg(CONTAINER).arg(&files.launch).env_clear();
        let started = Instant::now();
        Ok(Self {
            name: name.to_owned(),
            started_at: SystemTime::now(),
            process: start_apart(&mut command, &files.log)?,
            log: files.log,
            message: files.message,
            policy,
            started,
            end: None,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of its first process on this machine; inside the container that is 1.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Whether its first process runs.
    pub fn is_running(&self) -> bool {
        self.end.is_none() && self.process.is_running()
    }

    /// How it ended, if it did and somebody waited for it.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// All that it has written so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// The last lines of what it has written.
    pub fn log_tail(&self) -> String {
        self.process.log_tail()
    }

    /// From its start until it wrote to its log last.
    pub fn until_last_line(&self) -> Result<Duration, KubeletError> {
        let written = fs::metadata(&self.log).and_then(|file| file.modified());
        let written = written.map_err(file_error("look at", &self.log))?;
        // A file's time comes from a clock that ticks every few milliseconds.
        Ok(written.duration_since(self.started_at).unwrap_or_default())
    }

    /// Sends a signal to its first process.
    pub fn signal(&self, signal: Signal) -> Result<(), KubeletError> {
        Ok(self.process.signal(signal)?)
    }

    /// How it ends; an error if it has not when `limit` has passed.
    pub fn wait(&mut self, limit: Duration) -> Result<&End, KubeletError> {
        if self.end.is_none() {
            let status = self.process.wait(limit)?;
            let elapsed = self.started.elapsed();
            let end = End {
                code: exit_code(status),
                message: self.read_message(status)?,
                elapsed,
            };
            self.end = Some(end);
        }
        self.end
            .as_ref()
            .ok_or_else(|| KubeletError::NoContainer(self.name.clone()))
    }

    /// Ends it and all that it started.
    pub(super) fn kill(&mut self) -> Result<(), KubeletError> {
        const AT_ONCE: Duration = Duration::from_secs(10);
        if self.is_running() {
            self.signal(Signal::KILL)?;
        }
        self.wait(AT_ONCE).map(drop)
    }

    fn read_message(&self, status: ExitStatus) -> Result<String, KubeletError> {
        let written = fs::read(&self.message).map_err(file_error("read", &self.message))?;
        let text = String::from_utf8_lossy(&written[..written.len().min(LONGEST_MESSAGE)]);
        let falls_back = self.policy == TerminationMessagePolicy::FallbackToLogsOnError;
        if !text.is_empty() || !falls_back || status.success() {
            return Ok(text.into_owned());
        }
        let log = self.log();
        let start = log.len().saturating_sub(LONGEST_LOG);
        let start = (start..=log.len()).find(|at| log.is_char_boundary(*at));
        Ok(log[start.unwrap_or_default()..].to_owned())
    }
}

/// Starts a program as the first of a PID namespace. Only the thread's next child is; the thread
/// could start no other thread afterwards, so it is one of its own.
fn start_apart(command: &mut Command, log: &Path) -> Result<Background, KubeletError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let start = || {
        separate_processes().map_err(|source| ProcessError::Start { program, source })?;
        Background::start(command, log)
    };
    let started = thread::scope(|scope| scope.spawn(start).join());
    match started {
        Ok(started) => Ok(started?),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

fn exit_code(status: ExitStatus) -> i32 {
    status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(255)
}
