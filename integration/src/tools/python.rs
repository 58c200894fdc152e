//! Installing a program of the Python package index, with all that it needs, by the digests of
//! `requirements.txt`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{Tool, ToolError, apt, cache, on_path};
use crate::process::{self, Output, last_lines};
use crate::progress::{self, Progress, format_clock};

/// The directory of the packages, beside the program.
const ENVIRONMENT: &str = "python";

/// The program, installed if it is not yet; `module` is the one whose `main` it runs.
pub(super) fn obtain_program(
    tool: Tool,
    module: &str,
    requirements: &str,
) -> Result<PathBuf, ToolError> {
    let script = render_script(module);
    let directory = cache::tool_directory(tool.name(), &[requirements, &script])?;
    let program = directory.join(tool.name());
    if !program.is_file() {
        let slot = cache::lock_directory(&directory)?;
        if !program.is_file() {
            // The program last: where it is, the rest is too.
            slot.fill(&[ENVIRONMENT, tool.name()], |into| {
                install_requirements(tool, requirements, into)?;
                write_program(&into.join(tool.name()), &script)
            })?;
        }
    }
    Ok(program)
}

/// The scripts that pip writes know where they were written, and their directory is moved.
fn render_script(module: &str) -> String {
    format!(
        "#!/bin/sh\nexec \"${{0%/*}}/{ENVIRONMENT}/bin/python3\" \
         -c 'from {module} import main; main()' \"$@\"\n"
    )
}

fn write_program(path: &Path, script: &str) -> Result<(), ToolError> {
    let at = |source| ToolError::Io {
        path: path.to_owned(),
        source,
    };
    fs::write(path, script).map_err(at)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(at)
}

fn install_requirements(tool: Tool, requirements: &str, into: &Path) -> Result<(), ToolError> {
    let started = Instant::now();
    let python = find_interpreter()?;
    progress::print_line(&format!(
        "installing {} with pip, once: up to 2 min; {} may name one",
        tool.name(),
        tool.variable()
    ));
    let list = into.join("requirements.txt");
    fs::write(&list, requirements).map_err(|source| ToolError::Io {
        path: list.clone(),
        source,
    })?;
    let environment = into.join(ENVIRONMENT);
    let mut create = Command::new(python);
    create.args(["-m", "venv"]).arg(&environment);
    run_python(tool, &mut create)?;
    let mut pip = Command::new(environment.join("bin/python3"));
    pip.args(["-m", "pip", "install", "--no-deps", "--require-hashes"]);
    pip.args(["--disable-pip-version-check", "--requirement"])
        .arg(&list);
    run_python(tool, &mut pip)?;
    let what = tool.name();
    progress::print_line(&format!(
        "installed {what} in {}",
        format_clock(started.elapsed())
    ));
    Ok(())
}

/// A Python that makes virtual environments, which Debian's does only with another package.
fn find_interpreter() -> Result<PathBuf, ToolError> {
    let find = || {
        let python = on_path("python3")?;
        let mut import = Command::new(&python);
        import.args(["-c", "import ensurepip, venv"]);
        let output = process::run_command(&mut import, Duration::from_secs(20)).ok()?;
        output.status.success().then_some(python)
    };
    match find() {
        Some(python) => Ok(python),
        None => apt::install_package("python3-venv", "Python with virtual environments", find),
    }
}

fn run_python(tool: Tool, command: &mut Command) -> Result<Output, ToolError> {
    // Neither the user's packages nor another environment's.
    command
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        .env("PYTHONNOUSERSITE", "1");
    let progress = Progress::start(tool.name());
    let output = process::run_with_lines(command, |line| progress.show_detail(line.trim()))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(ToolError::Build {
        what: tool.name().to_owned(),
        tail: last_lines(&[output.stdout(), output.stderr()].concat(), 20),
    })
}
