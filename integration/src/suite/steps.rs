//! What each step runs.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use super::documents;
use super::style;
use super::tests_output::TestsOutput;
use super::{Failed, Passed};
use crate::process::{Output, forget_cargo, run_with_lines, tail};
use crate::progress::Progress;
use crate::tools::{self, Tool};

type Step = fn() -> Result<Passed, Failed>;

/// How much of a failing program's output is shown.
const SHOWN: usize = 200;
/// The step without which no test can run.
pub(super) const COMPILE: &str = "compile tests";

/// The steps that need nothing but Rust.
pub(super) const CHECKS: &[(&str, Step)] = &[
    ("format", format),
    ("lints", lints),
    ("documentation", documentation),
    ("licences and bans", deny),
    ("documents", documents::check),
    ("style", style::check),
];

/// The steps that compile what the tests run.
pub(super) const BUILDS: &[(&str, Step)] = &[(COMPILE, compile), ("programs", programs)];

/// Finds, builds or installs what the tests of the integration crate start.
pub(super) fn servers() -> Result<Passed, Failed> {
    let wanted = [
        Tool::Vault,
        Tool::VaultPluginAuthKubernetes,
        Tool::VaultPlugins,
        Tool::Slapd,
        Tool::Krb5kdc,
        Tool::KadminLocal,
        Tool::MotoServer,
        Tool::KubeApiserver,
        Tool::KubeControllerManager,
        Tool::Kubectl,
        Tool::Etcd,
        Tool::Helm,
        Tool::Kubeconform,
    ];
    let paths = tools::find_all(&wanted).map_err(|error| Failed::new(error.to_string()))?;
    let line = |(tool, path): (Tool, _)| format!("{} is {}", tool.name(), Path::display(path));
    let details = wanted
        .into_iter()
        .zip(paths.iter().map(AsRef::as_ref))
        .map(line)
        .collect();
    Ok(Passed {
        note: String::new(),
        details,
    })
}

/// Runs every test; those that need servers only if there are any.
pub(super) fn tests(with_servers: bool) -> Result<Passed, Failed> {
    let progress = Progress::start("tests");
    // Cargo says on stderr what it runs, the tests on stdout how they went: both, in their order. Who is
    // started by `nohup`, or in the background of a script, ignores signals that the tests send, and so
    // would all that they start.
    let mut sh = command("sh");
    sh.args([
        "-c",
        r#"exec env --default-signal=HUP,INT,QUIT "$@" 1>&2"#,
        "sh",
        "cargo",
        "test",
        "--workspace",
    ]);
    sh.args(["--locked", "--no-fail-fast"])
        .env("CARGO_TERM_COLOR", "never");
    if !with_servers {
        sh.args(["--exclude", "integration"]);
    }
    let mut seen = TestsOutput::default();
    let output = run_with_lines(&mut sh, |line| {
        seen.line(line);
        progress.show(&seen.so_far());
    });
    let output = output.map_err(|error| Failed::new(error.to_string()))?;
    drop(progress);
    let details = seen.details();
    if output.status.success() && seen.passed() > 0 && with_servers {
        return Ok(Passed {
            note: seen.so_far(),
            details,
        });
    }
    let reason = match (with_servers, seen.failures().is_empty()) {
        (_, false) => seen.failures().to_owned(),
        (true, true) => tail(&output.stderr(), SHOWN),
        (false, true) => "without the servers the integration tests were not run".to_owned(),
    };
    Err(Failed {
        output: reason,
        details,
    })
}

fn format() -> Result<Passed, Failed> {
    let arguments = ["fmt", "--all", "--check", "--", "--color=never"];
    plain("format", command("cargo").args(arguments))
}

fn lints() -> Result<Passed, Failed> {
    let mut clippy = cargo("clippy");
    plain(
        "lints",
        clippy.args(["--all-targets", "--", "--deny=warnings"]),
    )
}

fn documentation() -> Result<Passed, Failed> {
    let mut doc = cargo("doc");
    // The map of a module links to its private parts too.
    doc.args(["--no-deps", "--document-private-items"]);
    plain("documentation", doc.env("RUSTDOCFLAGS", "--deny=warnings"))
}

fn compile() -> Result<Passed, Failed> {
    plain(COMPILE, cargo("test").arg("--no-run"))
}

fn programs() -> Result<Passed, Failed> {
    plain(
        "programs",
        command("make").args(["--silent", "--no-print-directory", "build"]),
    )
}

fn deny() -> Result<Passed, Failed> {
    let program = tools::find(Tool::CargoDeny).map_err(|error| Failed::new(error.to_string()))?;
    let arguments = [
        "--locked",
        "--color=never",
        "check",
        "bans",
        "licenses",
        "sources",
    ];
    plain("licences and bans", command(program).args(arguments))
}

pub(super) fn cargo(verb: &str) -> Command {
    let mut cargo = command("cargo");
    cargo.args([verb, "--quiet", "--locked", "--workspace"]);
    cargo
}

/// A program in the directory of the workspace.
pub(super) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    forget_cargo(&mut command);
    command
}

/// Runs a program whose status says all, and whose output matters only if it fails.
pub(super) fn plain(name: &str, command: &mut Command) -> Result<Passed, Failed> {
    let progress = Progress::start(name);
    let output = run_with_lines(command, |_| progress.show(""));
    match output {
        Ok(output) if output.status.success() => Ok(Passed::default()),
        Ok(output) => Err(Failed::new(shown(&output))),
        Err(error) => Err(Failed::new(error.to_string())),
    }
}

fn shown(output: &Output) -> String {
    tail(&[output.stdout(), output.stderr()].concat(), SHOWN)
}
