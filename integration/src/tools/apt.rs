//! Installing a package of the distribution.

use std::path::PathBuf;
use std::process::Command;

use super::{Tool, ToolError, on_path};
use crate::process::{self, Output, last_lines};
use crate::progress::{self, Progress};

/// Installs the package that brings a program.
pub(super) fn install_tool(tool: Tool, package: &'static str) -> Result<PathBuf, ToolError> {
    let what = format!("{}, which {} may name,", tool.name(), tool.variable());
    install_package(package, &what, || on_path(tool.name()))
}

/// Installs a package, and finds what it brings.
pub(super) fn install_package(
    package: &'static str,
    what: &str,
    find: impl Fn() -> Option<PathBuf>,
) -> Result<PathBuf, ToolError> {
    let Some(apt) = on_path("apt-get") else {
        return Err(ToolError::NoApt {
            what: what.to_owned(),
            package,
        });
    };
    if !rustix::process::geteuid().is_root() {
        return Err(ToolError::NotRoot {
            what: what.to_owned(),
            package,
        });
    }
    progress::print_line(&format!(
        "installing {package} with apt-get: {what} is not installed"
    ));
    let progress = Progress::start(package);
    let run = |arguments: &[&str]| -> Result<Output, ToolError> {
        let mut command = Command::new(&apt);
        // Another process may be installing something else.
        command
            .args(["-q", "-y", "-o", "DPkg::Lock::Timeout=300"])
            .args(arguments);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        // A package's service is not started: tests start their own.
        command.env("RUNLEVEL", "1");
        Ok(process::run_with_lines(&mut command, |_| {
            progress.show_detail(arguments[0]);
        })?)
    };
    let install = ["install", "--no-install-recommends", package];
    let mut output = run(&install)?;
    if !output.status.success() {
        // The lists of packages may be missing or old.
        run(&["update"])?;
        output = run(&install)?;
    }
    if !output.status.success() {
        let text = [output.stdout(), output.stderr()].concat();
        return Err(ToolError::Apt {
            package,
            tail: last_lines(&text, 20),
        });
    }
    find().ok_or_else(|| ToolError::Absent(what.to_owned()))
}
