//! The start of a program: from the environment that was given to the one that it gets.

mod ask;
mod network;
mod no_token;
mod pod_token;
mod token_place;
mod warnings;

use std::convert::Infallible;
use std::ffi::OsString;

use contract::names::SETTINGS_VARIABLE;
use nix::sys::prctl;

use crate::environment::{self, Environment};
use crate::error::End;
use crate::exec;
use crate::expanded;
use crate::limits;
use crate::program::Program;
use crate::references::References;
use crate::render;
use crate::report::Reporter;
use crate::settings::Settings;
use crate::signals::Signals;
use crate::stop::Stop;
use ask::Session;
use token_place::TokenPlace;

/// Becomes the program, or says how that ended.
pub(crate) fn run(
    command: Vec<OsString>,
    environment: &Environment,
    told: Option<contract::Settings>,
    report: &Reporter,
) -> End {
    match become_program(command, environment, told, report) {
        Ok(never) => match never {},
        Err(end) => end,
    }
}

fn become_program(
    command: Vec<OsString>,
    environment: &Environment,
    told: Option<contract::Settings>,
    report: &Reporter,
) -> Result<Infallible, End> {
    // First: the kernel drops what would end a container's first process and nobody holds.
    let signals = Signals::hold(&[])?;
    let settings = Settings::new(told)?;
    let program = Program::resolve(command, environment.get("PATH"))?;
    let references = References::find(environment, settings.from_paths.clone(), &settings.origins)?
        .with_keys(settings.from_path_keys.clone());
    expanded::refuse(
        &program.arguments,
        environment,
        &references,
        &settings.origins,
    )?;
    references.tell_left(report);

    // Before the token is read: no core dump, no debugger, no other process of this UID.
    prctl::set_dumpable(false).map_err(std::io::Error::from)?;
    let place = TokenPlace::open(&settings, environment, report)?;
    match place.slow_down(&signals, report) {
        Ok(None) => {}
        // The token stays for the next start, which then needs no login.
        Ok(Some(signal)) => return Err(End::Signalled(Box::new(signals), signal)),
        Err(error) => return Err(place.end(error.into(), signals, report)),
    }
    let target = match resolve(
        &settings,
        environment,
        &references,
        &program,
        &place,
        &signals,
        report,
    ) {
        Ok(target) => target,
        Err(stop) => return Err(place.end(stop, signals, report)),
    };
    place.clear(report)?;

    if let Some(signal) = signals.pending() {
        return Err(End::Signalled(Box::new(signals), signal));
    }
    signals.release()?;
    Ok(exec::replace_process(&program, &target)?)
}

/// Everything that can fail, up to the environment that the kernel will accept.
fn resolve(
    settings: &Settings,
    environment: &Environment,
    references: &References,
    program: &Program,
    place: &TokenPlace,
    signals: &Signals,
    report: &Reporter,
) -> Result<Environment, Stop> {
    let mut session = Session::default();
    if references.want_vault() || references.want_token() {
        let token = place.read(environment)?;
        report.learn_token(&token);
        session = Session::open(
            settings,
            environment,
            references,
            place,
            token,
            signals,
            report,
        )?;
        session.ask(settings, references, report)?;
        session.tell(report);
    }
    let go_on = || {
        signals
            .pending()
            .map_or(Ok(()), |signal| Err(Stop::Signalled(signal)))
    };
    let resolved = render::all(references, session.answers(), settings.rendering(), go_on)
        .inspect_err(|_| session.teach(report))?;
    for warning in &resolved.warnings {
        // It names keys, which a server chose.
        session.teach(report);
        report.warning(warning);
    }
    let removed: Vec<_> = [SETTINGS_VARIABLE]
        .into_iter()
        .chain(place.consumed().iter().copied())
        .collect();
    let target = environment::target(environment, &resolved, &removed);
    limits::check(program, &target, limits::total())?;
    if settings.revoke && !references.want_token() && !place.is_retained() {
        session.revoke(report)?;
    }
    Ok(target)
}
