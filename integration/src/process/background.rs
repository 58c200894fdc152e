//! A program that runs beside the test.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use super::{ProcessError, Signal, group::Group, last_lines};

/// A program that runs until this is dropped. Its stdin is empty; what it writes goes to a file.
pub struct Background {
    group: Group,
    log: PathBuf,
}

impl Background {
    /// Starts a program; stdout and stderr go to `log`, which is replaced.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self, ProcessError> {
        let files = File::create(log).and_then(|file| Ok((file.try_clone()?, file)));
        let (stdout, stderr) = files.map_err(|source| ProcessError::Start {
            program: command.get_program().to_string_lossy().into_owned(),
            source,
        })?;
        command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        Ok(Self {
            group: Group::start(command)?,
            log: log.to_owned(),
        })
    }

    /// The path of its program.
    pub fn program(&self) -> &str {
        self.group.program()
    }

    /// Its process id, which is also that of its process group.
    pub fn id(&self) -> u32 {
        self.group.child.id()
    }

    /// Whether it has not ended.
    pub fn is_running(&self) -> bool {
        self.group.is_running()
    }

    /// Sends a signal to it, and not to what it started.
    pub fn signal(&self, signal: Signal) -> Result<(), ProcessError> {
        self.group.signal(signal)
    }

    /// The status with which it ends by itself. If it still runs when `limit` has passed, it is
    /// killed and that is the error.
    pub fn wait(&mut self, limit: Duration) -> Result<ExitStatus, ProcessError> {
        if let Some(status) = self.group.wait(limit)? {
            return Ok(status);
        }
        self.group.end()?;
        let program = self.group.program().to_owned();
        Err(ProcessError::Deadline {
            program,
            limit,
            tail: self.log_tail(),
        })
    }

    /// All that it has written so far; what is not UTF-8 is replaced.
    pub fn log(&self) -> String {
        fs::read(&self.log).map_or_else(
            |error| format!("cannot read {}: {error}", self.log.display()),
            |bytes| String::from_utf8_lossy(&bytes).into_owned(),
        )
    }

    /// The last lines of what it has written, for a message.
    pub fn log_tail(&self) -> String {
        last_lines(&self.log(), 20)
    }
}
