use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use std::os::unix::process::{CommandExt, ExitStatusExt};

use super::{
    Background, ProcessError, Signal, forget_cargo, run_command, run_with_input, run_with_lines,
};
use crate::temp;
use crate::wait::wait_for;

const LIMIT: Duration = Duration::from_secs(20);

fn shell_command(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]);
    command
}

/// Whether a process runs; a zombie does not.
fn is_live(id: &str) -> bool {
    let status = fs::read_to_string(Path::new("/proc").join(id.trim()).join("status"));
    status.is_ok_and(|status| !status.contains("State:\tZ"))
}

#[test]
fn output_and_status_are_captured() {
    let output = run_command(&mut shell_command("echo out; echo err >&2; exit 3"), LIMIT).unwrap();
    assert_eq!(
        (output.stdout().as_str(), output.stderr().as_str()),
        ("out\n", "err\n")
    );
    assert_eq!((output.code(), output.signal()), (Some(3), None));
    assert_eq!(
        format!("{output:?}"),
        "exit status: 3\nstdout:\nout\nstderr:\nerr"
    );

    let output = run_command(&mut shell_command("kill -s TERM $$"), LIMIT).unwrap();
    assert_eq!((output.code(), output.signal()), (None, Some(15)));
}

#[test]
fn input_is_fed_and_may_be_left_unread() {
    let output = run_with_input(&mut shell_command("cat"), b"a\0b", LIMIT).unwrap();
    assert_eq!(output.stdout, b"a\0b");
    let much = vec![b'x'; 1 << 20];
    assert_eq!(
        run_with_input(&mut shell_command("exit 0"), &much, LIMIT)
            .unwrap()
            .code(),
        Some(0)
    );
    assert_eq!(
        run_command(&mut shell_command("cat"), LIMIT)
            .unwrap()
            .stdout,
        b""
    );
}

#[test]
fn slow_program_is_killed_with_its_children() {
    let directory = temp::create_directory("process").unwrap();
    let script = "echo before; sleep 1000 & echo $! >child; wait";
    let limit = Duration::from_secs(5);
    let error = run_command(shell_command(script).current_dir(&directory), limit).unwrap_err();
    assert!(matches!(error, ProcessError::Deadline { .. }));
    let expected = "`/bin/sh` was still running after 5.0 s; its output ended with:\nbefore";
    assert_eq!(error.to_string(), expected);
    let child = fs::read_to_string(directory.path().join("child")).unwrap();
    wait_for("the child's end", LIMIT, || !is_live(&child)).unwrap();
}

#[test]
fn orphans_of_a_program_end_with_it() {
    let output = run_command(&mut shell_command("sleep 1000 & echo $!"), LIMIT).unwrap();
    wait_for("the child's end", LIMIT, || !is_live(&output.stdout())).unwrap();
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let error = run_command(&mut Command::new("/nowhere/program"), LIMIT)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("cannot start `/nowhere/program`: "),
        "{error}"
    );
}

/// Cargo sets these variables for this very test.
#[test]
fn variables_of_cargo_are_not_passed_on() {
    assert!(env::var_os("CARGO_PKG_NAME").is_some() && env::var_os("CARGO").is_some());
    let mut command = Command::new("env");
    forget_cargo(&mut command);
    let environment = run_command(&mut command, LIMIT).unwrap().stdout();
    let left = |name: &str| environment.lines().any(|line| line.starts_with(name));
    assert!(
        !left("CARGO_PKG_NAME=") && !left("CARGO=") && left("PATH="),
        "{environment}"
    );
}

#[test]
fn lines_are_seen_as_they_come() {
    let mut lines = Vec::new();
    let mut command = shell_command("echo one >&2; echo two >&2; echo out");
    let output = run_with_lines(&mut command, |line| lines.push(line.to_owned())).unwrap();
    assert_eq!(lines, ["one", "two"]);
    assert_eq!(
        (output.stdout().as_str(), output.stderr().as_str()),
        ("out\n", "one\ntwo\n")
    );
}

#[test]
fn a_program_in_the_background_ends_with_its_handle() {
    let directory = temp::create_directory("process").unwrap();
    let log = directory.path().join("log");
    let mut command = shell_command("sleep 1000 & echo $!; wait");
    let background = Background::start(&mut command, &log).unwrap();
    assert!(background.is_running());
    let child = wait_for("its line", LIMIT, || {
        background.log().lines().next().map(str::to_owned)
    })
    .unwrap();
    let id = background.id().to_string();
    drop(background);
    assert!(!is_live(&id));
    wait_for("the child's end", LIMIT, || !is_live(&child)).unwrap();
}

#[test]
fn a_program_in_the_background_takes_signals() {
    let directory = temp::create_directory("process").unwrap();
    let log = directory.path().join("log");
    let script = "trap 'echo told; exit 7' TERM; echo ready; while :; do sleep 0.01; done";
    let mut background = Background::start(&mut shell_command(script), &log).unwrap();
    wait_for("the trap", LIMIT, || background.log().contains("ready")).unwrap();
    background.signal(Signal::TERM).unwrap();
    assert_eq!(background.wait(LIMIT).unwrap().code(), Some(7));
    assert!(!background.is_running());
    assert_eq!(background.log(), "ready\ntold\n");
}

/// The process that the script watches is played by this test, which closes the pipe.
#[test]
fn the_reaper_ends_what_a_killed_process_left() {
    let root = temp::create_directory("reaper").unwrap();
    let groups = root.path().join("groups");
    fs::create_dir(&groups).unwrap();
    fs::write(root.path().join("secret"), "").unwrap();
    let mut left = shell_command("exec sleep 1000")
        .process_group(0)
        .spawn()
        .unwrap();
    fs::write(groups.join(left.id().to_string()), "").unwrap();

    let mut reaper = shell_command(include_str!("reaper.sh"))
        .arg("reaper")
        .arg(root.path())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    assert!(is_live(&left.id().to_string()) && root.path().exists());
    drop(reaper.stdin.take());
    assert!(reaper.wait().unwrap().success());
    assert!(!root.path().exists());
    let ended = wait_for("the end of what was left", LIMIT, || {
        left.try_wait().unwrap()
    });
    left.kill().unwrap();
    assert_eq!(ended.unwrap().signal(), Some(9));
}
