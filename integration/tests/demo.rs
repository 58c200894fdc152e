//! `make demo` as a person meets it: it succeeds, it can be read, and it leaves nothing behind.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use integration::demo::{DemoError, processes};
use integration::process::{self, Background, Signal};
use integration::product;
use integration::temp;
use integration::tools::{self, Tool};
use integration::wait::{Probe, wait_for};
use tempfile::TempDir;

const DEMO: &str = env!("CARGO_BIN_EXE_demo");
const LIMIT: Duration = Duration::from_secs(120);

/// The demo, with a directory of its own for all that it leaves lying about. The programs are
/// built before, so that their builds are no part of a test.
fn build_demo_command(program: &str) -> Result<(Command, TempDir), DemoError> {
    let directory = temp::create_directory("demo")?;
    fs::set_permissions(directory.path(), Permissions::from_mode(0o711))?;
    let mut command = Command::new(program);
    command
        .env("TMPDIR", directory.path())
        .env("VAULT_BIN", tools::find_tool(Tool::Vault)?)
        .env("ENV_EXEC_BIN", product::find_env_exec()?)
        .env("TOKENPIPE_BIN", product::find_tokenpipe()?);
    Ok((command, directory))
}

fn wait_until_empty(directory: &Path) -> Result<(), DemoError> {
    let left = || -> io::Result<Vec<_>> {
        let entries = fs::read_dir(directory)?;
        entries.map(|entry| Ok(entry?.file_name())).collect()
    };
    wait_for("an empty directory", LIMIT, || match left() {
        Ok(left) if left.is_empty() => Probe::Ready(()),
        left => Probe::NotYet(format!("{left:?}")),
    })?;
    Ok(())
}

#[test]
fn it_succeeds_twice_and_leaves_nothing() {
    for _ in 0..2 {
        let (mut command, directory) = build_demo_command(DEMO).unwrap();
        let output = process::run_command(&mut command, LIMIT).unwrap();
        let text = output.stdout();
        assert_eq!(output.code(), Some(0), "{output:?}");
        assert_eq!(text.matches("   yes  ").count(), 8, "{text}");
        assert!(!text.contains('\x1b') && text.is_ascii(), "{text}");
        assert!(text.lines().all(|line| line.len() <= 110), "{text}");
        wait_until_empty(directory.path()).unwrap();
    }
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    for (no_colour, expected) in [("", true), ("1", false)] {
        let (mut command, _directory) = build_demo_command("script").unwrap();
        // script(1) gives the command a terminal.
        command.args(["--quiet", "--return", "--command", DEMO, "/dev/null"]);
        command.env("TERM", "xterm").env("NO_COLOR", no_colour);
        let output = process::run_command(&mut command, LIMIT).unwrap();
        let text = output.stdout();
        assert_eq!(output.code(), Some(0), "{output:?}");
        assert_eq!(text.contains("\x1b[32m+ "), expected, "{text}");
        assert_eq!(text.contains("\x1b[1m"), expected, "{text}");
    }
}

#[test]
fn whatever_ends_it_nothing_is_left() {
    for signal in [Signal::INT, Signal::TERM, Signal::KILL] {
        let (mut command, directory) = build_demo_command(DEMO).unwrap();
        let log = temp::create_directory("log").unwrap();
        let mut demo = Background::start(command.arg("--keep"), &log.path().join("log")).unwrap();
        wait_for("the invitation to look around", LIMIT, || {
            match demo.log() {
                log if log.contains("until Ctrl-C") => Probe::Ready(()),
                log if demo.is_running() => Probe::NotYet(log),
                log => Probe::Failed(log),
            }
        })
        .unwrap();
        let below = processes::find_descendants(demo.id()).unwrap();
        let names: Vec<_> = below
            .iter()
            .map(|process| process.arguments[0].as_str())
            .collect();
        assert!(
            names.contains(&"sleep"),
            "the program's child is there: {names:?}"
        );

        demo.signal(signal).unwrap();
        demo.wait(LIMIT).unwrap();
        wait_until_empty(directory.path()).unwrap();
        wait_for("the end of all processes", LIMIT, || {
            let left = below.iter().find(|process| {
                processes::Process::read(process.id)
                    .is_ok_and(|now| now.arguments == process.arguments)
            });
            left.map_or(Probe::Ready(()), |left| Probe::NotYet(format!("{left:?}")))
        })
        .unwrap();
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        assert!(
            !mounts.contains(&*directory.path().to_string_lossy()),
            "{mounts}"
        );
    }
}

#[test]
fn who_is_not_root_is_told() {
    let (mut command, directory) = build_demo_command("setpriv").unwrap();
    // A place where another user may execute it.
    let program = directory.path().join("demo");
    fs::copy(DEMO, &program).unwrap();
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
        .arg(program);
    let output = process::run_command(&mut command, LIMIT).unwrap();
    assert_eq!(output.code(), Some(1), "{output:?}");
    assert!(
        output.stderr().starts_with("running pods needs root"),
        "{output:?}"
    );
}

#[test]
fn help_is_short() {
    let (mut command, _directory) = build_demo_command(DEMO).unwrap();
    let output = process::run_command(command.arg("--help"), LIMIT).unwrap();
    assert!(output.stdout().contains("--keep"), "{output:?}");
    assert!(output.stdout().lines().count() < 15, "{output:?}");
}
