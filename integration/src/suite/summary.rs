//! The last words.

use std::io::{self, Write};
use std::time::Duration;

use super::Outcome;
use crate::progress::format_clock;

/// Prints what ran and how it went, on stdout. Whether all of it passed.
pub(super) fn print_summary(outcomes: &[Outcome], elapsed: Duration) -> bool {
    // There is nobody to tell when stdout is closed; the exit status says it too.
    let _ = io::stdout()
        .lock()
        .write_all(render_summary(outcomes, elapsed).as_bytes());
    outcomes.iter().all(|outcome| outcome.result.is_ok())
}

fn render_summary(outcomes: &[Outcome], elapsed: Duration) -> String {
    let mut lines = vec![String::new()];
    for outcome in outcomes {
        let (word, note, details) = match &outcome.result {
            Ok(passed) => ("ok    ", passed.note.as_str(), &passed.details),
            Err(failed) => ("FAILED", "", &failed.details),
        };
        let line = format!(
            "{word}  {:>6}  {:<18} {note}",
            format_clock(outcome.elapsed),
            outcome.name
        );
        lines.push(line.trim_end().to_owned());
        lines.extend(
            details
                .iter()
                .map(|detail| format!("                  {detail}")),
        );
    }
    let failed: Vec<_> = outcomes
        .iter()
        .filter(|outcome| outcome.result.is_err())
        .map(|outcome| outcome.name)
        .collect();
    lines.push(if failed.is_empty() {
        format!("all passed in {}", format_clock(elapsed))
    } else {
        format!("FAILED in {}: {}", format_clock(elapsed), failed.join(", "))
    });
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::{Failed, Passed};

    fn build_outcome(name: &'static str, result: Result<Passed, Failed>) -> Outcome {
        Outcome {
            name,
            elapsed: Duration::from_secs(65),
            result,
        }
    }

    #[test]
    fn a_table_with_the_verdict_last() {
        let passed = || Passed {
            note: "3 passed".into(),
            details: vec!["three of them".into()],
        };
        let all = [
            build_outcome("format", Ok(Passed::default())),
            build_outcome("tests", Ok(passed())),
        ];
        let expected = "
ok        1:05  format
ok        1:05  tests              3 passed
                  three of them
all passed in 2:10
";
        assert_eq!(render_summary(&all, Duration::from_secs(130)), expected);
        let failed = Failed {
            output: "seen already".into(),
            details: vec![],
        };
        let mixed = [
            build_outcome("lints", Err(failed)),
            build_outcome("tests", Ok(passed())),
        ];
        let text = render_summary(&mixed, Duration::from_secs(130));
        assert!(text.starts_with("\nFAILED    1:05  lints\n"), "{text}");
        assert!(text.ends_with("\nFAILED in 2:10: lints\n"), "{text}");
    }
}
