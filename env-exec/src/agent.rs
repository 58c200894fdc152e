//! `env-exec agent -- vault agent …`: the real agent logs in, and its token is handed to the
//! containers of the pod.
//!
//! ```text
//! AgentSettings → Identity → workspace → address → (child → orphans → outcome)* → token → hand_over
//! ```
//!
//! The agent's exit code proves nothing: it ends with 0 without a token, waits for ever, or leaves
//! files with live tokens behind. So deadline, attempts and the check of the token are here.

mod address;
mod agent_log;
mod child;
pub(crate) mod error;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod hand_over;
mod orphans;
mod outcome;
mod variables;
mod workspace;

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use contract::paths::{API_TOKEN, AUTH, AUTH_TOKEN};
use contract::{AgentSettings, duration};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use secrecy::ExposeSecret as _;

use crate::environment::Environment;
use crate::error::{End, Error};
use crate::prepare;
use crate::program::Program;
use crate::redactor::{Kind, Redactor};
use crate::report::Reporter;
use crate::settings::{Identity, SettingsError};
use crate::signals::Signals;
use crate::stop::Stop;
use crate::token::{Token, Wrapped};
use crate::vault;
use child::{Child, Filter};
use error::AgentError;
use outcome::Verdict;
use workspace::Workspace;

/// First and longest pause between two logins, before jitter.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Logs in and hands over.
pub(crate) fn run(
    command: Vec<OsString>,
    environment: &Environment,
    told: Option<contract::Settings>,
    report: &Reporter,
) -> End {
    match log_in(command, environment, told, report) {
        Ok(()) => End::Done,
        Err(end) => end,
    }
}

fn log_in(
    command: Vec<OsString>,
    environment: &Environment,
    told: Option<contract::Settings>,
    report: &Reporter,
) -> Result<(), End> {
    let settings = agent_settings(told)?;
    let program = Program::resolve(command, environment.get("PATH"))?;
    let signals = Signals::hold(&[Signal::SIGCHLD])?;
    prctl::set_dumpable(false).map_err(io::Error::from)?;
    let identity = Identity::mounted(&settings.vault)?;
    identity.as_ref().map(vault::check_identity).transpose()?;
    learn(report.redactor(), &settings, identity.as_ref(), environment);
    let workspace = Workspace::lay_out(&settings)?;
    let deadline = Duration::from_secs(settings.deadline_seconds).min(duration::LONGEST);
    let variables = variables::environment(environment, &settings, deadline);
    let attempts = Attempts {
        program: &program,
        variables: &variables,
        workspace: &workspace,
        deadline,
        own_sink: settings.sink.as_deref(),
    };
    orphans::adopt()?;
    let result = address::reject_redirect(&settings.vault, &signals);
    let result = result.and_then(|()| attempts.until_token(&signals, report));
    let result = result.and_then(|token| Ok(check_wrapping(&settings, token)?));
    // Not before the agent and all that it started have ended: they could write there.
    let result = result.and_then(|token| {
        if settings.install {
            prepare::install()?;
        }
        Ok(token)
    });
    let result =
        result.and_then(|token| Ok(hand_over::to_all(&settings, &token, identity.as_ref())?));
    // Whatever happened: no token of the agent's own stays behind.
    let cleared = workspace.clear();
    match result {
        Ok(()) => Ok(cleared?),
        Err(stop) => Err(stop.end(signals)),
    }
}

/// Everything that the agent logs in with, before it says a word: some files it removes.
fn learn(
    redactor: &Redactor,
    settings: &AgentSettings,
    identity: Option<&Identity>,
    environment: &Environment,
) {
    redactor.learn_agent_environment(environment);
    if let Some(config) = &settings.config {
        redactor.learn_config(&config.0);
    }
    if let Some(identity) = identity {
        redactor.learn(Kind::Credential, identity.key.1.expose_secret());
    }
    for directory in [AUTH, AUTH_TOKEN, API_TOKEN] {
        redactor.learn_directory(Path::new(directory));
    }
}

/// What a file of the author's had wrapped can be unwrapped once.
fn check_wrapping(settings: &AgentSettings, token: Token) -> Result<Token, Error> {
    let containers = settings.containers.len();
    if containers > 1 && Wrapped::find(&token)?.is_some() {
        return Err(Error::from(AgentError::Settings(format!(
            "the agent wrote a wrapped token, which only one container can unwrap, and \
             {containers} need it; leave `wrap_ttl` out of the agent's file"
        ))));
    }
    Ok(token)
}

fn agent_settings(told: Option<contract::Settings>) -> Result<AgentSettings, SettingsError> {
    match told {
        Some(contract::Settings::Agent(settings)) => Ok(settings),
        Some(contract::Settings::Exec(_)) => Err(SettingsError::Mode {
            found: "`env-exec PROGRAM`",
            wanted: "`env-exec agent`",
        }),
        None => Err(SettingsError::NoAgentSettings),
    }
}

struct Attempts<'a> {
    program: &'a Program,
    variables: &'a Environment,
    workspace: &'a Workspace,
    deadline: Duration,
    /// Where the author says that the file's sink writes to.
    own_sink: Option<&'a str>,
}

impl Attempts<'_> {
    /// Runs the agent until it has written a token, is refused for good, or the time is over.
    fn until_token(&self, signals: &Signals, report: &Reporter) -> Result<Token, Stop> {
        let end = Instant::now() + self.deadline;
        let mut pauses = ExponentialBuilder::new()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .with_jitter()
            .without_max_times()
            .build();
        let mut last = None;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let reason = match self.once(signals, end, report)? {
                Verdict::Token(token) => return Ok(token),
                Verdict::Refused(reason) => return Err(AgentError::Refused(reason).into()),
                Verdict::Settings(reason) => return Err(AgentError::Settings(reason).into()),
                Verdict::Passing(reason) => reason,
                // The deadline cut this run short: the one before it knows more.
                Verdict::Silent(reason) => last.take().unwrap_or(reason),
            };
            let left = end.saturating_duration_since(Instant::now());
            if left < FIRST_PAUSE {
                return Err(self.gave_up(reason, attempts).into());
            }
            let pause = pauses.next().unwrap_or(LONGEST_PAUSE).min(left / 2);
            let seconds = pause.as_secs();
            report.warning(&format!("{reason}; the next attempt is in {seconds} s"));
            last = Some(reason);
            if let Some(signal) = ending(signals, pause) {
                return Err(Stop::Signalled(signal));
            }
        }
    }

    /// Runs the agent once.
    fn once(&self, signals: &Signals, end: Instant, report: &Reporter) -> Result<Verdict, Stop> {
        let redactor = report.redactor();
        // kubelet writes another from time to time.
        redactor.learn_directory(Path::new(AUTH_TOKEN));
        let filter = Filter {
            redactor,
            learn: &|| self.workspace.learn(report),
        };
        let run = Child::start(self.program, self.variables, signals, filter)?;
        let run = run.watch(signals, end);
        orphans::end_all()?;
        let run = run?;
        if let Some(signal) = run.asked_to_end {
            return Err(Stop::Signalled(signal));
        }
        let verdict = outcome::judge(&run, self.workspace.token(), self.own_sink);
        self.workspace.clear()?;
        Ok(verdict)
    }

    fn gave_up(&self, reason: String, attempts: usize) -> AgentError {
        AgentError::Unreachable {
            reason,
            attempts,
            seconds: self.deadline.as_secs(),
        }
    }
}

/// Waits, and lets nothing but a signal that asks us to end cut it short.
fn ending(signals: &Signals, pause: Duration) -> Option<Signal> {
    let end = Instant::now() + pause;
    loop {
        match signals.wait(end.saturating_duration_since(Instant::now())) {
            Some(Signal::SIGCHLD) => {}
            other => return other,
        }
    }
}
