//! Building programs with Go, and saying how far it is.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{ToolError, Version, on_path};
use crate::process::{self, Output, last_lines};
use crate::progress::{self, Progress, format_clock};

/// One `go build`.
pub(super) struct Build {
    /// The programs, for a person.
    pub(super) what: String,
    /// The variables that would make the build unnecessary.
    pub(super) variables: String,
    /// Directory of the module.
    pub(super) module: PathBuf,
    /// The version of Go that the module asks for.
    pub(super) needed: Version,
    pub(super) packages: Vec<&'static str>,
    pub(super) flags: Vec<String>,
    /// How long it takes on two cores with nothing cached.
    pub(super) minutes: u32,
}

impl Build {
    /// Builds the programs into a directory.
    pub(super) fn run(&self, into: &Path) -> Result<(), ToolError> {
        let go = self.find_toolchain()?;
        let started = Instant::now();
        progress::print_line(&format!(
            "building {}, once: up to {} min on two cores",
            self.what, self.minutes
        ));
        let packages = self.fetch_modules(&go)?;
        self.compile_programs(&go, &packages, into)?;
        progress::print_line(&format!(
            "built {} in {}",
            self.what,
            format_clock(started.elapsed())
        ));
        Ok(())
    }

    /// A `go` that is new enough, or that fetches one which is.
    fn find_toolchain(&self) -> Result<PathBuf, ToolError> {
        let (what, needed) = (self.what.clone(), self.needed);
        let variables = self.variables.clone();
        let Some(go) = on_path("go") else {
            return Err(ToolError::GoMissing {
                what,
                needed,
                variables,
            });
        };
        let ask = |command: &mut Command| {
            process::run_command(command, Duration::from_secs(20)).map(|output| output.stdout())
        };
        let version = ask(Command::new(&go).arg("version").env("GOTOOLCHAIN", "local"))?;
        let setting = ask(Command::new(&go).args(["env", "GOTOOLCHAIN"]))?;
        match Version::find(&version) {
            Some(found) if !is_new_enough(found, needed, setting.trim()) => {
                Err(ToolError::GoTooOld {
                    what,
                    needed,
                    found,
                    variables,
                })
            }
            _ => Ok(go),
        }
    }

    /// Fetches the modules, and gives the packages that will be compiled.
    fn fetch_modules(&self, go: &Path) -> Result<HashSet<String>, ToolError> {
        let progress = Progress::start(&self.what);
        let mut modules = 0;
        let mut list = self.go_command(go, "list");
        list.arg("-deps").args(&self.packages);
        let output = process::run_with_lines(&mut list, |line| {
            modules += usize::from(line.starts_with("go: downloading "));
            progress.show_detail(&format!("fetched {modules} modules"));
        })?;
        if !output.status.success() {
            return Err(self.build_error(&output));
        }
        Ok(output.stdout().lines().map(str::to_owned).collect())
    }

    fn compile_programs(
        &self,
        go: &Path,
        packages: &HashSet<String>,
        into: &Path,
    ) -> Result<(), ToolError> {
        let progress = Progress::start(&self.what);
        let mut compiled = 0;
        let mut build = self.go_command(go, "build");
        build.arg("-v").arg("-o").arg(into).args(&self.packages);
        let output = process::run_with_lines(&mut build, |line| {
            compiled += usize::from(packages.contains(line));
            progress.show_detail(&describe_stage(compiled, packages.len()));
        })?;
        if output.status.success() {
            Ok(())
        } else {
            Err(self.build_error(&output))
        }
    }

    fn go_command(&self, go: &Path, verb: &str) -> Command {
        let mut command = Command::new(go);
        command
            .arg(verb)
            .args(&self.flags)
            .current_dir(&self.module);
        // Static programs.
        outside_of_the_users(&mut command).env("CGO_ENABLED", "0");
        command
    }

    fn build_error(&self, output: &Output) -> ToolError {
        let stderr = output.stderr();
        let what = self.what.clone();
        match find_network_error(&stderr) {
            Some(reason) => {
                let variables = self.variables.clone();
                ToolError::Proxy {
                    what,
                    reason: reason.to_owned(),
                    variables,
                }
            }
            None => ToolError::Build {
                what,
                tail: last_lines(&stderr, 20),
            },
        }
    }
}

/// Where the files of a module lie that another one, in this directory, asks for. They are fetched if need be.
pub(super) fn find_module_files(module: &Path, name: &str) -> Result<PathBuf, ToolError> {
    const LIMIT: Duration = Duration::from_secs(5 * 60);
    let go = on_path("go").ok_or_else(|| ToolError::Absent("go".to_owned()))?;
    let ask = |arguments: &[&str]| {
        let mut command = Command::new(&go);
        let command = command.args(arguments).arg(name).current_dir(module);
        process::run_command(outside_of_the_users(command), LIMIT)
    };
    ask(&["mod", "download"])?;
    let output = ask(&["list", "-m", "-f", "{{.Dir}}"])?;
    let directory = PathBuf::from(output.stdout().trim());
    if output.status.success() && directory.is_dir() {
        return Ok(directory);
    }
    Err(ToolError::Build {
        what: name.to_owned(),
        tail: last_lines(&output.stderr(), 20),
    })
}

/// Nothing of the user's own flags or workspace.
fn outside_of_the_users(command: &mut Command) -> &mut Command {
    command.env("GOWORK", "off").env_remove("GOFLAGS")
}

/// Whether a toolchain can build what needs `needed`. From 1.21 on it can fetch a newer
/// one, unless `GOTOOLCHAIN` says `local`.
fn is_new_enough(found: Version, needed: Version, setting: &str) -> bool {
    let fetches = found >= Version::new(1, 21, 0) && !setting.starts_with("local");
    found >= needed || fetches
}

/// The last package is the program itself: then it is linked, about which Go says nothing.
fn describe_stage(compiled: usize, packages: usize) -> String {
    if compiled < packages {
        format!("compiled {compiled} of {packages} packages")
    } else {
        format!("compiled {packages} packages, linking")
    }
}

/// The line that says that a module could not be fetched, if that is what went wrong.
fn find_network_error(stderr: &str) -> Option<&str> {
    const SIGNS: [&str; 8] = [
        "dial tcp",
        "no such host",
        "connection refused",
        "i/o timeout",
        "TLS handshake timeout",
        "certificate signed by unknown authority",
        "network is unreachable",
        "module lookup disabled by GOPROXY=off",
    ];
    stderr
        .lines()
        .find(|line| SIGNS.iter().any(|sign| line.contains(sign)))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_toolchains_fit() {
        let needed = Version::new(1, 26, 0);
        let cases = [
            ((1, 26, 0), "local", true),
            ((1, 27, 1), "", true),
            ((1, 25, 9), "auto", true),
            ((1, 25, 9), "go1.25.9+auto", true),
            ((1, 25, 9), "local", false),
            ((1, 20, 3), "", false),
        ];
        for ((major, minor, patch), setting, expected) in cases {
            let found = Version::new(major, minor, patch);
            assert_eq!(
                is_new_enough(found, needed, setting),
                expected,
                "{found} {setting}"
            );
        }
    }

    #[test]
    fn a_network_fault_is_told_from_a_broken_build() {
        let unreachable_line = "main.go:4:2: example.com/m@v1.0.0: Get \
            \"https://proxy.example/m.zip\": dial tcp: lookup proxy.example: no such host";
        let text = format!("go: downloading example.com/m v1.0.0\n{unreachable_line}\n");
        assert_eq!(find_network_error(&text), Some(unreachable_line));
        assert_eq!(
            find_network_error("# example.com/m\n./main.go:4:2: undefined: x\n"),
            None
        );
    }

    #[test]
    fn how_far_it_is() {
        assert_eq!(describe_stage(3, 10), "compiled 3 of 10 packages");
        assert_eq!(describe_stage(10, 10), "compiled 10 packages, linking");
    }
}
