//! What each step runs.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use super::documents;
use super::style;
use super::tests_output::TestsOutput;
use super::{Failed, Passed};
use crate::process::{Output, forget_cargo, last_lines, run_with_lines};
use crate::progress::Progress;
use crate::tools::{self, Tool};

type Step = fn() -> Result<Passed, Failed>;

/// How much of a failing program's output is shown.
const SHOWN: usize = 200;
/// The step without which no test can run.
pub(super) const COMPILE: &str = "compile tests";

/// The steps that need nothing but Rust.
pub(super) const CHECKS: &[(&str, Step)] = &[
    ("format", check_format),
    ("lints", check_lints),
    ("documentation", check_documentation),
    ("licences and bans", check_dependencies),
    ("documents", documents::check_documents),
    ("style", style::check_style),
];

/// The steps that compile what the tests run.
pub(super) const BUILDS: &[(&str, Step)] =
    &[(COMPILE, compile_tests), ("programs", build_programs)];

/// Finds, builds or installs what the tests of the integration crate start.
pub(super) fn prepare_servers() -> Result<Passed, Failed> {
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
pub(super) fn run_tests(with_servers: bool) -> Result<Passed, Failed> {
    let progress = Progress::start("tests");
    // Cargo says on stderr what it runs, the tests on stdout how they went: both, in their order. Who is
    // started by `nohup`, or in the background of a script, ignores signals that the tests send, and so
    // would all that they start.
    let mut sh = workspace_command("sh");
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
        seen.read_line(line);
        progress.show_detail(&seen.so_far());
    });
    let output = output.map_err(|error| Failed::new(error.to_string()))?;
    drop(progress);
    let details = seen.list_details();
    if output.status.success() && seen.count_passed() > 0 && with_servers {
        return Ok(Passed {
            note: seen.so_far(),
            details,
        });
    }
    let reason = match (with_servers, seen.failures().is_empty()) {
        (_, false) => seen.failures().to_owned(),
        (true, true) => last_lines(&output.stderr(), SHOWN),
        (false, true) => "without the servers the integration tests were not run".to_owned(),
    };
    Err(Failed {
        output: reason,
        details,
    })
}

fn check_format() -> Result<Passed, Failed> {
    let arguments = ["fmt", "--all", "--check", "--", "--color=never"];
    run_plain("format", workspace_command("cargo").args(arguments))
}

fn check_lints() -> Result<Passed, Failed> {
    let mut clippy = cargo_command("clippy");
    run_plain(
        "lints",
        clippy.args(["--all-targets", "--", "--deny=warnings"]),
    )
}

fn check_documentation() -> Result<Passed, Failed> {
    let mut doc = cargo_command("doc");
    // The map of a module links to its private parts too.
    doc.args(["--no-deps", "--document-private-items"]);
    run_plain("documentation", doc.env("RUSTDOCFLAGS", "--deny=warnings"))
}

fn compile_tests() -> Result<Passed, Failed> {
    run_plain(COMPILE, cargo_command("test").arg("--no-run"))
}

fn build_programs() -> Result<Passed, Failed> {
    run_plain(
        "programs",
        workspace_command("make").args(["--silent", "--no-print-directory", "build"]),
    )
}

fn check_dependencies() -> Result<Passed, Failed> {
    let program =
        tools::find_tool(Tool::CargoDeny).map_err(|error| Failed::new(error.to_string()))?;
    let arguments = [
        "--locked",
        "--color=never",
        "check",
        "bans",
        "licenses",
        "sources",
    ];
    run_plain(
        "licences and bans",
        workspace_command(program).args(arguments),
    )
}

pub(super) fn cargo_command(verb: &str) -> Command {
    let mut cargo = workspace_command("cargo");
    cargo.args([verb, "--quiet", "--locked", "--workspace"]);
    cargo
}

/// A program in the directory of the workspace.
pub(super) fn workspace_command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    forget_cargo(&mut command);
    command
}

/// Runs a program whose status says all, and whose output matters only if it fails.
pub(super) fn run_plain(name: &str, command: &mut Command) -> Result<Passed, Failed> {
    let progress = Progress::start(name);
    let output = run_with_lines(command, |_| progress.show_detail(""));
    match output {
        Ok(output) if output.status.success() => Ok(Passed::default()),
        Ok(output) => Err(Failed::new(describe_output(&output))),
        Err(error) => Err(Failed::new(error.to_string())),
    }
}

fn describe_output(output: &Output) -> String {
    last_lines(&[output.stdout(), output.stderr()].concat(), SHOWN)
}
