//! One value, as Go's templates have it.

use std::sync::Arc;

use super::text::Text;
use crate::go::semver::Version;
use crate::go::time::Time;

/// A value. Types that Go tells apart, and that show in a result, are told apart.
#[derive(Clone)]
pub(crate) enum Value {
    Nil,
    Bool(bool),
    Integer(i64, IntegerType),
    Float(f64),
    /// A number of JSON as it is written (Go: `json.Number`).
    Number(Text),
    Text(Text),
    List(List),
    Map(Map),
    Time(Time),
    Version(Arc<Version>),
}

/// Go's type of an integer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntegerType {
    Int,
    Int64,
    Byte,
    /// The bits of an unsigned integer.
    Uint64,
    Month,
    Weekday,
}

/// An immutable list.
#[derive(Clone)]
pub(crate) struct List(Arc<ListNode>);

struct ListNode {
    items: Vec<Value>,
    list_type: ListType,
    depth: usize,
}

/// Go's type of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListType {
    /// `[]interface {}`
    Any,
    /// `[]interface {}` that is nil: empty, and `null` in JSON.
    Nil,
    /// `[]string`
    Texts,
    /// `[]string` that is nil.
    NilTexts,
    /// `[]int`
    Integers,
    /// `[][]interface {}`
    Lists,
}

/// A map, which lives in [`super::Context`]: changes are seen by everybody who has it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Map(pub(super) usize);

/// Go's type of a map.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MapType {
    /// `map[string]interface {}`
    Any,
    /// `map[string]string`
    Texts,
}

impl List {
    /// Made by [`super::Context::list`], which charges and bounds it.
    pub(super) fn new(list_type: ListType, items: Vec<Value>) -> Self {
        let inner = |item: &Value| match item {
            Value::List(list) => list.0.depth,
            _ => 0,
        };
        let depth = 1 + items.iter().map(inner).max().unwrap_or(0);
        Self(Arc::new(ListNode {
            items,
            list_type,
            depth,
        }))
    }

    pub(crate) fn items(&self) -> &[Value] {
        &self.0.items
    }

    pub(crate) fn list_type(&self) -> ListType {
        self.0.list_type
    }

    /// Lists in lists in lists, maps not counted.
    pub(super) fn depth(&self) -> usize {
        self.0.depth
    }
}

impl Value {
    /// Go's `int`.
    pub(crate) fn int(value: i64) -> Self {
        Self::Integer(value, IntegerType::Int)
    }

    /// Go's `int64`.
    pub(crate) fn int64(value: i64) -> Self {
        Self::Integer(value, IntegerType::Int64)
    }

    /// A short text that need not be charged.
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(Text::new(text))
    }

    /// What it is, in words of an error.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Nil => "nil",
            Self::Bool(_) => "a boolean",
            Self::Integer(..) => "an integer",
            Self::Float(_) => "a float",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Time(_) => "a time",
            Self::Version(_) => "a version",
        }
    }
}
