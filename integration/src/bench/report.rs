//! What is printed: plain lines, the same on a terminal and in a file.

use std::io::{self, Write};

use super::quantity::Claim;
use super::rows::{PEERS, Row};
use super::{Bench, BenchError, Figure, Verdict, machine};

/// From here on what others do to the processors shows in the figures.
const BUSY: f64 = 0.05;

/// Says what is measured on.
pub(super) fn print_introduction(bench: &Bench) -> Result<(), BenchError> {
    let hurry = if bench.quick {
        "\nQuick: a few runs of each, which show that the rows work and not how fast it is.\n"
    } else {
        ""
    };
    write_stdout(&format!(
        "{}, load {}\n{PEERS}\n{hurry}\n",
        machine::describe_machine()?,
        machine::read_load_average()?
    ))
}

/// Prints a row when it is measured.
pub(super) fn print_row(
    row: &Row,
    result: &Result<Figure, BenchError>,
    busy: f64,
) -> Result<(), BenchError> {
    write_stdout(&render_row(row, result, busy))
}

/// The last words.
pub(super) fn print_conclusion(verdict: Verdict, quick: bool) -> Result<(), BenchError> {
    let figures = if quick {
        "quick and not to be quoted: "
    } else {
        ""
    };
    let sentence = match (verdict.missed, verdict.failed) {
        (0, 0) => "every figure is as wanted".to_owned(),
        (missed, 0) => format!("{missed} missed"),
        (0, failed) => format!("{failed} not measured"),
        (missed, failed) => format!("{missed} missed, {failed} not measured"),
    };
    write_stdout(&format!("{figures}{sentence}\n"))
}

fn render_row(row: &Row, result: &Result<Figure, BenchError>, busy: f64) -> String {
    let mut lines = vec![row.about.to_owned()];
    match result {
        Ok(figure) => {
            lines.extend(figure.claims.iter().map(render_claim));
            lines.extend(figure.notes.iter().map(|note| format!("          {note}")));
        }
        Err(error) => lines.push(format!("  FAILED  not measured: {error}")),
    }
    if !row.peers.is_empty() {
        lines.push(format!("          peers: {}", row.peers));
    }
    if busy >= BUSY {
        lines.push(format!(
            "          BUSY: just before or after, others used {:.0} % of the processors; the figures say little",
            busy * 100.0
        ));
    }
    lines.push(format!("          make bench ROW={}", row.name));
    lines.join("\n") + "\n\n"
}

fn render_claim(claim: &Claim) -> String {
    let word = if claim.is_met() { "ok    " } else { "MISSED" };
    let measured = claim.measured.to_string();
    format!(
        "  {word}  {measured:>16}  (wanted {})  {}",
        claim.format_target(),
        claim.what
    )
}

fn write_stdout(text: &str) -> Result<(), BenchError> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::quantity::{Quantity, Unit, Wanted};

    const ROW: Row = Row {
        name: "example",
        about: "a program, alone",
        peers: "others 9 ms",
        measure: |_| Err(BenchError::Cores(0)),
    };

    fn build_figure(amount: f64) -> Figure {
        let measured = Quantity {
            amount,
            unit: Unit::Milliseconds,
        };
        let what = "over the floor";
        let claims = vec![Claim {
            what,
            measured,
            wanted: Wanted::AtMost(3.0),
        }];
        let notes = vec!["of 7 starts".into()];
        Figure { claims, notes }
    }

    #[test]
    fn a_row_with_its_verdict_and_command() {
        let expected = "\
a program, alone
  ok               1.50 ms  (wanted ≤ 3 ms)  over the floor
          of 7 starts
          peers: others 9 ms
          make bench ROW=example

";
        assert_eq!(render_row(&ROW, &Ok(build_figure(1.5)), 0.01), expected);
        let missed = render_row(&ROW, &Ok(build_figure(3.5)), 0.01);
        assert!(
            missed.contains("\n  MISSED           3.50 ms  "),
            "{missed}"
        );
    }

    #[test]
    fn report_marks_missing_and_doubtful_figures() {
        let text = render_row(&ROW, &Err(BenchError::Cores(1)), 0.42);
        assert!(
            text.contains("FAILED  not measured: server and client need a core each"),
            "{text}"
        );
        assert!(
            text.contains("BUSY: just before or after, others used 42 % of the processors"),
            "{text}"
        );
    }
}
