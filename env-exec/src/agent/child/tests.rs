use std::ffi::OsString;
use std::time::{Duration, Instant};

use super::{Child, Ended, Filter};
use crate::environment::Environment;
use crate::program::Program;
use crate::redactor::Redactor;
use crate::signals::Signals;

/// Watches a shell that plays an agent's part: how a process ends needs no real agent.
fn watch(script: &str, limit: Duration) -> super::Run {
    let program = Program {
        path: "/bin/sh".into(),
        arguments: ["sh", "-c", script].map(OsString::from).into(),
    };
    let signals = Signals::hold(&[nix::sys::signal::Signal::SIGCHLD]).unwrap();
    let variables = Environment::new([]);
    let redactor = Redactor::default();
    let filter = Filter {
        redactor: &redactor,
        learn: &|| (),
    };
    let child = Child::start(&program, &variables, &signals, filter).unwrap();
    let run = child.watch(&signals, Instant::now() + limit).unwrap();
    signals.release().unwrap();
    run
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn an_end_by_itself() {
    assert_eq!(watch("exit 0", LONG).ended, Ended::Exited(0));
    assert_eq!(watch("exit 2", LONG).ended, Ended::Exited(2));
    assert_eq!(watch("kill -9 $$", LONG).ended, Ended::Killed(9));
}

#[test]
fn last_output_of_the_agent_is_read() {
    let run = watch("echo 'error loading configuration: no'; exit 1", LONG);
    assert_eq!(
        run.log.start_error.as_deref(),
        Some("error loading configuration: no")
    );
}

#[test]
fn the_deadline_ends_it_even_if_it_is_deaf() {
    let begin = Instant::now();
    let run = watch(
        "trap '' TERM; while :; do sleep 0.1; done",
        Duration::from_millis(300),
    );
    assert_eq!(run.ended, Ended::TookTooLong);
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_refusal_ends_one_that_would_try_for_ever() {
    let line = r#"{"@level":"error","@module":"agent.auth.handler","@message":"error authenticating","error":"Code: 403. Errors:\n\n* permission denied"}"#;
    let begin = Instant::now();
    let run = watch(&format!("printf '%s\\n' '{line}' >&2; exec sleep 60"), LONG);
    assert_eq!(run.ended, Ended::Hopeless);
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[test]
fn its_signal_mask_is_that_of_our_start() {
    let run = watch("grep -q '^SigBlk:\t0*$' /proc/self/status", LONG);
    assert_eq!(run.ended, Ended::Exited(0));
}
