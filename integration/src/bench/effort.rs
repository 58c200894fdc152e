//! Where the time goes.

use std::fmt;
use std::fs;
use std::io;
use std::ops::{Add, Div, Sub};
use std::process::Command;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

use super::quantity::to_milliseconds;
use super::{BenchError, machine};
use crate::env_exec::Start;
use crate::{process, product, temp, tools};

/// How many lines of a summary are worth reading.
const SHOWN: usize = 6;
const LIMIT: Duration = Duration::from_secs(60);

/// Processor time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Effort {
    /// In the program.
    pub(super) user: Duration,
    /// In the kernel, for the program.
    pub(super) system: Duration,
}

impl Effort {
    /// Of all children of this process that have ended.
    pub(super) fn of_children() -> io::Result<Self> {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        Ok(Self {
            user: to_duration(usage.user_time()),
            system: to_duration(usage.system_time()),
        })
    }

    /// Of a process that runs.
    pub(super) fn of_process(id: u32) -> Result<Self, BenchError> {
        let file = format!("/proc/{id}/stat");
        let stat = fs::read_to_string(&file)?;
        // Field 2 is the program's name in parentheses and may hold anything; 14 and 15 are ours.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks = |field: usize| {
            let text = fields.split_ascii_whitespace().nth(field - 3);
            text.and_then(|text| text.parse().ok())
                .ok_or_else(|| BenchError::Field {
                    file: file.clone(),
                    field: field.to_string(),
                })
        };
        Ok(Self {
            user: machine::ticks_to_duration(ticks(14)?),
            system: machine::ticks_to_duration(ticks(15)?),
        })
    }

    /// Both.
    pub(super) fn total(self) -> Duration {
        self.user + self.system
    }
}

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (user, system) = (to_milliseconds(self.user), to_milliseconds(self.system));
        write!(f, "{user:.2} ms user, {system:.2} ms system")
    }
}

impl Add for Effort {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            user: self.user + other.user,
            system: self.system + other.system,
        }
    }
}

impl Sub for Effort {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            user: self.user.saturating_sub(other.user),
            system: self.system.saturating_sub(other.system),
        }
    }
}

impl Div<u32> for Effort {
    type Output = Self;

    fn div(self, count: u32) -> Self {
        Self {
            user: self.user.checked_div(count).unwrap_or_default(),
            system: self.system.checked_div(count).unwrap_or_default(),
        }
    }
}

fn to_duration(value: TimeVal) -> Duration {
    let seconds = u64::try_from(value.tv_sec()).unwrap_or_default();
    let microseconds = u64::try_from(value.tv_usec()).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_micros(microseconds)
}

/// The system calls of one start that took longest, where `strace` is installed.
pub(super) fn system_calls(start: &Start) -> Result<Vec<String>, BenchError> {
    let Some(strace) = tools::on_path("strace") else {
        return Ok(vec!["install strace to see its system calls".into()]);
    };
    let directory = temp::create_directory("strace")?;
    let summary = directory.path().join("summary");
    let mut command = Command::new(strace);
    command
        .args([
            "-f",
            "-c",
            "-U",
            "time-percent,total-time,calls,errors,name",
            "-o",
        ])
        .arg(&summary)
        .arg(product::find_env_exec()?)
        .args(["--", "true"]);
    start.set_environment(&mut command);
    process::run_command(&mut command, LIMIT)?;
    let summary = fs::read_to_string(summary)?;
    let total = summary.lines().rev().find(|line| !line.is_empty());
    let lines = summary.lines().filter(|line| !line.starts_with('-'));
    Ok(lines.take(SHOWN).chain(total).map(str::to_owned).collect())
}
