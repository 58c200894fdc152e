//! `make demo`: the example through the whole pipeline. See `integration/src/demo.rs`.

#![forbid(unsafe_code)]

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use integration::demo::{self, DemoError, Screen};
use integration::kubelet;

/// Takes the pod of examples/web.yaml through admission, login and secrets to its running program,
/// and shows what became of it. Needs root.
#[derive(Parser)]
#[command(name = "demo")]
struct Arguments {
    /// Keep everything running until Ctrl-C, to look around.
    #[arg(long)]
    keep: bool,
}

fn main() -> ExitCode {
    if let Some(launch) = of_container() {
        print_error(&kubelet::become_command(&launch));
        return ExitCode::from(kubelet::NOT_STARTED);
    }
    let arguments = Arguments::parse();
    match run_demo(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            ExitCode::FAILURE
        }
    }
}

/// The demo starts this program again as the first process of each container.
fn of_container() -> Option<PathBuf> {
    let mut arguments = env::args_os().skip(1);
    let is_one = arguments
        .next()
        .is_some_and(|first| first == kubelet::CONTAINER);
    arguments.next().filter(|_| is_one).map(PathBuf::from)
}

fn run_demo(arguments: &Arguments) -> Result<(), DemoError> {
    let helper = env::current_exe()?;
    demo::run_demo(&mut Screen::new(), Path::new(&helper), arguments.keep)
}

fn print_error(error: &dyn std::fmt::Display) {
    // There is nowhere left to say that this failed.
    let _ = writeln!(io::stderr().lock(), "{error}");
}
