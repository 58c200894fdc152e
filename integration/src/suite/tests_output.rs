//! What `cargo test` prints, line by line.

use crate::skip;

/// What has been seen of the output of `cargo test`.
#[derive(Default)]
pub(super) struct TestsOutput {
    programs: Vec<Program>,
    ignored: Vec<String>,
    skipped: Vec<String>,
    failures: String,
    in_failures: bool,
}

struct Program {
    name: String,
    passed: usize,
    failed: usize,
    ignored: usize,
    seconds: String,
}

impl TestsOutput {
    /// Takes one line, without its end.
    pub(super) fn read_line(&mut self, line: &str) {
        if let Some(name) = parse_program(line) {
            self.in_failures = false;
            self.programs.push(Program::new(name));
        } else if let Some(result) = line.strip_prefix("test result: ") {
            self.in_failures = false;
            self.read_result(result);
        } else if line == "failures:" && !self.in_failures {
            self.in_failures = true;
            let name = self
                .programs
                .last()
                .map_or("", |program| program.name.as_str());
            self.failures += &["in ", name, ":\n"].concat();
        } else if self.in_failures || line.starts_with("error") || line.contains("(signal: ") {
            self.failures.push_str(line);
            self.failures.push('\n');
        } else if let Some((test, reason)) = parse_ignored(line) {
            self.ignored.push(format!("{test}: {reason}"));
        } else if let Some((_, skipped)) = line.split_once(skip::MARK) {
            self.skipped.push(skipped.to_owned());
        }
    }

    /// How many tests have passed.
    pub(super) fn count_passed(&self) -> usize {
        self.programs.iter().map(|program| program.passed).sum()
    }

    /// What failed, with the output of the tests.
    pub(super) fn failures(&self) -> &str {
        &self.failures
    }

    /// How it stands, in one line.
    pub(super) fn so_far(&self) -> String {
        let failed: usize = self.programs.iter().map(|program| program.failed).sum();
        let mut text = format!("{} passed", self.count_passed());
        for (count, what) in [
            (failed, "failed"),
            (self.ignored.len(), "ignored"),
            (self.skipped.len(), "skipped"),
        ] {
            if count > 0 {
                text = format!("{text}, {count} {what}");
            }
        }
        text
    }

    /// A line for each program that had tests, and for each test that did not run.
    pub(super) fn list_details(&self) -> Vec<String> {
        let with_tests = self
            .programs
            .iter()
            .filter(|p| p.passed + p.failed + p.ignored > 0);
        let mut lines: Vec<_> = with_tests.map(Program::describe_program).collect();
        lines.extend(self.ignored.iter().map(|test| format!("ignored: {test}")));
        lines.extend(self.skipped.iter().map(|test| format!("skipped: {test}")));
        lines
    }

    fn read_result(&mut self, result: &str) {
        let Some(program) = self.programs.last_mut() else {
            return;
        };
        program.passed = parse_count(result, " passed");
        program.failed = parse_count(result, " failed");
        program.ignored = parse_count(result, " ignored");
        program.seconds = text_between(result, "finished in ", "s")
            .map(str::to_owned)
            .unwrap_or_default();
    }
}

impl Program {
    fn new(name: String) -> Self {
        Self {
            name,
            passed: 0,
            failed: 0,
            ignored: 0,
            seconds: String::new(),
        }
    }

    fn describe_program(&self) -> String {
        let failed = if self.failed > 0 {
            format!(", {} FAILED", self.failed)
        } else {
            String::new()
        };
        format!(
            "{:>5} passed in {:>6} s  {}{failed}",
            self.passed, self.seconds, self.name
        )
    }
}

/// The program of a line such as `Running unittests src/lib.rs (target/debug/deps/contract-0a1b)`:
/// `contract`, or `tests/vault.rs`, or `Doc-tests contract`.
fn parse_program(line: &str) -> Option<String> {
    let line = line.trim_start();
    if line.starts_with("Doc-tests ") {
        return Some(line.to_owned());
    }
    let (source, file) = line.strip_prefix("Running ")?.split_once(" (")?;
    if !source.starts_with("unittests ") {
        return Some(source.to_owned());
    }
    let name = file.trim_end_matches(')').rsplit('/').next()?;
    Some(
        name.rsplit_once('-')
            .map_or(name, |(name, _)| name)
            .to_owned(),
    )
}

/// The test and the reason of a line such as `test slow ... ignored, takes an hour`.
fn parse_ignored(line: &str) -> Option<(&str, &str)> {
    let (test, rest) = line.strip_prefix("test ")?.split_once(" ... ignored")?;
    Some((test, rest.strip_prefix(", ").unwrap_or("no reason given")))
}

fn parse_count(result: &str, what: &str) -> usize {
    let number = result
        .split_once(what)
        .and_then(|(before, _)| before.rsplit(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn text_between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    Some(text.split_once(start)?.1.split_once(end)?.0)
}

#[cfg(test)]
mod tests {
    use super::TestsOutput;

    const OUTPUT: &str = "\
     Running unittests src/lib.rs (target/debug/deps/env_exec-0a1b2c)

running 3 tests
test a ... ok
test slow ... ignored, takes an hour
test bare ... ignored
test c ... FAILED

failures:

---- c stdout ----
assertion failed: the door is open

failures:
    c

test result: FAILED. 1 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.03s

error: test failed, to rerun pass `-p env-exec --lib`
     Running tests/vault.rs (target/debug/deps/vault-3d4e)

running 2 tests

skipped: as_another_user: needs root
..
test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.48s

     Running unittests src/main.rs (target/debug/deps/empty-5f)

running 0 tests

test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

   Doc-tests contract

running 1 test
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.20s
";

    fn read_output() -> TestsOutput {
        let mut seen = TestsOutput::default();
        OUTPUT.lines().for_each(|line| seen.read_line(line));
        seen
    }

    #[test]
    fn everything_is_counted() {
        assert_eq!(
            read_output().so_far(),
            "14 passed, 1 failed, 2 ignored, 1 skipped"
        );
        assert_eq!(read_output().count_passed(), 14);
    }

    #[test]
    fn the_details_name_programs_and_what_did_not_run() {
        let expected = [
            "    1 passed in   0.03 s  env_exec, 1 FAILED",
            "   12 passed in   1.48 s  tests/vault.rs",
            "    1 passed in   0.20 s  Doc-tests contract",
            "ignored: slow: takes an hour",
            "ignored: bare: no reason given",
            "skipped: as_another_user: needs root",
        ];
        assert_eq!(read_output().list_details(), expected);
    }

    #[test]
    fn failures_are_kept_with_their_output_and_nothing_else() {
        let seen = read_output();
        let failures = seen.failures();
        assert!(
            failures.starts_with("in env_exec:\n\n---- c stdout ----\n"),
            "{failures}"
        );
        assert!(failures.contains("the door is open") && failures.contains("-p env-exec --lib"));
        assert!(!failures.contains("passed"), "{failures}");
    }

    #[test]
    fn a_program_that_dies_is_a_failure() {
        let mut seen = TestsOutput::default();
        for line in [
            "     Running tests/vault.rs (target/debug/deps/vault-3d4e)",
            "error: test failed, to rerun pass `-p integration --test vault`",
            "",
            "Caused by:",
            "  process didn't exit successfully: `vault-3d4e` (signal: 6, SIGABRT)",
        ] {
            seen.read_line(line);
        }
        assert!(seen.failures().contains("signal: 6"), "{}", seen.failures());
        assert_eq!(seen.count_passed(), 0);
    }
}
