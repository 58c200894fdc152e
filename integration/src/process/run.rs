//! Running a program to its end.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use std::os::unix::process::ExitStatusExt;

use super::{ProcessError, group::Group, last_lines};

/// What a program left.
#[derive(Clone)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// All that it wrote to stdout.
    pub stdout: Vec<u8>,
    /// All that it wrote to stderr.
    pub stderr: Vec<u8>,
    /// From before it was started until it had ended.
    pub elapsed: Duration,
}

impl Output {
    /// Its exit code, unless a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// The number of the signal that ended it.
    pub fn signal(&self) -> Option<i32> {
        self.status.signal()
    }

    /// Stdout as text; what is not UTF-8 is replaced.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Stderr as text; what is not UTF-8 is replaced.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// Shows what it wrote as text, for a failing test.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        for (name, text) in [("stdout", self.stdout()), ("stderr", self.stderr())] {
            if !text.is_empty() {
                write!(f, "\n{name}:\n{}", text.trim_end())?;
            }
        }
        Ok(())
    }
}

/// Runs a program with an empty stdin. If it has not ended when `limit` has passed, it is killed
/// and that is the error.
pub fn run_command(command: &mut Command, limit: Duration) -> Result<Output, ProcessError> {
    run_with_input(command, b"", limit)
}

/// Like [`run_command`], with `input` on stdin.
pub fn run_with_input(
    command: &mut Command,
    input: &[u8],
    limit: Duration,
) -> Result<Output, ProcessError> {
    let started = Instant::now();
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = Group::start(command)?;
    feed_stdin(group.child.stdin.take(), input.to_owned());
    let stdout = collect_output(group.child.stdout.take());
    let stderr = collect_output(group.child.stderr.take());
    let status = group.wait(limit)?;
    let elapsed = started.elapsed();
    let ended = group.end()?;

    let program = group.program().to_owned();
    let (Some(stdout), Some(stderr)) = (receive_output(&stdout), receive_output(&stderr)) else {
        return Err(ProcessError::OutputHeld { program });
    };
    if status.is_none() {
        let text = [stdout, stderr].concat();
        let tail = last_lines(&String::from_utf8_lossy(&text), 20);
        return Err(ProcessError::Deadline {
            program,
            limit,
            tail,
        });
    }
    Ok(Output {
        status: ended,
        stdout,
        stderr,
        elapsed,
    })
}

/// Runs a program without a limit, for a build. `each` sees the lines of its stderr as they come,
/// and an empty one every second in which none comes.
pub(crate) fn run_with_lines(
    command: &mut Command,
    mut each: impl FnMut(&str),
) -> Result<Output, ProcessError> {
    const SECOND: Duration = Duration::from_secs(1);
    let started = Instant::now();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = Group::start(command)?;
    let stdout = collect_output(group.child.stdout.take());
    let lines = split_lines(group.child.stderr.take());
    let mut stderr = Vec::new();
    loop {
        match lines.recv_timeout(SECOND) {
            Ok(line) => {
                each(String::from_utf8_lossy(&line).trim_end());
                stderr.extend(line);
            }
            Err(RecvTimeoutError::Timeout) => each(""),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = loop {
        match group.wait(SECOND)? {
            Some(status) => break status,
            None => each(""),
        }
    };
    let program = group.program().to_owned();
    let stdout = receive_output(&stdout).ok_or(ProcessError::OutputHeld { program })?;
    Ok(Output {
        status,
        stdout,
        stderr,
        elapsed: started.elapsed(),
    })
}

fn split_lines(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    if let Some(pipe) = pipe {
        thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            loop {
                let mut line = Vec::new();
                match pipe.read_until(b'\n', &mut line) {
                    Ok(read) if read > 0 && sender.send(line).is_ok() => {}
                    _ => break,
                }
            }
        });
    }
    receiver
}

fn feed_stdin(stdin: Option<impl Write + Send + 'static>, input: Vec<u8>) {
    let Some(mut stdin) = stdin else { return };
    // A program may end, or close its stdin, without having read all.
    thread::spawn(move || stdin.write_all(&input));
}

fn collect_output(pipe: Option<impl Read + Send + 'static>) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    if let Some(mut pipe) = pipe {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = pipe.read_to_end(&mut bytes);
            // Nobody listens any more if a process outside the group held the pipe for too long.
            let _ = sender.send(read.map(|_| bytes));
        });
    }
    receiver
}

/// The whole group is dead by now, so all that can keep a pipe open is a process that left it.
fn receive_output(pipe: &Receiver<io::Result<Vec<u8>>>) -> Option<Vec<u8>> {
    const GRACE: Duration = Duration::from_secs(5);
    pipe.recv_timeout(GRACE).ok()?.ok()
}
