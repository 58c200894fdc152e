//! Tests that cannot run where they are run.

use std::io::{self, Write};
use std::thread;

/// What stands before the name of a skipped test.
pub(crate) const MARK: &str = "skipped: ";

/// Says that the current test is left out, and why; the test returns after it. `make test` lists
/// what was skipped.
///
/// It is for what a machine cannot do, such as what needs root. A program that is missing is no
/// reason: [`crate::tools`] gets it.
pub fn skip_test(reason: &str) {
    let thread = thread::current();
    let line = format!("\n{MARK}{}: {reason}\n", thread.name().unwrap_or("a test"));
    // Past the capture of test output; there is nobody to tell when stderr is closed.
    let _ = io::stderr().lock().write_all(line.as_bytes());
}
