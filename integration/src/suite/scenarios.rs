//! The core scenarios on a node of this machine: the last step, where there can be one.

use std::fs;
use std::time::Duration;

use super::steps::workspace_command;
use super::tests_output::TestsOutput;
use super::{Failed, Passed};
use crate::process::{self, last_lines, run_with_lines};
use crate::progress::Progress;

/// When it is too late to begin: the whole must stay within an hour and a half, and with a node's
/// programs to build the scenarios take a quarter of an hour.
const LATEST: Duration = Duration::from_secs(70 * 60);
const SHOWN: usize = 200;

/// The scenarios, and then what starts and ends a node itself: before the first of them its programs
/// need not be there.
const SCRIPTS: [&str; 2] = [
    "exec make --silent --no-print-directory e2e 1>&2",
    "exec cargo test --locked --workspace --test node 1>&2",
];

/// Runs `make e2e`, unless something is in its way, which is then said.
pub(super) fn run_scenarios(elapsed: Duration) -> Result<Passed, Failed> {
    if let Some(reason) = find_obstacle(elapsed) {
        return Ok(Passed {
            note: format!("skipped: {reason}; `make e2e` runs them"),
            details: Vec::new(),
        });
    }
    let progress = Progress::start("scenarios");
    let mut seen = TestsOutput::default();
    for script in SCRIPTS {
        let mut sh = workspace_command("sh");
        // Not on a cluster that the user happens to work with.
        sh.args(["-c", script])
            .env_remove("KUBECONFIG")
            .env("CARGO_TERM_COLOR", "never");
        let output = run_with_lines(&mut sh, |line| {
            seen.read_line(line);
            progress.show_detail(&seen.so_far());
        });
        let output = output.map_err(|error| Failed::new(error.to_string()))?;
        if !output.status.success() || seen.count_passed() == 0 {
            return Err(Failed {
                output: [seen.failures(), &last_lines(&output.stderr(), SHOWN)].concat(),
                details: seen.list_details(),
            });
        }
    }
    drop(progress);
    Ok(Passed {
        note: seen.so_far(),
        details: seen.list_details(),
    })
}

/// What a node cannot be without.
fn find_obstacle(elapsed: Duration) -> Option<String> {
    let minutes = |time: Duration| time.as_secs() / 60;
    if !rustix::process::geteuid().is_root() {
        return Some("a node needs root".to_owned());
    }
    let mut unshare = workspace_command("unshare");
    unshare.args([
        "--pid",
        "--fork",
        "--mount",
        "--net",
        "--ipc",
        "--mount-proc",
        "true",
    ]);
    match process::run_command(&mut unshare, Duration::from_secs(20)) {
        Ok(output) if output.status.success() => {}
        Ok(output) => {
            return Some(format!(
                "there are no namespaces: {}",
                output.stderr().trim()
            ));
        }
        Err(error) => return Some(error.to_string()),
    }
    if fs::metadata("/sys/fs/cgroup").map_or(true, |groups| groups.permissions().readonly()) {
        return Some("there are no control groups to make".to_owned());
    }
    (elapsed > LATEST).then(|| {
        format!(
            "{} minutes have passed, and after {} they would take too long",
            minutes(elapsed),
            minutes(LATEST)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_it_is_left_out_and_said_to_be() {
        let passed = run_scenarios(LATEST + Duration::from_secs(1))
            .unwrap_or_else(|failed| panic!("it was run: {}", failed.output));
        assert!(passed.note.starts_with("skipped: "), "{}", passed.note);
        assert!(passed.note.contains("make e2e"), "{}", passed.note);
    }
}
