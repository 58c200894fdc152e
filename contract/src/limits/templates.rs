//! Bounds of templates and of their rendering, each with its reason.

/// Longest source of a template in bytes: it stands in one environment variable, and Linux takes
/// no longer one (`MAX_ARG_STRLEN`, 32 pages).
pub const SOURCE: usize = 128 * 1024;

/// Longest output in bytes, for the same reason.
pub const OUTPUT: usize = 128 * 1024;

/// Longest text that a function makes, in bytes: what Vault's integrated storage takes as one
/// entry, so that a template can work on any text and keep a part of it.
pub const TEXT: usize = 1024 * 1024;

/// All bytes that one rendering makes, with what it has dropped again: bounds memory, and the time
/// that is spent on copying.
pub const PRODUCED: usize = 64 * 1024 * 1024;

/// What a text costs beside its bytes.
pub const TEXT_OVERHEAD: usize = 64;

/// Steps of one rendering: items visited, comparisons, and what the two below say. Half a
/// second or so.
pub const STEPS: usize = 2_000_000;

/// What it costs to come to the next piece of a template, or to call a function, in steps.
pub const CALL: usize = 10;

/// How many bytes of its arguments a function can look at for one step.
pub const BYTES_READ_IN_A_STEP: usize = 16;

/// Work of regular expressions in one rendering, in bytes looked at times the size of the pattern.
/// A second at worst, which only a pattern that is made for it takes.
pub const REGEX_WORK: usize = 50_000_000;

/// Deepest nesting of parentheses, blocks and `else if`, all counted together: recursion follows it.
pub const SOURCE_DEPTH: usize = 100;

/// Deepest nesting of blocks alone: Tera refuses 40.
pub const BLOCK_DEPTH: usize = 32;

/// Deepest nesting of lists and maps that can be walked through. `serde_json` stops at 128.
pub const VALUE_DEPTH: usize = 100;
