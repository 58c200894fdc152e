//! Installing a program of the crate registry.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::{Tool, ToolError, cache};
use crate::process::{self, forget_cargo, last_lines};
use crate::progress::{self, Progress, format_clock};

/// What makes the build quick; the program runs for seconds only.
const PROFILE: &[(&str, &str)] = &[
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

/// The program at this version, installed if it is not yet.
pub(super) fn obtain_crate(tool: Tool, version: &'static str) -> Result<PathBuf, ToolError> {
    let directory = cache::tool_directory(tool.name(), &[version])?;
    let program = directory.join(tool.name());
    if !program.is_file() {
        let slot = cache::lock_directory(&directory)?;
        if !program.is_file() {
            slot.fill(&[tool.name()], |into| install_crate(tool, version, into))?;
        }
    }
    Ok(program)
}

fn install_crate(tool: Tool, version: &str, into: &Path) -> Result<(), ToolError> {
    let started = Instant::now();
    let what = format!("{} {version}", tool.name());
    progress::print_line(&format!("building {what}, once: up to 5 min on two cores"));
    let progress = Progress::start(&what);
    let mut compiled = 0;
    let mut cargo = Command::new("cargo");
    forget_cargo(&mut cargo);
    cargo.args([
        "install",
        "--locked",
        "--no-track",
        "--version",
        version,
        tool.name(),
    ]);
    cargo
        .arg("--root")
        .arg(into)
        .arg("--target-dir")
        .arg(into.join("target"));
    // Another directory's toolchain file and settings are not for this program.
    cargo
        .current_dir(into)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET");
    cargo.envs(PROFILE.iter().copied());
    let output = process::run_with_lines(&mut cargo, |line| {
        compiled += usize::from(line.trim_start().starts_with("Compiling "));
        progress.show_detail(&format!("compiled {compiled} crates"));
    })?;
    drop(progress);
    if !output.status.success() {
        return Err(ToolError::Build {
            what,
            tail: last_lines(&output.stderr(), 20),
        });
    }
    let path = into.join("bin").join(tool.name());
    fs::rename(&path, into.join(tool.name())).map_err(|source| ToolError::Io { path, source })?;
    progress::print_line(&format!(
        "built {what} in {}",
        format_clock(started.elapsed())
    ));
    Ok(())
}
