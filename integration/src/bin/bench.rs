//! `make bench`: figures, each with the command that repeats it. See `integration/src/bench.rs`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use integration::bench::{self, Options};
use integration::progress;

/// Measures how fast and how large the programs are, and prints each figure beside what is wanted.
#[derive(Parser)]
#[command(name = "bench")]
struct Arguments {
    /// Rows to measure; all of them if none is named.
    rows: Vec<String>,
    /// A few runs of each: shows that the rows work, not how fast it is.
    #[arg(long)]
    quick: bool,
    /// End with status 1 if a figure is missed. One that cannot be measured always ends so.
    #[arg(long)]
    strict: bool,
}

fn main() -> ExitCode {
    let Arguments {
        rows,
        quick,
        strict,
    } = Arguments::parse();
    match bench::run_benchmarks(&Options { rows, quick }) {
        Ok(verdict) if verdict.failed == 0 && !(strict && verdict.missed > 0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            progress::print_line(&error.to_string());
            ExitCode::from(2)
        }
    }
}
