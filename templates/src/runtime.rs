//! What a rendering works on: values as Go has them, and the budget that every step is paid from.
//!
//! | file | holds |
//! |---|---|
//! | [`value`] | one value: nil, boolean, integer, float, number as written, text, list, map, … |
//! | [`text`] | a Go string: bytes that are UTF-8 most of the time, wiped when dropped |
//! | [`numeric`] | what a number is worth, and how two numbers compare |
//! | [`equality`] | when two values are the same |
//! | [`truth`] | which values count as true, and which as empty |
//! | [`context`] | the maps of a rendering, its clock, and its budget |
//! | [`clock`] | the time of a rendering |
//! | [`buffer`] | a text under construction, bounded |
//! | [`failure`], [`outcome`] | why a function gave no value, which never quotes one; what it gives |
//!
//! The bounds, each with its reason, are `contract::limits::templates`.

pub(crate) mod buffer;
pub(crate) mod clock;
pub(crate) mod context;
pub(crate) mod equality;
pub(crate) mod failure;
pub(crate) mod numeric;
pub(crate) mod outcome;
pub(crate) mod text;
pub(crate) mod truth;
pub(crate) mod value;

pub(crate) use contract::limits::templates as limits;

pub(crate) use buffer::Buffer;
pub use clock::Clock;
#[cfg(test)]
pub(crate) use context::SHARE;
pub(crate) use context::{Context, Entries};
pub(crate) use equality::equal;
pub(crate) use failure::Failure;
pub(crate) use numeric::Numeric;
pub(crate) use outcome::Outcome;
pub(crate) use text::Text;
pub(crate) use value::{IntegerType, List, ListType, Map, MapType, Value};
