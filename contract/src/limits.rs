//! What the kernel lets a program be started with.

/// `MAX_ARG_STRLEN`: longest single argument or `NAME=VALUE`, its NUL included (32 pages).
pub const LONGEST_STRING: usize = 128 * 1024;
