//! Templates: Go's template syntax between `${` and `}`, Sprig's functions, run on Tera.
//!
//! ```text
//! source ─► lexer ─► parser ─► tree ─► lower ─► Tera source + tables ─► render ─► text
//! ```
//!
//! [`Template::parse`] does all but the last step, and needs no data. Control flow becomes Tera
//! statements; every pipeline becomes one call of ours, by its number. See [`lower`].
//!
//! | file | holds |
//! |---|---|
//! | [`lexer`], [`literal`] | tokens; what a literal is worth |
//! | [`parser`], [`ast`] | the tree: names resolved, functions looked up and checked |
//! | [`lower`] | the tree as a Tera template and tables |
//! | [`render`], [`range`] | Tera's calls back |
//! | [`evaluate`], [`fields`], [`import`] | values of pipelines |
//! | [`error`], [`position`] | what went wrong, and where |
//! | [`advice`], [`names`] | what to write instead |

mod advice;
mod ast;
pub mod error;
mod evaluate;
mod fields;
pub(crate) mod import;
mod lexer;
mod literal;
mod lower;
pub mod names;
mod parser;
pub mod position;
mod range;
mod render;

use std::sync::Arc;

use secrecy::SecretString;

use crate::data::Data;
use crate::runtime::Clock;
use error::TemplateError;
use lower::Program;

/// A template that can be rendered any number of times.
pub struct Template {
    source: String,
    program: Arc<Program>,
}

impl Template {
    /// Parses a template of at most 128 KiB. Unknown and refused functions, undefined variables,
    /// wrong numbers of arguments and literals of the wrong type are errors here already.
    pub fn parse(source: &str) -> Result<Self, TemplateError> {
        let parsed = parser::parse(source)?;
        Ok(Self {
            source: source.to_owned(),
            program: Arc::new(lower::lower(parsed)),
        })
    }

    /// Renders it. What comes out is at most 128 KiB of UTF-8; steps, memory and depth are bounded.
    /// The same data and clock give the same text.
    pub fn render(&self, data: &Data, clock: Clock) -> Result<SecretString, TemplateError> {
        render::render(&self.program, &self.source, data, clock)
    }
}

/// Shows nothing of the source: a literal in it may be secret.
impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Template").finish_non_exhaustive()
    }
}
