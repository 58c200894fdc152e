//! The product's programs, built the way they ship.
//!
//! The `Makefile` has the commands; this asks it, so that what is tested is what ships.
//! `ENV_EXEC_BIN` and `TOKENPIPE_BIN` name programs to be tested in their place.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use thiserror::Error;

use crate::process::{self, forget_cargo, last_lines};
use crate::progress::Progress;

/// `env-exec`, static, of profile `small`; built once in a test process, if need be.
pub fn find_env_exec() -> Result<&'static Path, ProductError> {
    static PROGRAM: OnceLock<Result<PathBuf, ProductError>> = OnceLock::new();
    obtain_once(&PROGRAM, "env-exec", "ENV_EXEC_BIN")
}

/// `tokenpipe`, static, of profile `release`; built once in a test process, if need be.
pub fn find_tokenpipe() -> Result<&'static Path, ProductError> {
    static PROGRAM: OnceLock<Result<PathBuf, ProductError>> = OnceLock::new();
    obtain_once(&PROGRAM, "tokenpipe", "TOKENPIPE_BIN")
}

fn obtain_once(
    program: &'static OnceLock<Result<PathBuf, ProductError>>,
    name: &'static str,
    variable: &'static str,
) -> Result<&'static Path, ProductError> {
    match program.get_or_init(|| obtain_program(name, variable)) {
        Ok(path) => Ok(path),
        Err(error) => Err(error.clone()),
    }
}

fn obtain_program(name: &'static str, variable: &'static str) -> Result<PathBuf, ProductError> {
    let path = match env::var_os(variable).filter(|path| !path.is_empty()) {
        Some(path) => PathBuf::from(path),
        None => build_program(name)?,
    };
    if path.is_file() {
        Ok(path)
    } else {
        Err(ProductError::Absent { name, path })
    }
}

fn build_program(name: &'static str) -> Result<PathBuf, ProductError> {
    let progress = Progress::start(name);
    let mut begun = 0;
    let mut make = Command::new("make");
    make.args(["--silent", "--no-print-directory", name]);
    make.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    forget_cargo(&mut make);
    let output = process::run_with_lines(&mut make, |line| {
        if let Some(compiled) = line.trim_start().strip_prefix("Compiling ") {
            begun += 1;
            // The last one takes minutes.
            let name = compiled.split(' ').next().unwrap_or_default();
            progress.show_detail(&format!("crate {begun}, {name}"));
        }
    })
    .map_err(|error| ProductError::Make {
        name,
        error: error.to_string(),
    })?;
    if !output.status.success() {
        return Err(ProductError::Build {
            name,
            tail: last_lines(&output.stderr(), 40),
        });
    }
    Ok(PathBuf::from(output.stdout().trim_end()))
}

/// Why a program of the product could not be had.
#[derive(Clone, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ProductError {
    #[error("`make {name}` could not be run: {error}")]
    Make { name: &'static str, error: String },
    #[error("`make {name}` failed; the end of its output:\n{tail}")]
    Build { name: &'static str, tail: String },
    #[error("{name} is not at {}", .path.display())]
    Absent { name: &'static str, path: PathBuf },
}

debug_is_display!(ProductError);
