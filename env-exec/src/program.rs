//! Which file the program is: decided from the `PATH` that was given, before a secret can touch it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, eaccess};
use templates::EnvValue;
use thiserror::Error;

/// Where programs are looked for without a `PATH`, as `execvp(3)` does.
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// A program that was found, and its arguments; the first is its name as it was written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// The file to execute.
    pub(crate) path: PathBuf,
    /// Its arguments, the name included.
    pub(crate) arguments: Vec<OsString>,
}

/// Why there is no program to run.
#[derive(Debug, Error)]
pub(crate) enum ProgramError {
    #[error("program `{name}` was not found{place}")]
    NotFound { name: String, place: &'static str },
    #[error("program `{path}` cannot be executed: {reason}")]
    NotExecutable { path: String, reason: String },
    #[error(
        "PATH holds a reference, and must not decide which program gets the secrets; give the \
         program `{name}` by its path"
    )]
    SecretPath { name: String },
}

impl Program {
    /// Finds the program as a shell does: by its path if it has a `/`, else in `PATH`.
    pub(crate) fn resolve(
        arguments: Vec<OsString>,
        path: Option<&OsStr>,
    ) -> Result<Self, ProgramError> {
        let name = arguments.first().cloned().unwrap_or_default();
        let found = if name.as_bytes().contains(&b'/') {
            at_path(&name)
        } else {
            in_path(&name, path.unwrap_or_else(|| OsStr::new(DEFAULT_PATH)))
        };
        found.map(|path| Self { path, arguments })
    }
}

fn at_path(name: &OsStr) -> Result<PathBuf, ProgramError> {
    match executable(Path::new(name)) {
        Ok(()) => Ok(name.into()),
        Err(Unfit::Absent) => Err(ProgramError::NotFound {
            name: name.to_string_lossy().into_owned(),
            place: "",
        }),
        Err(Unfit::Because(reason)) => Err(not_executable(Path::new(name), reason)),
    }
}

fn in_path(name: &OsStr, path: &OsStr) -> Result<PathBuf, ProgramError> {
    let shown = || name.to_string_lossy().into_owned();
    if !matches!(
        EnvValue::parse(&path.to_string_lossy()),
        Ok(EnvValue::Plain)
    ) {
        return Err(ProgramError::SecretPath { name: shown() });
    }
    let mut unfit = None;
    for directory in std::env::split_paths(path).filter(|_| !name.is_empty()) {
        let candidate = Path::new(".").join(directory).join(name);
        match executable(&candidate) {
            Ok(()) => return Ok(candidate),
            Err(Unfit::Because(reason)) => {
                unfit.get_or_insert_with(|| not_executable(&candidate, reason));
            }
            Err(Unfit::Absent) => {}
        }
    }
    Err(unfit.unwrap_or_else(|| ProgramError::NotFound {
        name: shown(),
        place: " in PATH",
    }))
}

enum Unfit {
    Absent,
    Because(String),
}

fn executable(path: &Path) -> Result<(), Unfit> {
    let metadata = fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Unfit::Absent,
        _ => Unfit::Because(error.to_string()),
    })?;
    if metadata.is_dir() {
        return Err(Unfit::Because("it is a directory".into()));
    }
    eaccess(path, AccessFlags::X_OK).map_err(|errno| Unfit::Because(errno.desc().into()))
}

fn not_executable(path: &Path, reason: String) -> ProgramError {
    ProgramError::NotExecutable {
        path: path.display().to_string(),
        reason,
    }
}
