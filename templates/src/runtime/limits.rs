//! Bounds of templates and of their rendering, each with its reason.

/// Longest source of a template in bytes: it stands in one environment variable, and Linux takes
/// no longer one (`MAX_ARG_STRLEN`, 32 pages).
pub(crate) const SOURCE: usize = 128 * 1024;

/// Longest output in bytes, for the same reason.
pub(crate) const OUTPUT: usize = 128 * 1024;

/// Longest text that a function makes, in bytes: what Vault's integrated storage takes as one
/// entry, so that a template can work on any text and keep a part of it.
pub(crate) const TEXT: usize = 1024 * 1024;

/// All bytes that one rendering makes, with what it has dropped again: bounds memory, and the time
/// that is spent on copying.
pub(crate) const PRODUCED: usize = 64 * 1024 * 1024;

/// Steps of one rendering: values evaluated, elements visited, comparisons. About a second.
pub(crate) const STEPS: usize = 1_000_000;

/// Work of regular expressions in one rendering, in bytes looked at times the size of the pattern.
/// A few seconds at worst, which only a pattern that is made for it reaches.
pub(crate) const REGEX_WORK: usize = 1_000_000_000;

/// Deepest nesting of blocks and parentheses in a template; each `else if` is one level, as it is
/// in Go. Recursion follows it.
pub(crate) const SOURCE_DEPTH: usize = 100;

/// Deepest nesting of lists and maps that can be walked through. `serde_json` stops at 128.
pub(crate) const VALUE_DEPTH: usize = 100;
