//! What a function gives: a value, or why there is none.

use super::failure::Failure;
use super::value::Value;

/// Result of a function.
pub(crate) type Outcome<T = Value> = Result<T, Failure>;
