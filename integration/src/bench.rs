//! `make bench`: how fast and how large the programs are, each figure beside what is wanted of it.
//!
//! env-exec is measured against the floor: the same program with the same environment, started by
//! a shell. The two take turns, so that what else the machine does meets both. Vault, the network
//! and the webhook's clients are real; distance is a relay's.
//!
//! | file | holds |
//! |---|---|
//! | [`rows`] | the table: what is measured, what is wanted, what others need |
//! | [`starts`], [`stopwatch`] | starts of env-exec, and their times |
//! | [`sizes`] | the memory that a start takes, and the program's file |
//! | [`reviews`], [`pods`], [`wrk`] | the webhook under load, and with what |
//! | [`effort`] | where the time goes |
//! | [`machine`] | what it is measured on, and whether that is at rest |
//! | [`quantity`], [`samples`], [`report`] | figures, medians, what is printed |

mod effort;
mod error;
mod machine;
mod pods;
mod quantity;
mod report;
mod reviews;
mod rows;
mod samples;
mod sizes;
mod starts;
mod stopwatch;
mod vault;
mod wrk;

use std::time::Duration;

pub use error::BenchError;

use quantity::Claim;
use vault::SeededVault;

/// What to measure, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Names of rows; all of them if empty.
    pub rows: Vec<String>,
    /// A few runs of each, to see that the rows work. The figures say little.
    pub quick: bool,
}

/// How it went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Figures that are not as wanted.
    pub missed: usize,
    /// Rows that could not be measured.
    pub failed: usize,
}

/// What one row found.
struct Figure {
    claims: Vec<Claim>,
    /// How it came about and where the time went, a line each.
    notes: Vec<String>,
}

/// What the rows share.
struct Bench {
    quick: bool,
    vault: SeededVault,
}

/// Measures and prints, row by row.
pub fn run_benchmarks(options: &Options) -> Result<Verdict, BenchError> {
    let rows = rows::select_rows(&options.rows)?;
    let mut bench = Bench {
        quick: options.quick,
        vault: SeededVault::default(),
    };
    report::print_introduction(&bench)?;
    let mut verdict = Verdict::default();
    for row in rows {
        let before = machine::measure_busy_share()?;
        let result = (row.measure)(&mut bench);
        let busy = before.max(machine::measure_busy_share()?);
        match &result {
            Ok(figure) => verdict.missed += figure.claims.iter().filter(|c| !c.is_met()).count(),
            Err(_) => verdict.failed += 1,
        }
        report::print_row(row, &result, busy)?;
    }
    report::print_conclusion(verdict, options.quick)?;
    Ok(verdict)
}

impl Bench {
    /// How many runs, or how much of something.
    fn choose_amount(&self, usual: usize, quick: usize) -> usize {
        if self.quick { quick } else { usual }
    }

    fn choose_time(&self, usual: Duration) -> Duration {
        if self.quick {
            Duration::from_secs(1)
        } else {
            usual
        }
    }
}
