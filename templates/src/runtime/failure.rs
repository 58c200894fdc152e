//! Why a function gave no value.

use contract::limits::templates as limits;
use thiserror::Error;

/// What went wrong inside a rendering. It holds only texts of ours, names of types, and names from
/// the template's source, so no error can show a value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Failure {
    #[error("{0}")]
    Because(&'static str),
    #[error("`{parameter}` must be {wanted}, and is {found}")]
    Argument {
        parameter: &'static str,
        wanted: &'static str,
        found: &'static str,
    },
    /// `of_data`: the map is the data itself, whose other fields a message may name.
    #[error("there is no field `{name}`")]
    NoField { name: String, of_data: bool },
    #[error("{found} has no field `{name}`")]
    NotAMap { name: String, found: &'static str },
    /// The literal message of `fail`, or the fact that it is hidden.
    #[error("{0}")]
    Asked(String),
    #[error("the text is not a URL: {0}")]
    Url(&'static str),
    #[error("a text would become longer than {} bytes", limits::TEXT)]
    TextTooLong,
    #[error(
        "the result would become longer than {} bytes, the longest environment variable",
        limits::OUTPUT
    )]
    OutputTooLong,
    #[error("it takes more than {} steps", limits::STEPS)]
    TooManySteps,
    #[error("it makes more than {} bytes", limits::PRODUCED)]
    TooMuchData,
    #[error("the regular expression takes too much work on a text of this size")]
    RegexTooMuchWork,
    #[error(
        "a value is nested deeper than {} levels, or holds itself",
        limits::VALUE_DEPTH
    )]
    TooDeep,
}

impl Failure {
    /// An error with nothing but a fixed text.
    pub(crate) fn because<T>(reason: &'static str) -> Result<T, Self> {
        Err(Self::Because(reason))
    }
}
