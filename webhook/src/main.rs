//! `tokenpipe`: the admission webhook, and its offline tools.

use std::process::ExitCode;

use clap::Parser;
use webhook::arguments::Arguments;

fn main() -> ExitCode {
    match webhook::run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            webhook::complain(&error);
            ExitCode::FAILURE
        }
    }
}
