//! `tokenpipe render`: what admission would make of manifests, offline, by the same code.
//!
//! ```text
//! YAML or JSON ─► documents ─► pod templates ─► admission::mutate ─► documents
//! ```
//!
//! A document is read as kubectl reads it. One that is not patched is written byte for byte.

mod kinds;
mod object;
mod output;
mod report;
mod sign;
mod warnings;

use thiserror::Error;

use crate::config::Config;
use crate::manifest;
use crate::plan::Facts;
pub use output::Format;
use output::Output;
use report::{Fate, Report};

/// What came out.
#[derive(Debug)]
pub struct Rendered {
    /// For standard output: all objects but those that are refused.
    pub text: String,
    /// One line each, naming the object or objects.
    pub warnings: Vec<String>,
    /// Why objects are refused, one line for each problem: these are not in the text.
    pub refusals: Vec<String>,
}

/// Why nothing came out.
#[derive(Debug, Error)]
#[error("the output cannot be written: {0}")]
pub struct RenderError(#[from] serde_json::Error);

/// Renders a stream of manifests. Objects without a pod pass through.
pub fn render(
    input: &str,
    namespace: &str,
    config: &Config,
    facts: Facts,
    format: Format,
) -> Result<Rendered, RenderError> {
    let mut report = Report::new(namespace, config, facts);
    let mut output = Output::new(format);
    for document in manifest::documents(input) {
        match document.content {
            Err(error) => report.refuse_document(&error),
            Ok(content) => {
                let mut value = content.value;
                report.warn_of_repeated(&content.repeated, document.line);
                match report.document(&mut value) {
                    Fate::Refused => {}
                    Fate::Changed if format == Format::Yaml => {
                        let changed = manifest::rewrite(document.text, &value, content.is_json)?;
                        if content.has_comments && !changed.keeps_comments {
                            report.warn_of_comments(&value);
                        }
                        output.change(document.separator, &changed.text);
                    }
                    Fate::Kept | Fate::Changed => {
                        output.keep(document.separator, document.text, value);
                    }
                }
            }
        }
    }
    Ok(Rendered {
        text: output.text(&report.patches)?,
        warnings: report.warnings.lines(),
        refusals: report.refusals,
    })
}
