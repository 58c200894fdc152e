//! What is wrong with a template, or why it could not be rendered.

use thiserror::Error;

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

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TemplateErrorKind {
    /// The text does not follow the grammar.
    #[error("{0}")]
    Syntax(String),
    /// There is no function of that name.
    #[error("there is no function `{name}`{}", did_you_mean(*nearest))]
    UnknownFunction {
        /// What was written.
        name: String,
        /// The function that was probably meant.
        nearest: Option<&'static str>,
    },
    /// The function is left out on purpose.
    #[error("the function `{name}` is left out: {reason}")]
    RefusedFunction {
        /// What was written.
        name: &'static str,
        /// Why, and what to write instead.
        reason: &'static str,
    },
    /// The arguments do not fit the function.
    #[error("{0}")]
    Arguments(String),
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

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(": did you mean `{name}`?"))
}

fn of_function(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("`{name}`: "))
}
