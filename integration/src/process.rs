//! Running programs, so that none outlives its test.
//!
//! Each program leads a process group of its own. The group is killed when the program has ended,
//! when its handle is dropped, and when this process has ended, whatever ended it.

mod background;
mod group;
mod inherited;
pub(crate) mod reaper;
mod run;

use std::io;
use std::time::Duration;

use thiserror::Error;

pub use background::Background;
pub(crate) use inherited::forget_cargo;
pub(crate) use run::run_with_lines;
pub use run::{Output, run_command, run_with_input};
pub use rustix::process::Signal;

/// Why a program did not come to its end.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ProcessError {
    #[error("cannot start `{program}`: {source}")]
    Start { program: String, source: io::Error },
    #[error("`{program}` was still running after {:.1} s; its output ended with:\n{tail}", .limit.as_secs_f64())]
    Deadline {
        program: String,
        limit: Duration,
        tail: String,
    },
    #[error("cannot {action} `{program}`: {source}")]
    Control {
        action: &'static str,
        program: String,
        source: io::Error,
    },
    #[error("`{program}` has ended, but something that it started still holds its output open")]
    OutputHeld { program: String },
}

debug_is_display!(ProcessError);

/// The last `count` lines.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests;
