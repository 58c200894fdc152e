//! A template, parsed: names are resolved, functions are looked up, nothing is evaluated.

use super::literal::Number;
use crate::functions::entry::Function;
use crate::runtime::Text;

/// Offset in bytes in the author's text.
pub(crate) type Offset = usize;

/// Where a rendering keeps the value of a variable or of a dot. Each has its own, for good: scopes
/// are resolved while parsing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(pub(crate) usize);

impl Slot {
    /// `.` outside of any block.
    pub(crate) const DOT: Self = Self(0);
    /// `$`
    pub(crate) const ROOT: Self = Self(1);
    /// The first that is free.
    pub(crate) const FIRST: usize = 2;
}

/// A piece of a template.
pub(crate) enum Node {
    Text(Offset, String),
    Action(Pipeline),
    If(Branches<Condition>),
    With(Branches<With>),
    Range(Range),
    Break,
    Continue,
}

/// `if` or `with`, with its `else if` or `else with`, and its `else`.
pub(crate) struct Branches<C> {
    pub(crate) branches: Vec<(C, Vec<Node>)>,
    pub(crate) otherwise: Vec<Node>,
}

/// What `if` tests.
pub(crate) struct Condition(pub(crate) Pipeline);

/// What `with` tests, and its dot.
pub(crate) struct With {
    pub(crate) pipeline: Pipeline,
    pub(crate) dot: Slot,
}

/// A loop.
pub(crate) struct Range {
    pub(crate) pipeline: Pipeline,
    pub(crate) targets: RangeTargets,
    pub(crate) body: Vec<Node>,
    pub(crate) otherwise: Vec<Node>,
}

/// What a loop sets in each turn.
#[derive(Clone, Copy)]
pub(crate) struct RangeTargets {
    pub(crate) key: Option<Slot>,
    pub(crate) element: Option<Slot>,
    pub(crate) dot: Slot,
}

/// Commands, each of which is the last argument of the next one.
pub(crate) struct Pipeline {
    /// The variable that takes the value; then nothing is printed.
    pub(crate) target: Option<Slot>,
    pub(crate) stages: Vec<Stage>,
}

/// One command.
pub(crate) struct Stage {
    pub(crate) head: Expression,
    pub(crate) arguments: Vec<Expression>,
    pub(crate) offset: Offset,
}

/// An operand.
pub(crate) enum Expression {
    Nil,
    Bool(bool),
    Number(Number),
    Text(Text),
    /// A variable, or a dot.
    Slot(Slot),
    /// `.a.b`, `$x.a` or `(…).a`
    Fields {
        of: Box<Self>,
        names: Vec<Field>,
    },
    Function(&'static Function, Offset),
    Pipeline(Box<Pipeline>),
}

/// A name behind a dot.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) offset: Offset,
}
