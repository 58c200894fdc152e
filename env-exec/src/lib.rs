//! env-exec: a container's first process, which becomes its program.
//!
//! ```text
//! Environment → Settings → Program → References → Token → Answers → Resolved → Environment → exec
//! ```
//!
//! [`run`] parses the command line and does one of three things. For a program, [`start`] finds
//! the references in the environment, reads the token, asks Vault, renders the values, shreds the
//! token and executes the program in the same process. [`prepare`] copies env-exec to where other
//! containers find it. [`agent`] runs a Vault Agent as its child and hands out the token that it
//! got. Decisions are pure functions; what they decide about is read and done in few places.
//!
//! | file | holds |
//! |---|---|
//! | [`arguments`] | the command line |
//! | [`settings`] | what the webhook, or Vault's own variables, tell |
//! | [`start`] | the flow from environment to exec |
//! | [`program`] | which file the program is |
//! | [`references`], [`embedded`] | references in variables; copies of them in arguments |
//! | [`expanded`] | copies of them in arguments, which nobody would resolve |
//! | [`origins`] | what a value may ask of Vault, by where it comes from |
//! | [`token`], [`restart`] | the token and its file; what a start without one does |
//! | [`vault`], [`fetch`] | requests to Vault, each once |
//! | [`inquiry`], [`patience`] | whether a denial means a dead token; how often and how long to ask |
//! | [`render`], [`lease`] | from answers to values; how long leased ones live |
//! | [`environment`], [`limits`] | what the program will see; what the kernel allows |
//! | [`signals`], [`privileges`], [`exec`] | the process itself |
//! | [`files`] | files in places where others may have put something else |
//! | [`prepare`], [`agent`] | the two init containers |
//! | [`stop`], [`error`], [`report`] | why a run stops, the code it ends with, what is said |
//! | [`redactor`], [`foreign`] | what must not be said; words that others wrote |

mod agent;
mod arguments;
mod embedded;
mod environment;
mod error;
mod exec;
mod expanded;
mod fetch;
mod files;
mod foreign;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod inquiry;
mod lease;
mod limits;
mod origins;
mod passing_status;
mod patience;
mod per_variable;
mod prepare;
mod privileges;
mod program;
mod redactor;
mod references;
mod render;
mod report;
mod restart;
mod settings;
mod signals;
mod start;
mod stop;
mod token;
mod vault;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use contract::LogFormat;

use arguments::Command;
use environment::Environment;
use error::{End, Error};
use report::Reporter;
use settings::Reporting;

/// Does what the arguments (without the program's own name) say. Returns only where env-exec does
/// not become the program.
pub fn run(
    arguments: impl Iterator<Item = OsString>,
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> ExitCode {
    let environment = Environment::new(variables);
    let settings = settings::read(&environment);
    let reporting = settings.as_ref().map_or_else(
        |_| Reporting::in_pod(LogFormat::Text),
        |settings| Reporting::new(settings.as_ref(), &environment),
    );
    let report = Reporter::new(reporting.format, reporting.termination_message);
    report.redactor().learn_environment(&environment);
    if let Ok(Some(settings)) = &settings
        && let Some(proxy) = &settings.connection().proxy
    {
        report.redactor().learn_proxy(proxy);
    }
    let end = match arguments::parse(arguments) {
        Ok(Command::Help) => print(arguments::HELP),
        Ok(Command::Version) => print(concat!("env-exec ", env!("CARGO_PKG_VERSION"), "\n")),
        Ok(Command::Prepare) => prepare::install().map_or_else(End::from, |()| End::Done),
        Ok(Command::Agent(command)) => settings.map_or_else(End::from, |settings| {
            agent::run(command, &environment, settings, &report)
        }),
        Ok(Command::Wrap(command)) => settings.map_or_else(End::from, |settings| {
            start::run(command, &environment, settings, &report)
        }),
        Err(error) => End::from(Error::from(error)),
    };
    end.exit(&report)
}

/// A panic's text may hold a secret: only its place is shown.
pub fn hide_panic_payloads() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let line = format!("env-exec: internal error at {place}; please report it\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
    }));
}

fn print(text: &str) -> End {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => End::Done,
        Err(error) => End::from(Error::Output(error)),
    }
}
