//! One run of the agent: started, watched, and never outliving us.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::agent_log::{AgentLog, Stream};
use super::error::AgentError;
use super::variables::LONGEST_REQUEST;
use crate::environment::Environment;
use crate::program::Program;
use crate::redactor::{self, Redactor};
use crate::signals::Signals;

/// The longest that a run may be silent: two requests, and some more. An agent that repeats its login by
/// itself says so each time.
const SILENCE: Duration = Duration::from_secs(2 * LONGEST_REQUEST.as_secs() + 15);

/// How long the agent may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(3);

/// How often to look for the end of an agent that has closed its outputs.
const CLOSED: Duration = Duration::from_millis(20);

/// How a run ended, and its log.
pub(super) struct Run {
    /// How the process ended.
    pub(super) ended: Ended,
    /// What it said.
    pub(super) log: AgentLog,
    /// The signal that env-exec got meanwhile, and passed on.
    pub(super) asked_to_end: Option<Signal>,
}

/// How the agent's process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// By itself, with this code.
    Exited(i32),
    /// By a signal that was not ours.
    Killed(i32),
    /// We ended it: it had been silent for too long, or the deadline had come.
    TookTooLong,
    /// We ended it: what it said leaves no hope.
    Hopeless,
}

/// An end that was begun.
struct Ending {
    why: Ended,
    kill_at: Instant,
}

impl Ending {
    fn now(why: Ended) -> Self {
        Self {
            why,
            kill_at: Instant::now() + GRACE,
        }
    }
}

/// A running agent.
pub(super) struct Child<'a> {
    process: std::process::Child,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    log: AgentLog,
    streams: [redactor::Stream; 2],
    filter: Filter<'a>,
}

/// What its output passes.
#[derive(Clone, Copy)]
pub(super) struct Filter<'a> {
    /// Takes credentials out.
    pub(super) redactor: &'a Redactor,
    /// Called when something was said and before it is passed on: it may speak of a token that it has
    /// since a moment ago.
    pub(super) learn: &'a dyn Fn(),
}

impl<'a> Child<'a> {
    /// Starts the agent.
    pub(super) fn start(
        program: &Program,
        variables: &Environment,
        signals: &Signals,
        filter: Filter<'a>,
    ) -> Result<Self, AgentError> {
        let mut command = Command::new(&program.path);
        if let Some((name, arguments)) = program.arguments.split_first() {
            command.arg0(name).args(arguments);
        }
        command
            // What it starts and is to be killed with it is in one group.
            .process_group(0)
            .env_clear()
            .envs(variables.iter())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        signals.release_in(&mut command);
        let mut process = command.spawn().map_err(|error| cannot_run(&error))?;
        let (stdout, stderr) = (process.stdout.take(), process.stderr.take());
        let child = Self {
            process,
            stdout,
            stderr,
            log: AgentLog::default(),
            streams: Default::default(),
            filter,
        };
        child
            .set_nonblocking()
            .map_err(|error| cannot_run(&error))?;
        Ok(child)
    }

    fn set_nonblocking(&self) -> io::Result<()> {
        for descriptor in self.outputs() {
            fcntl(descriptor, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        }
        Ok(())
    }

    fn outputs(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let stdout = self.stdout.as_ref().map(AsFd::as_fd);
        let stderr = self.stderr.as_ref().map(AsFd::as_fd);
        stdout.into_iter().chain(stderr)
    }

    /// Passes its output on and signals to it, until it ends or is ended.
    pub(super) fn watch(mut self, signals: &Signals, end: Instant) -> io::Result<Run> {
        let mut asked_to_end = None;
        let mut ending: Option<Ending> = None;
        let mut last_sign = Instant::now();
        loop {
            if self.listen() {
                last_sign = Instant::now();
            }
            if let Some(status) = self.process.try_wait()? {
                self.listen();
                self.finish();
                return Ok(Run {
                    ended: ending.map_or_else(|| by_itself(status), |ending| ending.why),
                    log: std::mem::take(&mut self.log),
                    asked_to_end,
                });
            }
            if let Some(signal) = ending_signal(signals) {
                asked_to_end.get_or_insert(signal);
                self.signal(signal);
                ending.get_or_insert_with(|| Ending::now(Ended::TookTooLong));
            }
            let limit = end.min(last_sign + SILENCE);
            let limit = match &mut ending {
                Some(ending) => self.press(ending),
                None if self.log.is_hopeless() => self.begin_end(&mut ending, Ended::Hopeless),
                None if Instant::now() >= limit => self.begin_end(&mut ending, Ended::TookTooLong),
                None => limit,
            };
            self.wait_for_news(signals, limit.saturating_duration_since(Instant::now()));
        }
    }

    /// Asks it to end; gives when to look again.
    fn begin_end(&self, ending: &mut Option<Ending>, why: Ended) -> Instant {
        self.signal(Signal::SIGTERM);
        ending.insert(Ending::now(why)).kill_at
    }

    /// Ends it by force when its grace is over; gives when to look again.
    fn press(&self, ending: &mut Ending) -> Instant {
        if Instant::now() >= ending.kill_at {
            self.kill_group();
            ending.kill_at = Instant::now() + GRACE;
        }
        ending.kill_at
    }

    fn kill_group(&self) {
        if let Ok(id) = i32::try_from(self.process.id()) {
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
    }

    fn signal(&self, signal: Signal) {
        if let Ok(id) = i32::try_from(self.process.id()) {
            // It may have ended by now; the next `try_wait` tells.
            let _ = kill(Pid::from_raw(id), signal);
        }
    }

    /// Reads what is there; whether there was anything.
    fn listen(&mut self) -> bool {
        let [out, err] = &mut self.streams;
        let mut passage = Passage {
            log: &mut self.log,
            filter: self.filter,
        };
        let out = passage.pass_on(&mut self.stdout, &mut io::stdout(), out, Stream::Out);
        let err = passage.pass_on(&mut self.stderr, &mut io::stderr(), err, Stream::Err);
        out || err
    }

    /// Passes on what was said last, without the end of a line.
    fn finish(&mut self) {
        (self.filter.learn)();
        let [out, err] = &mut self.streams;
        write_all(&mut io::stdout(), &out.finish(self.filter.redactor));
        write_all(&mut io::stderr(), &err.finish(self.filter.redactor));
    }

    fn wait_for_news(&self, signals: &Signals, limit: Duration) {
        let descriptors = std::iter::once(signals.descriptor().as_fd()).chain(self.outputs());
        let mut descriptors: Vec<PollFd<'_>> = descriptors
            .map(|descriptor| PollFd::new(descriptor, PollFlags::POLLIN))
            .collect();
        // An agent that has closed its outputs is about to end.
        let limit = if descriptors.len() == 1 {
            limit.min(CLOSED)
        } else {
            limit
        };
        // One millisecond more, so that the limit has passed when poll returns because of it.
        let limit = limit + Duration::from_millis(1);
        let timeout = PollTimeout::try_from(limit).unwrap_or(PollTimeout::MAX);
        // An error is answered by looking again.
        let _ = poll(&mut descriptors, timeout);
    }
}

/// A signal that asks us to end, among those that came.
fn ending_signal(signals: &Signals) -> Option<Signal> {
    std::iter::from_fn(|| signals.pending()).find(|signal| *signal != Signal::SIGCHLD)
}

impl Drop for Child<'_> {
    fn drop(&mut self) {
        // Only when watching failed: an agent that nobody watches must not go on.
        if matches!(self.process.try_wait(), Ok(None)) {
            self.kill_group();
            let _ = self.process.wait();
        }
    }
}

fn by_itself(status: ExitStatus) -> Ended {
    match status.code() {
        Some(code) => Ended::Exited(code),
        None => Ended::Killed(status.signal().unwrap_or_default()),
    }
}

struct Passage<'a> {
    log: &'a mut AgentLog,
    filter: Filter<'a>,
}

impl Passage<'_> {
    /// Copies output without credentials, and hears it. A pipe that has ended is closed.
    fn pass_on<R: Read>(
        &mut self,
        from: &mut Option<R>,
        to: &mut impl Write,
        stream: &mut redactor::Stream,
        which: Stream,
    ) -> bool {
        let mut buffer = [0; 8192];
        let mut any = false;
        while let Some(pipe) = from {
            match pipe.read(&mut buffer) {
                Ok(0) => *from = None,
                Ok(length) => {
                    any = true;
                    let bytes = &buffer[..length];
                    self.log.bytes(which, bytes);
                    (self.filter.learn)();
                    write_all(to, &stream.push(bytes, self.filter.redactor));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => *from = None,
            }
        }
        any
    }
}

/// With our own output gone the login still goes on.
fn write_all(to: &mut impl Write, bytes: &[u8]) {
    if !bytes.is_empty() {
        let _ = to.write_all(bytes).and_then(|()| to.flush());
    }
}

fn cannot_run(error: &io::Error) -> AgentError {
    let is_forbidden = error.raw_os_error() == Some(Errno::EPERM as i32);
    AgentError::Spawn {
        reason: error.to_string(),
        hint: if is_forbidden {
            "; its file may have the capability cap_ipc_lock, which this container lacks; use \
             another version"
        } else {
            ""
        },
    }
}

#[cfg(test)]
mod tests;
