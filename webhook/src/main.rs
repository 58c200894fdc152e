//! `tokenpipe`: the admission webhook, and its offline tools.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use webhook::arguments::Arguments;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match webhook::run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            webhook::complain(&error);
            ExitCode::FAILURE
        }
    }
}
