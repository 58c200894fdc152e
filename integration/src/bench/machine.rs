//! The machine, and whether it is at rest.

use std::env::consts::ARCH;
use std::fs;
use std::thread;
use std::time::Duration;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use super::BenchError;
use super::quantity::to_float;

/// How long the machine is watched.
const WATCHED: Duration = Duration::from_millis(500);

/// The kernel counts processor time for user space in hundredths of a second, on every
/// architecture that Linux runs on.
const TICKS_PER_SECOND: u64 = 100;

/// A time that the kernel tells.
pub(super) fn ticks_to_duration(count: u64) -> Duration {
    Duration::from_millis(count * 1000 / TICKS_PER_SECOND)
}

/// Processors, memory, kernel.
pub(super) fn describe_machine() -> Result<String, BenchError> {
    let cores = thread::available_parallelism()?;
    let cpuinfo = fs::read_to_string("/proc/cpuinfo")?;
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("of an unknown model", |rest| {
            rest.trim_matches([' ', '\t', ':'])
        });
    let kibibytes: u64 = read_number("/proc/meminfo", "MemTotal:")?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    Ok(format!(
        "{cores} cores ({model}), {} GiB, Linux {} {ARCH}",
        kibibytes.div_ceil(1024 * 1024),
        kernel.trim(),
    ))
}

/// The load average of the last minute.
pub(super) fn read_load_average() -> Result<String, BenchError> {
    let text = fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}

/// Which share of the processors others use at this moment, while this process only waits.
pub(super) fn measure_busy_share() -> Result<f64, BenchError> {
    let before = Times::read_stat()?;
    thread::sleep(WATCHED);
    let after = Times::read_stat()?;
    let all = after.all.saturating_sub(before.all).max(1);
    Ok(1.0 - to_float(after.idle.saturating_sub(before.idle)) / to_float(all))
}

struct Times {
    all: u64,
    idle: u64,
}

impl Times {
    fn read_stat() -> Result<Self, BenchError> {
        Ok(Self::parse(&fs::read_to_string("/proc/stat")?))
    }

    /// The first line: user, nice, system, idle, iowait, irq, softirq, steal (and guests, which
    /// are in user already).
    fn parse(stat: &str) -> Self {
        let line = stat.lines().next().unwrap_or_default();
        let counts = line.split_ascii_whitespace().skip(1).take(8);
        let counts: Vec<u64> = counts.filter_map(|text| text.parse().ok()).collect();
        Self {
            all: counts.iter().sum(),
            idle: counts.iter().skip(3).take(2).sum(),
        }
    }
}

/// A number behind its name, as in `/proc/meminfo`.
pub(super) fn read_number(file: &str, name: &str) -> Result<u64, BenchError> {
    let text = fs::read_to_string(file)?;
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    value
        .and_then(|value| value.split_ascii_whitespace().next()?.parse().ok())
        .ok_or_else(|| BenchError::Field {
            file: file.to_owned(),
            field: name.to_owned(),
        })
}

/// Two cores of those that this process may use.
pub(super) fn two_cores() -> Result<[usize; 2], BenchError> {
    let allowed = sched_getaffinity(None).map_err(std::io::Error::from)?;
    let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
    match (cores.next(), cores.next()) {
        (Some(first), Some(second)) => Ok([first, second]),
        _ => Err(BenchError::Cores(1)),
    }
}

/// Does the work on one core; so does every program that it starts.
pub(super) fn on_core<T: Send>(
    core: usize,
    work: impl FnOnce() -> Result<T, BenchError> + Send,
) -> Result<T, BenchError> {
    let pinned = || {
        let mut cores = CpuSet::new();
        cores.set(core);
        sched_setaffinity(None, &cores).map_err(std::io::Error::from)?;
        work()
    };
    thread::scope(|scope| {
        let thread = scope.spawn(pinned);
        thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_stat() {
        let times = Times::parse("cpu  10 1 20 300 40 5 6 7 9 0\ncpu0 1 1 1 1\n");
        assert_eq!((times.all, times.idle), (389, 340));
    }

    #[test]
    fn a_field_is_found_or_named() {
        assert!(read_number("/proc/meminfo", "MemTotal:").unwrap() > 0);
        let error = read_number("/proc/meminfo", "MemLost:")
            .unwrap_err()
            .to_string();
        assert_eq!(error, "/proc/meminfo has no `MemLost:`");
    }

    #[test]
    fn programs_stay_on_their_core() {
        let [core, _] = two_cores().unwrap();
        let allowed = on_core(core, || {
            let output = std::process::Command::new("cat")
                .arg("/proc/self/status")
                .output()?;
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        });
        let allowed = allowed.unwrap();
        assert!(
            allowed.contains(&format!("Cpus_allowed_list:\t{core}\n")),
            "{allowed}"
        );
    }
}
