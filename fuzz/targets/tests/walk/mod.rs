//! How a row of the walk is measured.

pub(crate) mod every_field;

use std::fs;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use contract::limits::MESSAGE_BYTES;
use contract::message::thousands;
use fuzz_targets::ran;

/// What the chart gives a replica.
const MEMORY: usize = 384 * 1024 * 1024;
/// A decision takes up to so many times the bytes of its review: `limits::DECIDED_BYTES` counts on it.
const DECIDED: usize = 10;
/// Bytes of memory that say nothing about a multiple.
const LEAST: usize = 24 * 1024 * 1024;
/// Twice the input may take so many times as long; what is quadratic takes four times.
const RATIO: f64 = 3.0;
/// Times below this are taken for it: they say nothing about a ratio. Beyond its bound a list is read
/// twice, the second time to name the field, which takes a multiple in a build for tests.
const FLOOR: Duration = Duration::from_millis(50);
/// No input takes so long, in a build for tests, on a slow core.
const LONGEST: Duration = Duration::from_secs(5);
/// Measurements of a ratio before it counts as wrong.
const TRIES: usize = 4;

/// An input of any size, and what reads it.
pub(crate) struct Row {
    name: String,
    /// The size that is its bound; it is read at twice that too.
    bound: usize,
    make: Box<dyn Fn(usize) -> String>,
    /// Gives the length of the longest message.
    read: fn(&str) -> usize,
}

/// A row of a table.
pub(crate) fn row(
    name: String,
    bound: usize,
    make: impl Fn(usize) -> String + 'static,
    read: fn(&str) -> usize,
) -> Row {
    Row {
        name,
        bound,
        make: Box::new(make),
        read,
    }
}

/// So many of it with commas between; the first `#` becomes the number of each.
pub(crate) fn repeated(element: &str, count: usize) -> String {
    let (before, behind) = match element.split_once('#') {
        Some((before, behind)) => (before, Some(behind)),
        None => (element, None),
    };
    let mut text = String::new();
    for number in 0..count {
        if number > 0 {
            text.push(',');
        }
        text.push_str(before);
        if let Some(behind) = behind {
            text.extend([&number.to_string(), behind]);
        }
    }
    text
}

/// Measures every row, and says what is wrong with all of them.
pub(crate) fn hold(rows: &[Row]) {
    // The peak of memory is the process's.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let problems: Vec<_> = rows.iter().flat_map(Row::problems).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

impl Row {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let (one, two) = ((self.make)(self.bound), (self.make)(2 * self.bound));
        let ratio = |seen: &(Duration, Duration)| {
            seen.1.max(FLOOR).as_secs_f64() / seen.0.max(FLOOR).as_secs_f64()
        };
        let mut seen = (
            self.time(&one, &mut problems),
            self.time(&two, &mut problems),
        );
        for _ in 1..TRIES {
            if ratio(&seen) <= RATIO || !problems.is_empty() {
                break;
            }
            let again = (
                self.time(&one, &mut problems),
                self.time(&two, &mut problems),
            );
            seen = (seen.0.min(again.0), seen.1.min(again.1));
        }
        if ratio(&seen) > RATIO {
            problems.push(format!(
                "{}: {:?}, twice of it {:?}",
                self.name, seen.0, seen.1
            ));
        }
        problems
    }

    fn time(&self, input: &str, problems: &mut Vec<String>) -> Duration {
        // "Peak resident set size" begins anew (proc(5), clear_refs).
        fs::write("/proc/self/clear_refs", "5").unwrap();
        let before = memory("VmRSS:");
        let begin = ran();
        let message = (self.read)(input);
        let time = ran().saturating_sub(begin);
        let peak = memory("VmHWM:");
        let mut problem = |what: String| {
            problems.push(format!(
                "{}, {} bytes: {what}",
                self.name,
                thousands(input.len())
            ));
        };
        if time > LONGEST {
            problem(format!("takes {time:?}"));
        }
        if peak > MEMORY {
            problem(format!(
                "{} bytes of memory, {} before",
                thousands(peak),
                thousands(before)
            ));
        }
        let most = before + (DECIDED * input.len()).max(LEAST);
        if peak > most {
            problem(format!(
                "{} bytes of memory, {} before: more than {DECIDED} times its bytes",
                thousands(peak),
                thousands(before)
            ));
        }
        if message > MESSAGE_BYTES {
            problem(format!("a message of {} bytes", thousands(message)));
        }
        time
    }
}

fn memory(field: &str) -> usize {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .unwrap();
    let kib: usize = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib * 1024
}
