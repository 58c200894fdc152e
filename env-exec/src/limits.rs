//! What the kernel lets a program be started with, checked before it says only "too long".

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use contract::limits::LONGEST_STRING;
use nix::sys::resource::{Resource, getrlimit};
use thiserror::Error;

use crate::environment::Environment;
use crate::program::Program;

/// `ARG_MAX`: what arguments and environment may always take.
const LEAST_TOTAL: u64 = 128 * 1024;

/// Three quarters of the kernel's `_STK_LIM` of 8 MiB: what they may never exceed.
const MOST_TOTAL: u64 = 6 * 1024 * 1024;

/// How many variables a message about the total names.
const NAMED: usize = 3;

/// A variable that exec would refuse. Lengths are in bytes.
#[derive(Debug, PartialEq, Eq, Error)]
pub(crate) enum LimitError {
    #[error("{}: the value contains a NUL byte, which no environment variable can hold", .variables.join(", "))]
    Nul { variables: Vec<String> },
    #[error(
        "{}: with its name the value has {bytes} bytes, and the kernel allows {} for one variable",
        .variables.join(", "),
        LONGEST_STRING - 1
    )]
    String {
        variables: Vec<String>,
        bytes: usize,
    },
    #[error(
        "arguments and environment have {bytes} bytes, and the kernel allows {limit}; the largest \
         variables are {}",
        .variables.join(", ")
    )]
    Total {
        variables: Vec<String>,
        bytes: usize,
        limit: usize,
    },
}

impl LimitError {
    /// The variables that the error names.
    pub(crate) fn variables(&self) -> &[String] {
        match self {
            Self::Nul { variables }
            | Self::String { variables, .. }
            | Self::Total { variables, .. } => variables,
        }
    }
}

/// The most bytes that arguments and environment may have together: a quarter of the stack limit,
/// within bounds (`fs/exec.c`, `bprm_stack_limits`).
pub(crate) fn total() -> usize {
    let stack = getrlimit(Resource::RLIMIT_STACK).map_or(0, |(soft, _)| soft);
    usize::try_from((stack / 4).clamp(LEAST_TOTAL, MOST_TOTAL)).unwrap_or(usize::MAX)
}

/// Refuses what exec would refuse, naming the variables.
pub(crate) fn check(
    program: &Program,
    environment: &Environment,
    limit: usize,
) -> Result<(), LimitError> {
    let variables = named(environment, |_, value| value.as_bytes().contains(&0));
    if !variables.is_empty() {
        return Err(LimitError::Nul { variables });
    }
    let variables = named(environment, |name, value| {
        size(name, value) > LONGEST_STRING
    });
    if !variables.is_empty() {
        let bytes = environment.iter().map(|(name, value)| size(name, value));
        let bytes = bytes.max().unwrap_or_default() - 1;
        return Err(LimitError::String { variables, bytes });
    }
    let bytes = total_size(program, environment);
    if bytes > limit {
        let variables = largest(environment);
        return Err(LimitError::Total {
            variables,
            bytes,
            limit,
        });
    }
    Ok(())
}

fn named(environment: &Environment, is_wrong: impl Fn(&OsStr, &OsStr) -> bool) -> Vec<String> {
    environment
        .iter()
        .filter(|(name, value)| is_wrong(name, value))
        .map(|(name, _)| name.to_string_lossy().into_owned())
        .collect()
}

/// `NAME=VALUE` and its NUL.
fn size(name: &OsStr, value: &OsStr) -> usize {
    name.len() + value.len() + 2
}

/// As the kernel counts: every string with its NUL, a pointer for each, and the file's name once
/// more.
fn total_size(program: &Program, environment: &Environment) -> usize {
    let pointer = size_of::<usize>();
    let arguments = program.arguments.iter().map(|a| a.len() + 1 + pointer);
    let variables = environment.iter().map(|(n, v)| size(n, v) + pointer);
    program.path.as_os_str().len() + 1 + arguments.chain(variables).sum::<usize>()
}

fn largest(environment: &Environment) -> Vec<String> {
    let mut sizes: Vec<_> = environment.iter().map(|(n, v)| (size(n, v), n)).collect();
    sizes.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    sizes
        .into_iter()
        .take(NAMED)
        .map(|(_, name)| name.to_string_lossy().into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_STRING, LimitError, check};
    use crate::environment::Environment;
    use crate::program::Program;
    use std::ffi::OsString;
    use std::process::Command;

    fn program() -> Program {
        Program {
            path: "/bin/true".into(),
            arguments: vec!["true".into()],
        }
    }

    fn environment(variables: &[(&str, String)]) -> Environment {
        Environment::new(
            variables
                .iter()
                .map(|(name, value)| (OsString::from(name), OsString::from(value))),
        )
    }

    #[test]
    fn a_nul_names_every_variable() {
        let variables = [
            ("A", "x\0y".into()),
            ("B", String::new()),
            ("C", "\0".into()),
        ];
        let error = check(&program(), &environment(&variables), 1 << 20).unwrap_err();
        assert_eq!(error.variables(), ["A", "C"]);
    }

    #[test]
    fn the_longest_string_is_the_kernels() {
        // "V=" and the NUL.
        let fits = "x".repeat(LONGEST_STRING - 3);
        let too_long = "x".repeat(LONGEST_STRING - 2);
        assert!(check(&program(), &environment(&[("V", fits.clone())]), 1 << 20).is_ok());
        let error = check(
            &program(),
            &environment(&[("V", too_long.clone())]),
            1 << 20,
        );
        assert!(matches!(
            error,
            Err(LimitError::String { bytes: 131_072, .. })
        ));
        let starts = |value: &str| Command::new("/bin/true").env("V", value).status().is_ok();
        assert!(starts(&fits) && !starts(&too_long), "the kernel disagrees");
    }

    #[test]
    fn the_total_is_the_kernels() {
        let value = "x".repeat(100_000);
        let names: Vec<String> = (0..64).map(|n| format!("V{n:02}")).collect();
        let starts = |count: usize| {
            let mut command = Command::new("/bin/true");
            command.env_clear();
            for name in &names[..count] {
                command.env(name, &value);
            }
            command.status().is_ok()
        };
        let fits = |count: usize| {
            let variables = names[..count].iter().map(|n| (n.into(), (&value).into()));
            let program = Program {
                path: "/bin/true".into(),
                arguments: vec!["/bin/true".into()],
            };
            check(&program, &Environment::new(variables), super::total())
        };
        for count in 0..=names.len() {
            assert_eq!(fits(count).is_ok(), starts(count), "{count} variables");
        }
        assert_eq!(fits(64).unwrap_err().variables(), ["V00", "V01", "V02"]);
    }
}
