//! The last step: this process becomes the program.

mod needed;

use std::convert::Infallible;
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use contract::ExitCode;
use nix::errno::Errno;
use nix::unistd::execve;
use thiserror::Error;

use crate::environment::Environment;
use crate::program::Program;
use crate::signals;
use needed::Needed;

/// Why the program did not start although it was found.
#[derive(Debug, Error)]
pub(crate) enum ExecError {
    #[error("an argument or variable contains a NUL byte")]
    Nul,
    #[error(
        "program `{0}` cannot be executed: it is neither a program for this machine nor a script \
         that begins with `#!`"
    )]
    Format(String),
    #[error("program `{path}` needs {needed}")]
    Incomplete { path: String, needed: Needed },
    #[error("program `{path}` cannot be executed: {}", .errno.desc())]
    Refused { path: String, errno: Errno },
}

impl ExecError {
    /// As a shell would end, but for what is too long.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Nul
            | Self::Refused {
                errno: Errno::E2BIG,
                ..
            } => ExitCode::Reference,
            Self::Incomplete { .. }
            | Self::Refused {
                errno: Errno::ENOENT,
                ..
            } => ExitCode::NotFound,
            Self::Format(_) | Self::Refused { .. } => ExitCode::NotExecutable,
        }
    }
}

/// Executes the program with exactly this environment, its order and duplicates included, which
/// [`std::process::Command`] would not keep.
pub(crate) fn replace_process(
    program: &Program,
    environment: &Environment,
) -> Result<Infallible, ExecError> {
    let path = c_string(program.path.as_os_str())?;
    let arguments = program.arguments.iter().map(|argument| c_string(argument));
    let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
    let variables = environment.iter().map(|(name, value)| entry(name, value));
    let variables = variables.collect::<Result<Vec<_>, _>>()?;
    signals::restore_sigpipe();
    let errno = match execve(&path, &arguments, &variables) {
        Ok(never) => match never {},
        Err(errno) => errno,
    };
    let path = program.path.display().to_string();
    Err(match errno {
        Errno::ENOEXEC => ExecError::Format(path),
        Errno::ENOENT => match needed::missing(&program.path) {
            Some(needed) => ExecError::Incomplete { path, needed },
            None => ExecError::Refused { path, errno },
        },
        errno => ExecError::Refused { path, errno },
    })
}

fn c_string(text: &OsStr) -> Result<CString, ExecError> {
    CString::new(text.as_bytes()).map_err(|_| ExecError::Nul)
}

fn entry(name: &OsStr, value: &OsStr) -> Result<CString, ExecError> {
    let mut entry = name.to_owned();
    entry.push("=");
    entry.push(value);
    CString::new(entry.into_vec()).map_err(|_| ExecError::Nul)
}
