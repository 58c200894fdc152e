//! What the demo prints: numbered steps with their times, in plain words, coloured on a terminal.

use std::fmt::Display;
use std::io::{self, IsTerminal, Stdout, Write};
use std::time::{Duration, Instant};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use rustix::termios::tcgetwinsize;

use super::DemoError;

const INDENT: &str = "   ";
const HEADING: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();

/// Standard output. Colours are left out where it is no terminal and where `NO_COLOR` is set.
pub struct Screen {
    out: AutoStream<Stdout>,
    width: usize,
    times: Vec<(&'static str, Duration)>,
}

impl Screen {
    /// As wide as the terminal, or 100 columns.
    pub fn new() -> Self {
        let stdout = io::stdout();
        let columns = tcgetwinsize(&stdout).map_or(100, |size| usize::from(size.ws_col));
        Self {
            width: if stdout.is_terminal() {
                columns.max(40)
            } else {
                100
            },
            out: AutoStream::auto(stdout),
            times: Vec::new(),
        }
    }

    /// How many columns there are behind the indentation.
    pub fn columns(&self) -> usize {
        self.width - INDENT.len()
    }

    /// Does one step of the demo under a numbered heading, and says how long it took.
    pub fn run_step<T>(
        &mut self,
        heading: &'static str,
        work: impl FnOnce(&mut Self) -> Result<T, DemoError>,
    ) -> Result<T, DemoError> {
        let number = self.times.len() + 1;
        self.print_line(&format!("\n{HEADING}{number}. {heading}{HEADING:#}"))?;
        let started = Instant::now();
        let result = work(self)?;
        let elapsed = started.elapsed();
        self.print_line(&format!(
            "{INDENT}{QUIET}({}){QUIET:#}",
            format_seconds(elapsed)
        ))?;
        self.times.push((heading, elapsed));
        Ok(result)
    }

    /// A line of text, wrapped.
    pub fn print_text(&mut self, text: impl Display) -> Result<(), DemoError> {
        for line in wrap_text(&text.to_string(), self.columns()) {
            self.print_line(&format!("{INDENT}{line}"))?;
        }
        Ok(())
    }

    /// Two columns: a name and what belongs to it.
    pub fn print_pair(&mut self, name: &str, text: impl Display) -> Result<(), DemoError> {
        self.print_line(&format!("{INDENT}{name:<18} {text}"))
    }

    /// A claim and what was found about it.
    pub fn print_claim(
        &mut self,
        claim: &str,
        found: &Result<Vec<String>, String>,
    ) -> Result<(), DemoError> {
        let (mark, details) = match found {
            Ok(details) => (format!("{GOOD}yes{GOOD:#}"), details.clone()),
            Err(reason) => (format!("{BAD}no{BAD:#} "), vec![reason.clone()]),
        };
        self.print_line(&format!("{INDENT}{mark}  {HEADING}{claim}{HEADING:#}"))?;
        let lines = details
            .iter()
            .flat_map(|detail| wrap_text(detail, self.columns() - 5));
        let lines: Vec<_> = lines.collect();
        lines
            .iter()
            .try_for_each(|line| self.print_line(&format!("{INDENT}     {line}")))
    }

    /// A line of a diff.
    pub fn print_change(&mut self, sign: char, text: &str) -> Result<(), DemoError> {
        let style = match sign {
            '+' => GOOD,
            '-' => BAD,
            _ => QUIET,
        };
        self.print_line(&format!("{INDENT}{style}{sign} {text}{style:#}"))
    }

    /// How long each step took.
    pub fn print_times(&mut self) -> Result<(), DemoError> {
        let times = self.times.clone();
        self.print_line("")?;
        for (number, (heading, elapsed)) in (1..).zip(&times) {
            let text = format!("{number}. {heading}");
            self.print_line(&format!(
                "{INDENT}{text:<50} {:>8}",
                format_seconds(*elapsed)
            ))?;
        }
        let total: Duration = times.iter().map(|(_, elapsed)| *elapsed).sum();
        self.print_line(&format!(
            "{INDENT}{:<50} {:>8}",
            "altogether",
            format_seconds(total)
        ))
    }

    /// A line as it is.
    pub fn print_line(&mut self, line: &str) -> Result<(), DemoError> {
        let line = format!("{line}\n");
        let written = self.out.write_all(line.as_bytes());
        written
            .and_then(|()| self.out.flush())
            .map_err(DemoError::Output)
    }
}

impl Default for Screen {
    fn default() -> Self {
        Self::new()
    }
}

/// Seconds with three digits behind the point, because some steps take milliseconds.
pub fn format_seconds(elapsed: Duration) -> String {
    format!("{:.3} s", elapsed.as_secs_f64())
}

/// Breaks a text at spaces.
fn wrap_text(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let length = lines[last].chars().count();
        if length > 0 && length + 1 + word.chars().count() > columns {
            lines.push(word.to_owned());
        } else if length > 0 {
            lines[last].push(' ');
            lines[last].push_str(word);
        } else {
            lines[last].push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_at_spaces() {
        assert_eq!(wrap_text("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap_text("overlong one", 3), ["overlong", "one"]);
        assert_eq!(wrap_text("", 3), [""]);
    }
}
