//! How large env-exec is, on disk and in memory.

use std::fs;
use std::process::Command;
use std::time::Duration;

use super::quantity::{Claim, Quantity, Unit, Wanted};
use super::starts::{Work, lay_out, prepare_start};
use super::{Bench, BenchError, Figure};
use crate::env_exec::Start;
use crate::tools::{self, Tool};
use crate::{process, product};

const LIMIT: Duration = Duration::from_secs(60);

/// Peak memory of a start, at most so many mebibytes.
///
/// The kernel's figure outlives `exec`, so it is the larger of env-exec's and the program's, which
/// is `true` and small. It would also begin with that of whoever starts the program, if that
/// shared its memory to do so; GNU time forks and is small.
pub(super) fn measure_memory(
    bench: &mut Bench,
    work: Work,
    at_most: f64,
) -> Result<Figure, BenchError> {
    let seeded = bench.vault.get()?;
    let start = prepare_start(seeded, seeded.vault.tls_address(), work)?;
    let mut peak = 0;
    for _ in 0..bench.choose_amount(10, 2) {
        lay_out(&start, seeded)?;
        let program = product::find_env_exec()?.as_os_str();
        let command = [program, "--".as_ref(), "/bin/true".as_ref()];
        peak = peak.max(peak_of(&start, &command)?);
    }
    let floor = peak_of(&start, &["/bin/true".as_ref()])?;
    let megabytes = |bytes| Quantity::from_bytes(bytes, Unit::Mebibytes);
    let claims = vec![Claim {
        what: "peak resident memory",
        measured: megabytes(peak),
        wanted: Wanted::AtMost(at_most),
    }];
    let notes = vec![format!(
        "the most of all starts, {} references over HTTPS; `true` alone {}",
        work.references,
        megabytes(floor)
    )];
    Ok(Figure { claims, notes })
}

fn peak_of(start: &Start, arguments: &[&std::ffi::OsStr]) -> Result<u64, BenchError> {
    let mut command = Command::new(tools::find_tool(Tool::Time)?);
    command.args(["--format", "%M"]).args(arguments);
    start.set_environment(&mut command);
    let output = process::run_command(&mut command, LIMIT)?;
    let kibibytes = output.stderr().trim().parse::<u64>().ok();
    match kibibytes.filter(|_| output.code() == Some(0)) {
        Some(kibibytes) => Ok(kibibytes * 1024),
        None => Err(BenchError::NotResolved(output.stderr())),
    }
}

/// Size of the static program, at most so many megabytes.
pub(super) fn measure_file(_: &mut Bench, at_most: f64) -> Result<Figure, BenchError> {
    let path = product::find_env_exec()?;
    let claims = vec![Claim {
        what: "program, static",
        measured: Quantity::from_bytes(fs::metadata(path)?.len(), Unit::Megabytes),
        wanted: Wanted::AtMost(at_most),
    }];
    let notes = vec![path.display().to_string()];
    Ok(Figure { claims, notes })
}
