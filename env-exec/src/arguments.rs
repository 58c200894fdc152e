//! The command line.

use std::ffi::{OsStr, OsString};

use contract::{did_you_mean, nearest};
use thiserror::Error;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
env-exec resolves Vault references in its environment and becomes the program.

Usage:
  env-exec [--] PROGRAM [ARGUMENT]...         resolve references, run PROGRAM in this process
  env-exec prepare                            copy env-exec to /tokenpipe/bin/env-exec
  env-exec agent -- vault agent [OPTION]...   log in with the agent, hand its token to containers

Options, before `--`:
  -h, --help     print this
  -V, --version  print the version

A program called `prepare` or `agent` is run with `env-exec -- prepare`.
Settings come from TOKENPIPE_SETTINGS or, without it, from the Vault client's own variables
(VAULT_ADDR, VAULT_TOKEN, VAULT_CACERT, VAULT_NAMESPACE, ...).
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Print the help.
    Help,
    /// Print the version.
    Version,
    /// Become this program with these arguments; the first is its name.
    Wrap(Vec<OsString>),
    /// Copy env-exec into the bin volume.
    Prepare,
    /// Run this agent with these arguments as a child.
    Agent(Vec<OsString>),
}

/// Why the command line says nothing.
#[derive(Debug, PartialEq, Eq, Error)]
pub(crate) enum UsageError {
    #[error("there is no program to run; write `env-exec PROGRAM [ARGUMENT]...`")]
    NoProgram,
    #[error("unknown option `{option}`{hint}")]
    UnknownOption { option: String, hint: String },
    #[error(
        "`env-exec prepare` takes no arguments; a program of that name is run with \
         `env-exec -- prepare …`"
    )]
    PrepareArguments,
    #[error(
        "`env-exec agent` needs the agent's command behind `--`: \
         `env-exec agent -- vault agent -config=…`"
    )]
    NoAgent,
}

const OPTIONS: [&str; 2] = ["--help", "--version"];

/// Parses the arguments behind the program's own name.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, UsageError> {
    let mut arguments = arguments.peekable();
    let Some(first) = arguments.next() else {
        return Err(UsageError::NoProgram);
    };
    match first.to_str() {
        Some("-h" | "--help") => Ok(Command::Help),
        Some("-V" | "--version") => Ok(Command::Version),
        Some("prepare") if arguments.peek().is_some() => Err(UsageError::PrepareArguments),
        Some("prepare") => Ok(Command::Prepare),
        Some("agent") => agent(arguments),
        Some("--") => non_empty(arguments.collect(), UsageError::NoProgram).map(Command::Wrap),
        _ if is_option(&first) => Err(unknown(&first)),
        _ => Ok(Command::Wrap(
            std::iter::once(first).chain(arguments).collect(),
        )),
    }
}

fn agent(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, UsageError> {
    if arguments.next().is_none_or(|argument| argument != "--") {
        return Err(UsageError::NoAgent);
    }
    non_empty(arguments.collect(), UsageError::NoAgent).map(Command::Agent)
}

fn non_empty(program: Vec<OsString>, error: UsageError) -> Result<Vec<OsString>, UsageError> {
    if program.is_empty() {
        Err(error)
    } else {
        Ok(program)
    }
}

fn is_option(argument: &OsStr) -> bool {
    argument.as_encoded_bytes().starts_with(b"-")
}

fn unknown(option: &OsStr) -> UsageError {
    let option = option.to_string_lossy().into_owned();
    let near = nearest(&option, OPTIONS);
    let program = || format!("; a program of that name is run with `env-exec -- {option}`");
    let hint = near.map_or_else(program, |known| did_you_mean(Some(known)));
    UsageError::UnknownOption { option, hint }
}

#[cfg(test)]
mod tests {
    use super::{Command, UsageError, parse};
    use std::ffi::OsString;

    fn parsed(line: &str) -> Result<Command, UsageError> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn command_line_is_parsed() {
        let cases = [
            ("--help", Command::Help),
            ("-h", Command::Help),
            ("-V", Command::Version),
            ("--help me", Command::Help),
            ("--version", Command::Version),
            ("program", Command::Wrap(words("program"))),
            ("program --help", Command::Wrap(words("program --help"))),
            ("program -- x", Command::Wrap(words("program -- x"))),
            ("-- program -x", Command::Wrap(words("program -x"))),
            ("-- --help", Command::Wrap(words("--help"))),
            ("-- prepare x", Command::Wrap(words("prepare x"))),
            ("-- -- x", Command::Wrap(words("-- x"))),
            ("prepare", Command::Prepare),
            ("agent -- vault agent", Command::Agent(words("vault agent"))),
        ];
        for (line, command) in cases {
            assert_eq!(parsed(line), Ok(command), "{line}");
        }
    }

    #[test]
    fn unknown_command_line_is_rejected() {
        let cases = [
            ("", "no program"),
            ("--", "no program"),
            ("--hlep", "; did you mean \"--help\"?"),
            ("-v program", "unknown option `-v`; a program of that name"),
            ("--verbose program", "unknown option `--verbose`"),
            ("prepare --force", "takes no arguments"),
            ("agent", "behind `--`"),
            ("agent vault agent", "behind `--`"),
            ("agent --", "behind `--`"),
        ];
        for (line, part) in cases {
            let error = parsed(line).unwrap_err().to_string();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
