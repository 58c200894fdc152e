//! One line on stderr that says what takes so long: redrawn in place on a terminal, else written
//! anew every half minute. Everything under way at once shares the line.
//!
//! It goes past the capture of test output, because whoever waits must see it.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::termios::tcgetwinsize;

const BETWEEN_LINES: Duration = Duration::from_secs(30);

/// One thing under way. It leaves the line when it is dropped.
pub struct Progress {
    id: u64,
}

struct Entry {
    id: u64,
    what: String,
    detail: String,
    started: Instant,
    written: Instant,
}

struct Board {
    next: u64,
    entries: Vec<Entry>,
}

static BOARD: Mutex<Board> = Mutex::new(Board {
    next: 0,
    entries: Vec::new(),
});

impl Progress {
    /// Begins to show `what`.
    pub fn start(what: &str) -> Self {
        let mut board = lock_board();
        let id = board.next;
        board.next += 1;
        let now = Instant::now();
        let (what, detail) = (what.to_owned(), String::new());
        board.entries.push(Entry {
            id,
            what,
            detail,
            started: now,
            written: now,
        });
        board.draw_line();
        Self { id }
    }

    /// Says how far it is. To be called about once a second, so that the clock moves.
    pub fn show_detail(&self, detail: &str) {
        let mut board = lock_board();
        let terminal = io::stderr().is_terminal();
        if let Some(entry) = board.entries.iter_mut().find(|entry| entry.id == self.id) {
            detail.clone_into(&mut entry.detail);
            if !terminal && entry.written.elapsed() >= BETWEEN_LINES {
                entry.written = Instant::now();
                write_stderr(&format!("{}\n", entry.format_entry()));
            }
        }
        board.draw_line();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let mut board = lock_board();
        board.entries.retain(|entry| entry.id != self.id);
        board.draw_line();
    }
}

/// Writes a line above the one that is redrawn.
pub fn print_line(line: &str) {
    let board = lock_board();
    let erase = if io::stderr().is_terminal() {
        "\r\x1b[K"
    } else {
        ""
    };
    write_stderr(&format!("{erase}{line}\n"));
    board.draw_line();
}

fn lock_board() -> MutexGuard<'static, Board> {
    BOARD.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Board {
    fn draw_line(&self) {
        if io::stderr().is_terminal() {
            let columns = tcgetwinsize(io::stderr()).map_or(80, |size| usize::from(size.ws_col));
            write_stderr(&format!("\r\x1b[K{}", self.format_line(columns)));
        }
    }

    fn format_line(&self, columns: usize) -> String {
        let texts: Vec<_> = self.entries.iter().map(Entry::format_entry).collect();
        texts
            .join("  |  ")
            .chars()
            .take(columns.saturating_sub(1))
            .collect()
    }
}

impl Entry {
    fn format_entry(&self) -> String {
        let mut text = self.what.clone();
        if !self.detail.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(text, ": {}", self.detail);
        }
        let _ = write!(text, " ({})", format_clock(self.started.elapsed()));
        text
    }
}

/// Minutes and seconds, as `1:05`.
pub fn format_clock(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// There is nobody to tell when stderr is closed.
fn write_stderr(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build_entry(what: &str, detail: &str) -> Entry {
        let now = Instant::now();
        Entry {
            id: 0,
            what: what.into(),
            detail: detail.into(),
            started: now,
            written: now,
        }
    }

    #[test]
    fn a_clock_counts_minutes() {
        for (seconds, text) in [(0, "0:00"), (9, "0:09"), (65, "1:05"), (3600, "60:00")] {
            assert_eq!(format_clock(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn the_line_fits_the_terminal() {
        let board = Board {
            next: 2,
            entries: vec![
                build_entry("vault", "12 of 1907 packages"),
                build_entry("clippy", ""),
            ],
        };
        assert_eq!(
            board.format_line(80),
            "vault: 12 of 1907 packages (0:00)  |  clippy (0:00)"
        );
        assert_eq!(board.format_line(8), "vault: ");
        assert_eq!(board.format_line(0), "");
    }
}
