//! Runs what must pass: `suite check` what needs Rust alone, `suite check STEP…` these of its steps,
//! `suite test` everything. `suite docs` writes the generated pages. The `Makefile` calls it.

#![forbid(unsafe_code)]

use std::env;
use std::process::ExitCode;

use integration::{progress, suite};

fn main() -> ExitCode {
    let passed = match env::args().nth(1).as_deref() {
        Some("check") => suite::run_checks(&env::args().skip(2).collect::<Vec<_>>()),
        Some("test") => suite::run_everything(),
        Some("docs") => suite::write_documents(),
        _ => {
            progress::print_line("write `suite check`, `suite test` or `suite docs`");
            return ExitCode::from(2);
        }
    };
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
