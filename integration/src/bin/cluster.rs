//! `make cluster`, `make cluster-down` and the frame of `make e2e`: a Kubernetes node on this machine.
//! See `integration/src/node.rs`.

#![forbid(unsafe_code)]

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::{Parser, Subcommand};
use integration::e2e::{self, E2eError};
use integration::images::{Builder, Image, ImageError};
use integration::node::{Node, NodeError};

/// A Kubernetes node on this machine, in namespaces of its own. Needs root.
#[derive(Parser)]
#[command(name = "cluster")]
struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Starts it, unless it runs, with a Vault in it, and says how to use both.
    Up,
    /// Ends it and removes every trace.
    Down,
    /// Runs a command on it, or on the cluster that KUBECONFIG names. It is ended afterwards if it was
    /// started for that and KEEP is not set.
    With {
        /// The command.
        #[arg(required = true, trailing_var_arg = true)]
        command: Vec<OsString>,
    },
    /// Builds the images into a directory of archives, and prints name and digest of each.
    Images {
        /// The directory.
        directory: PathBuf,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().action {
        Action::Up => start_node().map_err(|error| error.to_string()),
        Action::Down => Node::bring_down().map_err(|error| error.to_string()),
        Action::With { command } => match run_with_node(&command) {
            Ok(code) => return code,
            Err(error) => Err(error.to_string()),
        },
        Action::Images { directory } => build_images(&directory).map_err(|error| error.to_string()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            integration::progress::print_line(&error);
            ExitCode::FAILURE
        }
    }
}

fn start_node() -> Result<(), E2eError> {
    let node = Node::bring_up()?;
    let next = e2e::prepare_playground(&node)?;
    print_line(&format!(
        "export KUBECONFIG={}",
        node.kubeconfig().display()
    ));
    print_line(&next.join("\n"));
    Ok(())
}

fn run_with_node(command: &[OsString]) -> Result<ExitCode, NodeError> {
    if let Some(other) = env::var_os("KUBECONFIG").filter(|path| !path.is_empty()) {
        return run_command(command, &PathBuf::from(other));
    }
    let was_running = Node::find_running()?.is_some();
    let node = Node::bring_up()?;
    let is_ours = !was_running && !e2e::is_kept();
    if is_ours {
        node.keep_for_this_process()?;
    }
    let code = run_command(command, &node.kubeconfig());
    if is_ours {
        Node::bring_down()?;
    }
    code
}

fn run_command(command: &[OsString], kubeconfig: &PathBuf) -> Result<ExitCode, NodeError> {
    let mut program = Command::new(&command[0]);
    let status = program
        .args(&command[1..])
        .env(e2e::KUBECONFIG, kubeconfig)
        .status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}

fn build_images(directory: &PathBuf) -> Result<(), ImageError> {
    std::fs::create_dir_all(directory)?;
    let builder = Builder::new()?;
    for image in Image::ALL {
        let built = builder.build_image(image)?;
        let file = built
            .name
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .replace(':', "-");
        print_line(&format!("{} {}", built.name, built.digest));
        built.keep_archive(&directory.join(format!("{file}.tar")))?;
    }
    Ok(())
}

fn print_line(line: &str) {
    // A reader that closes the pipe has seen enough.
    let _ = writeln!(io::stdout().lock(), "{line}");
}
