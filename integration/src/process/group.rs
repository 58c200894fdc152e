//! A program and what it starts, as one process group.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid,
};

use super::{ProcessError, reaper};

/// A program that leads a process group; the group is killed when this is dropped.
pub(super) struct Group {
    program: String,
    pub(super) child: Child,
    pid: Pid,
    status: Option<ExitStatus>,
}

impl Group {
    pub(super) fn start(command: &mut Command) -> Result<Self, ProcessError> {
        let program = command.get_program().to_string_lossy().into_owned();
        let start = |source| ProcessError::Start {
            program: program.clone(),
            source,
        };
        reaper::root_directory().map_err(start)?;
        let child = command.process_group(0).spawn().map_err(start)?;
        let pid = Pid::from_child(&child);
        let group = Self {
            program: program.clone(),
            child,
            pid,
            status: None,
        };
        reaper::register_group(group.child.id()).map_err(start)?;
        Ok(group)
    }

    pub(super) fn program(&self) -> &str {
        &self.program
    }

    /// Sends a signal to the program alone.
    pub(super) fn signal(&self, signal: Signal) -> Result<(), ProcessError> {
        kill_process(self.pid, signal).map_err(|source| self.control_error("signal", source.into()))
    }

    /// Whether the program has not ended.
    pub(super) fn is_running(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        self.status.is_none() && matches!(waitid(WaitId::Pid(self.pid), options), Ok(None))
    }

    /// The status with which the program ends, or nothing if it still runs when `limit` has passed.
    ///
    /// The program stays a zombie until the rest of its group is killed, so that the group's
    /// number cannot come to mean another group in between.
    pub(super) fn wait(&mut self, limit: Duration) -> Result<Option<ExitStatus>, ProcessError> {
        if self.status.is_some() {
            return Ok(self.status);
        }
        let (sender, ended) = mpsc::channel();
        let pid = self.pid;
        thread::spawn(move || {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            // Nobody listens any more when the limit has passed.
            let _ = sender.send(waitid(WaitId::Pid(pid), options));
        });
        match ended.recv_timeout(limit) {
            Err(_) => Ok(None),
            Ok(Err(source)) => Err(self.control_error("wait for", source.into())),
            Ok(Ok(_)) => self.end().map(Some),
        }
    }

    /// Kills the group, and gives the status with which the program ended.
    pub(super) fn end(&mut self) -> Result<ExitStatus, ProcessError> {
        if let Some(status) = self.status {
            return Ok(status);
        }
        // The leader is at least a zombie, so the only failure is a member of another user.
        let _ = kill_process_group(self.pid, Signal::KILL);
        let status = self
            .child
            .wait()
            .map_err(|source| self.control_error("end", source))?;
        reaper::forget_group(self.child.id());
        self.status = Some(status);
        Ok(status)
    }

    fn control_error(&self, action: &'static str, source: io::Error) -> ProcessError {
        ProcessError::Control {
            action,
            program: self.program.clone(),
            source,
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // A drop has nobody to tell, and the reaper looks again.
        let _ = self.end();
    }
}
