//! All that must pass before a change goes in: what `make check` and `make test` run.
//!
//! The servers are built while Rust compiles, because both wait for a network, a disk and a linker
//! now and then. Then the tests run. What passes is one line, what fails is shown.

mod documents;
mod scenarios;
mod steps;
mod style;
mod summary;
mod tests_output;

use std::thread;
use std::time::{Duration, Instant};

use crate::progress::{self, format_clock};

pub use documents::write_documents;

/// How one step went.
pub(crate) struct Outcome {
    name: &'static str,
    elapsed: Duration,
    result: Result<Passed, Failed>,
}

/// What a step that passed has to say.
#[derive(Default)]
pub(crate) struct Passed {
    /// A few words behind its line.
    note: String,
    /// Lines below it in the summary.
    details: Vec<String>,
}

/// What a step that failed has to say.
pub(crate) struct Failed {
    /// What a person must see to mend it.
    output: String,
    /// Lines below it in the summary.
    details: Vec<String>,
}

/// Runs the steps that need no server and no test, or only those of these names. Whether all of them
/// passed.
pub fn run_checks(names: &[String]) -> bool {
    let started = Instant::now();
    let is_chosen = |name: &str| names.is_empty() || names.iter().any(|chosen| chosen == name);
    let known: Vec<_> = steps::CHECKS.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        progress::print_line(&format!(
            "there is no step {unknown:?}; the steps are {}",
            known.join(", ")
        ));
        return false;
    }
    let outcomes = steps::CHECKS
        .iter()
        .filter(|(name, _)| is_chosen(name))
        .map(|(name, step)| run_step(name, *step))
        .collect::<Vec<_>>();
    summary::print_summary(&outcomes, started.elapsed())
}

/// Runs everything. Whether all of it passed.
pub fn run_everything() -> bool {
    let started = Instant::now();
    let servers = thread::spawn(|| run_step("servers", steps::prepare_servers));
    let mut outcomes = Vec::new();
    for (name, step) in steps::CHECKS.iter().chain(steps::BUILDS) {
        outcomes.push(run_step(name, *step));
    }
    let compiled = outcomes
        .iter()
        .all(|outcome| outcome.result.is_ok() || outcome.name != steps::COMPILE);
    let servers = servers.join().unwrap_or_else(|_| Outcome {
        name: "servers",
        elapsed: started.elapsed(),
        result: Err(Failed::new("the thread that obtains them panicked")),
    });
    let with_servers = servers.result.is_ok();
    outcomes.push(servers);
    if compiled {
        outcomes.push(run_step("tests", || steps::run_tests(with_servers)));
        if with_servers {
            outcomes.push(run_step("scenarios", || {
                scenarios::run_scenarios(started.elapsed())
            }));
        }
    }
    summary::print_summary(&outcomes, started.elapsed())
}

fn run_step(name: &'static str, step: impl FnOnce() -> Result<Passed, Failed>) -> Outcome {
    let started = Instant::now();
    let result = step();
    let elapsed = started.elapsed();
    match &result {
        Ok(passed) => {
            let line = format!("ok      {name} ({}) {}", format_clock(elapsed), passed.note);
            progress::print_line(line.trim_end());
        }
        Err(failed) => {
            progress::print_line(&format!(
                "FAILED  {name} ({})\n{}",
                format_clock(elapsed),
                failed.output
            ));
        }
    }
    Outcome {
        name,
        elapsed,
        result,
    }
}

impl Failed {
    fn new(output: impl Into<String>) -> Self {
        Self {
            output: output.into(),
            details: Vec::new(),
        }
    }
}
