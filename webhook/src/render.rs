//! `tokenpipe render`: what admission would make of manifests, offline, by the same code.
//!
//! ```text
//! YAML or JSON ─► documents ─► pod templates ─► admission::mutate ─► documents
//! ```

mod object;
mod output;

use std::fmt::Write as _;

use serde_json::Value;
use thiserror::Error;

use crate::admission::mutate;
use crate::config::Config;
use crate::plan::Facts;
use crate::review::Answer;
use object::PodTemplate;
pub use output::Format;

/// What came out.
#[derive(Debug)]
pub struct Rendered {
    /// For standard output.
    pub text: String,
    /// One line each, naming the object.
    pub warnings: Vec<String>,
}

/// Why nothing came out.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RenderError {
    #[error("the input is not YAML: {0}")]
    Input(String),
    #[error("{}", .0.join("\n"))]
    Refused(Vec<String>),
    #[error("the output cannot be written: {0}")]
    Output(String),
}

/// Renders a stream of manifests. Objects without a pod pass through; a refusal of one is a
/// refusal of all, so that no half result is applied.
pub fn render(
    input: &str,
    namespace: &str,
    config: &Config,
    facts: Facts,
    format: Format,
) -> Result<Rendered, RenderError> {
    let mut documents: Vec<Value> =
        serde_yaml::from_multiple_with_options(input, crate::yaml::options())
            .map_err(|error| RenderError::Input(crate::yaml::sentence(&error)))?;
    documents.retain(|document| !document.is_null());
    let mut report = Report::default();
    for document in &mut documents {
        report.document(document, namespace, config, facts);
    }
    if !report.refusals.is_empty() {
        return Err(RenderError::Refused(report.refusals));
    }
    let text = match format {
        Format::Yaml => output::yaml(&documents),
        Format::Json => output::json(&documents),
        Format::Patch => output::patches(&report.patches),
    }
    .map_err(RenderError::Output)?;
    Ok(Rendered {
        text,
        warnings: report.warnings,
    })
}

#[derive(Default)]
struct Report {
    refusals: Vec<String>,
    warnings: Vec<String>,
    patches: Vec<Value>,
}

impl Report {
    fn document(&mut self, document: &mut Value, namespace: &str, config: &Config, facts: Facts) {
        if let Some(items) = object::items(document) {
            for item in items {
                self.document(item, namespace, config, facts);
            }
            return;
        }
        let Some(template) = PodTemplate::find(document, namespace) else {
            self.warnings.extend(object::unread(document, namespace));
            return;
        };
        match mutate(&template.pod, &template.namespace, config, facts) {
            Err(error) => self.refusals.push(format!(
                "{}: refused: {}",
                template.object,
                error.sentence()
            )),
            Ok(outcome) => self.apply(document, &template, outcome.answer),
        }
    }

    fn apply(&mut self, document: &mut Value, template: &PodTemplate, answer: Answer) {
        let (patch, warnings) = match answer {
            Answer::Patched { patch, warnings } => (Some(patch), warnings),
            Answer::Untouched { warnings } => (None, warnings),
            Answer::Refused { reason } => {
                self.refusals
                    .push(format!("{}: refused: {reason}", template.object));
                return;
            }
        };
        for warning in warnings {
            let mut line = template.object.clone();
            // Writing to a String does not fail.
            let _ = write!(line, ": {warning}");
            self.warnings.push(line);
        }
        let Some(patch) = patch.filter(|patch| !patch.0.is_empty()) else {
            return;
        };
        let patch = template.relocate(patch);
        self.patches
            .push(serde_json::json!({"object": template.object, "patch": patch}));
        if let Err(error) = json_patch::patch(document, &patch) {
            self.refusals.push(format!(
                "{}: the patch does not apply: {error}",
                template.object
            ));
        }
    }
}
