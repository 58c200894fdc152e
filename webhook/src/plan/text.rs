//! Which variables are text whatever they look like: those that the author or a list names, and JSON that
//! the author did not ask for.

use contract::names::{ANNOTATION_PREFIX, CONTROLLER_VARIABLES};
use templates::reference::is_json;
use templates::{EnvValue, ReferenceError};

use crate::annotations::{Annotations, VariableNames};
use crate::excerpt::excerpt;

/// What the annotations say about texts that look like references.
pub(super) struct TextRules<'n> {
    skipped: Option<&'n VariableNames>,
    resolves_json: bool,
}

impl<'n> TextRules<'n> {
    pub(super) fn new(annotations: &'n Annotations) -> Self {
        Self {
            skipped: annotations.skip_variables.as_ref(),
            resolves_json: annotations.asks(),
        }
    }

    /// Whether the author, or the list of names that controllers write, exempts the variable.
    pub(super) fn skip(&self, name: &str) -> bool {
        let is_listed = |names: &VariableNames| names.0.contains(name);
        CONTROLLER_VARIABLES.contains(&name) || self.skipped.is_some_and(is_listed)
    }

    /// Whether the value is JSON as a whole that is left alone.
    pub(super) fn leave(&self, value: &str) -> bool {
        !self.resolves_json && is_json(value)
    }
}

/// Whether a text has a reference, or something that must be one and is wrong.
pub(super) fn has_reference(text: &str) -> bool {
    EnvValue::parse(text).map_or(true, |value| value.references().next().is_some())
}

/// The error, with how to pass the text itself where that may be meant. Not by a backslash: in a
/// container that is not wrapped nothing takes it away.
pub(super) fn explain(error: &ReferenceError, name: &str) -> String {
    let name = excerpt(name);
    let how = format!("list {name} in {ANNOTATION_PREFIX}skip-variables");
    templates::explain_with_text(error, &how)
}
