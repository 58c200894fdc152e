//! What is wrong with a template, or why it could not be rendered.

use thiserror::Error;

use super::names::Names;
use super::position::Position;
use crate::runtime::Failure;

/// An error with its place in the author's text. Shows names from that text, never a value of the
/// data and never a text literal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("template, {position}: {kind}")]
pub struct TemplateError {
    /// Where.
    pub position: Position,
    /// What.
    pub kind: TemplateErrorKind,
}

impl TemplateError {
    /// The same, with the names that a server chose marked as the caller wants them.
    #[must_use]
    pub fn quote_names(mut self, quote: impl Fn(&str) -> String) -> Self {
        if let TemplateErrorKind::NoField { names, .. } = &mut self.kind {
            *names = std::mem::take(names).quoted(quote);
        }
        self
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TemplateErrorKind {
    /// The text does not follow the grammar.
    #[error("{0}")]
    Syntax(String),
    /// There is no function of that name.
    #[error("there is no function `{name}`; {fix}")]
    UnknownFunction {
        /// What was written.
        name: String,
        /// The function that was probably meant, or another way out.
        fix: String,
    },
    /// Another tool's templates have a word for that.
    #[error("`{name}` is {tool}; write {write}")]
    OtherTool {
        /// What was written.
        name: String,
        /// Whose word it is: "Helm's".
        tool: &'static str,
        /// What to write here.
        write: String,
    },
    /// The function is left out on purpose.
    #[error("`{name}` is left out: {reason}")]
    RefusedFunction {
        /// What was written.
        name: &'static str,
        /// Why, and what to write instead.
        reason: &'static str,
    },
    /// The arguments do not fit the function.
    #[error("{0}")]
    Arguments(String),
    /// The data has no such field.
    #[error("{reason}{names}")]
    NoField {
        /// What was looked for, and what to write instead. Holds names of the template alone.
        reason: String,
        /// What there is.
        names: Names,
    },
    /// The template is right, but this data cannot be rendered with it.
    #[error("{}{reason}", of_function(function.as_deref()))]
    Rendering {
        /// The function that failed.
        function: Option<String>,
        /// Why. Holds no value.
        reason: String,
    },
}

impl TemplateErrorKind {
    pub(crate) fn rendering(function: Option<&str>, failure: &Failure) -> Self {
        Self::Rendering {
            function: function.map(str::to_owned),
            reason: failure.to_string(),
        }
    }
}

/// A name of the template's, of which a message shows the beginning.
pub(super) fn shorten_name(name: &str) -> String {
    const LONGEST: usize = 64;
    match name.char_indices().nth(LONGEST) {
        None => name.to_owned(),
        Some((end, _)) => format!("{}…", &name[..end]),
    }
}

fn of_function(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("`{name}`: "))
}
