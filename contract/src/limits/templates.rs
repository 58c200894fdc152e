//! How much one template may cost: together at most half a second and 64 MiB, however it is written.
//!
//! Time is bounded by [`STEPS`]: everything that a rendering does is paid for in steps, and a step takes
//! at most a quarter of a microsecond. Memory is bounded by [`PRODUCED`] and [`TEXT`].

/// Longest source of a template in bytes: it stands in one environment variable.
pub const SOURCE: usize = super::LONGEST_STRING;

/// Longest output in bytes, for the same reason.
pub const OUTPUT: usize = super::LONGEST_STRING;

/// Longest text that a function makes, in bytes: what Vault's integrated storage takes as one
/// entry, so that a template can work on any text and keep a part of it.
pub const TEXT: usize = 1024 * 1024;

/// Memory in bytes that one rendering makes, with what it has dropped again: half of 64 MiB. The other
/// half is for what a single function needs while it works, up to 30 bytes for each one of a [`TEXT`].
pub const PRODUCED: usize = 32 * 1024 * 1024;

/// Memory in bytes that a text costs beside its own: two allocations and their bookkeeping.
pub const TEXT_OVERHEAD: usize = 96;

/// Memory in bytes that a list costs beside its items.
pub const LIST_OVERHEAD: usize = 96;

/// Memory in bytes that a map costs, whatever it holds: its place among all maps, whose table doubles.
pub const MAP_OVERHEAD: usize = 128;

/// Memory in bytes of a map's first node, which has room for eleven entries.
pub const MAP_NODE: usize = 576;

/// Memory in bytes of one entry of a map, whose nodes are half empty at worst.
pub const MAP_ENTRY: usize = 112;

/// Memory in bytes of one turn of a loop: its key and element, and the loop's own number.
pub const TURN: usize = 160;

/// Steps of one rendering: items visited, comparisons, and what the next ones say.
pub const STEPS: usize = 2_000_000;

/// Steps of coming to the next piece of a template, or of calling a function.
pub const CALL: usize = 10;

/// Steps of one time or version that is compared or printed.
pub const STRUCTURE: usize = 20;

/// How many bytes a function can look at, or make, in one step. For a regular expression each byte counts
/// once for every state of the expression.
pub const BYTES_IN_A_STEP: usize = 16;

/// What compiling one byte or one state of a regular expression counts, in bytes looked at.
pub const REGEX_COMPILING: usize = 64;

/// Longest regular expression in bytes.
pub const REGEX_SOURCE: usize = 4096;

/// Largest regular expression, in bytes of its compiled form.
pub const REGEX_SIZE: usize = 512 * 1024;

/// Longest constraint on versions in bytes.
pub const CONSTRAINT: usize = 1024;

/// Longest layout of dates in bytes.
pub const LAYOUT: usize = 1024;

/// Longest version in bytes, as in later releases of `Masterminds/semver`.
pub const VERSION: usize = 256;

/// Largest width or precision of `printf`, as in Go.
pub const WIDTH: usize = 1_000_000;

/// Most digits of a number of the data that is used as a number.
pub const DIGITS: usize = 1000;

/// Deepest nesting of parentheses, blocks and `else if`, all counted together: recursion follows it.
pub const SOURCE_DEPTH: usize = 100;

/// Deepest nesting of blocks alone: Tera refuses 40.
pub const BLOCK_DEPTH: usize = 32;

/// Deepest nesting of lists and maps that can be walked through. `serde_json` stops at 128.
pub const VALUE_DEPTH: usize = 100;

/// Deepest nesting of JSON, of an answer's as well. Each level reads the levels below it once more.
pub const JSON_DEPTH: usize = 64;
