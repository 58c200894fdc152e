//! What the table says of a function, and how a function sees its arguments.

use crate::go::time::Time;
use crate::runtime::{Context, Failure, List, Map, Outcome, Text, Value};

/// Functions that belong together.
pub(crate) struct Group {
    #[cfg_attr(
        not(any(test, feature = "reference")),
        expect(dead_code, reason = "for the page")
    )]
    pub(crate) title: &'static str,
    pub(crate) functions: &'static [Function],
}

/// One function.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// Other names of the same, such as Sprig's `must…` where the plain one fails as well.
    pub(crate) aliases: &'static [&'static str],
    pub(crate) parameters: &'static [Parameter],
    /// Any number of further arguments.
    pub(crate) rest: Option<Parameter>,
    pub(crate) run: Run,
    /// An absent field as an argument is nil, and not an error.
    pub(crate) takes_absent: bool,
    #[cfg(any(test, feature = "reference"))]
    pub(crate) doc: &'static str,
    #[cfg(any(test, feature = "reference"))]
    pub(crate) example: (&'static str, &'static str),
}

/// How a function is run.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    /// On its arguments, which fit their parameters.
    Call(fn(&mut Context, &Arguments<'_>) -> Outcome),
    /// `and`: up to the first that is empty.
    And,
    /// `or`: up to the first that is not empty.
    Or,
    /// `fail`: its message is shown where it is a literal.
    Fail,
}

/// A parameter.
#[derive(Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

/// What a parameter takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Any,
    /// A text, or a number of the data as it is written.
    Text,
    Integer,
    Float,
    Bool,
    List,
    Map,
    Time,
}

impl Kind {
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Text => "a text",
            Self::Integer => "an integer",
            Self::Float => "a float",
            Self::Bool => "a boolean",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Time => "a time",
        }
    }
}

macro_rules! parameter {
    ($($function:ident $kind:ident),*) => {$(
        pub(crate) const fn $function(name: &'static str) -> Parameter {
            Parameter { name, kind: Kind::$kind }
        }
    )*};
}

parameter!(any Any, text Text, integer Integer, float Float, boolean Bool, list List, map Map, time Time);

impl Function {
    /// A function that runs `run` on exactly these arguments.
    pub(crate) const fn new(
        name: &'static str,
        parameters: &'static [Parameter],
        run: fn(&mut Context, &Arguments<'_>) -> Outcome,
    ) -> Self {
        Self::with_run(name, parameters, Run::Call(run))
    }

    pub(crate) const fn with_run(
        name: &'static str,
        parameters: &'static [Parameter],
        run: Run,
    ) -> Self {
        Self {
            name,
            aliases: &[],
            parameters,
            rest: None,
            run,
            takes_absent: false,
            #[cfg(any(test, feature = "reference"))]
            doc: "",
            #[cfg(any(test, feature = "reference"))]
            example: ("", ""),
        }
    }

    pub(crate) const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    pub(crate) const fn rest(mut self, rest: Parameter) -> Self {
        self.rest = Some(rest);
        self
    }

    pub(crate) const fn takes_absent(mut self) -> Self {
        self.takes_absent = true;
        self
    }

    /// One line on what it does, and an example with what it prints. Without the feature
    /// `reference` they are not part of the program.
    #[cfg_attr(
        not(any(test, feature = "reference")),
        expect(unused_mut, unused_variables, reason = "for the page")
    )]
    pub(crate) const fn doc(
        mut self,
        doc: &'static str,
        example: &'static str,
        prints: &'static str,
    ) -> Self {
        #[cfg(any(test, feature = "reference"))]
        {
            self.doc = doc;
            self.example = (example, prints);
        }
        self
    }

    /// The parameter that takes the argument of that index.
    pub(crate) fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.parameters.get(index).or(self.rest.as_ref())
    }

    /// `trunc LENGTH TEXT`
    pub(crate) fn signature(&self) -> String {
        let mut signature = self.name.to_owned();
        for parameter in self.parameters {
            signature.push(' ');
            signature.push_str(&parameter.name.to_uppercase());
        }
        if let Some(rest) = self.rest {
            signature.push(' ');
            signature.push_str(&rest.name.to_uppercase());
            signature.push('…');
        }
        signature
    }
}

/// The arguments of a call. They fit the parameters, so the typed getters fail only where the
/// table and the function disagree.
pub(crate) struct Arguments<'a>(pub(crate) &'a [Value]);

const MISTAKE: Failure = Failure::Because("the function and its entry in the table disagree");

impl<'a> Arguments<'a> {
    pub(crate) fn any(&self, index: usize) -> Outcome<&'a Value> {
        self.0.get(index).ok_or(MISTAKE)
    }

    pub(crate) fn text(&self, index: usize) -> Outcome<&'a Text> {
        match self.any(index)? {
            Value::Text(text) => Ok(text),
            _ => Err(MISTAKE),
        }
    }

    pub(crate) fn integer(&self, index: usize) -> Outcome<i64> {
        match self.any(index)? {
            Value::Integer(integer, _) => Ok(*integer),
            _ => Err(MISTAKE),
        }
    }

    pub(crate) fn float(&self, index: usize) -> Outcome<f64> {
        match self.any(index)? {
            Value::Float(float) => Ok(*float),
            _ => Err(MISTAKE),
        }
    }

    pub(crate) fn boolean(&self, index: usize) -> Outcome<bool> {
        match self.any(index)? {
            Value::Bool(boolean) => Ok(*boolean),
            _ => Err(MISTAKE),
        }
    }

    pub(crate) fn list(&self, index: usize) -> Outcome<&'a List> {
        match self.any(index)? {
            Value::List(list) => Ok(list),
            _ => Err(MISTAKE),
        }
    }

    pub(crate) fn map(&self, index: usize) -> Outcome<Map> {
        match self.any(index)? {
            Value::Map(map) => Ok(*map),
            _ => Err(MISTAKE),
        }
    }

    pub(crate) fn time(&self, index: usize) -> Outcome<Time> {
        match self.any(index)? {
            Value::Time(time) => Ok(*time),
            _ => Err(MISTAKE),
        }
    }

    /// All arguments from `index` on.
    pub(crate) fn rest(&self, index: usize) -> &'a [Value] {
        self.0.get(index..).unwrap_or_default()
    }
}
