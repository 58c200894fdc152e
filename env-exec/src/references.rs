//! The references in the environment, and the distinct questions that they put to Vault.

mod finding;

use std::collections::{BTreeMap, BTreeSet};

use contract::names::ANNOTATION_PREFIX;
use templates::{EnvValue, FromPath, Reference, ReferenceError, Request, Template, TemplateError};
use thiserror::Error;

use crate::origins::OriginError;
use crate::report::Reporter;

/// How many variables a warning names.
const NAMED: usize = 10;

/// The only variable whose value may be `vault:login`.
pub(crate) const TOKEN_VARIABLE: &str = "VAULT_TOKEN";

/// What the environment and the settings ask of Vault.
#[derive(Debug, Default)]
pub(crate) struct References {
    /// Variables that hold references or escapes, in the order of the environment.
    pub(crate) variables: Vec<Variable>,
    /// Variables that look like references and come from where none may: they stay as they are.
    pub(crate) left: Vec<String>,
    /// Variables with references that are JSON, where the author did not ask: they stay too.
    pub(crate) left_json: Vec<String>,
    /// Paths of which every key becomes a variable.
    pub(crate) from_paths: Vec<FromPath>,
    /// Keys of them that the author names: each becomes the variable of this name, or none.
    pub(crate) from_path_keys: BTreeMap<String, Option<String>>,
    /// The templates in the variables, parsed, by their source.
    pub(crate) templates: BTreeMap<String, Template>,
}

/// One variable that will not stay as it is.
#[derive(Debug)]
pub(crate) struct Variable {
    /// Position in the environment.
    pub(crate) index: usize,
    /// Its name, for messages.
    pub(crate) name: String,
    /// What stands in it.
    pub(crate) value: EnvValue,
}

/// Why a value is no reference although it looks like one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum ValueError {
    #[error("{}", templates::explain_with_text(.error, "put a backslash before it"))]
    Reference {
        #[from]
        error: ReferenceError,
    },
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Origins(#[from] OriginError),
    #[error("the value holds a reference and is not UTF-8")]
    NotUtf8,
}

impl References {
    /// The same, with what the author says about keys of whole paths.
    pub(crate) fn with_keys(self, from_path_keys: BTreeMap<String, Option<String>>) -> Self {
        Self {
            from_path_keys,
            ..self
        }
    }

    /// Says which variables look like references and stay text.
    pub(crate) fn tell_left(&self, report: &Reporter) {
        for warning in self.left_warnings() {
            report.warning(&warning);
        }
    }

    /// One line for each reason.
    fn left_warnings(&self) -> impl Iterator<Item = String> {
        let left = enumerate(&self.left).map(|names| {
            format!(
                "{names}: left as text, because no fieldRef, resourceFieldRef or fileKeyRef is \
                 resolved; write the reference by `value:`"
            )
        });
        let json = enumerate(&self.left_json).map(|names| {
            format!(
                "{names}: left as text, because JSON is resolved only where the pod asks; set \
                 {ANNOTATION_PREFIX}inject to \"true\""
            )
        });
        left.into_iter().chain(json)
    }

    /// The distinct requests, each once, in the order of the environment.
    pub(crate) fn requests(&self) -> Vec<&Request> {
        let secrets = self.references().filter_map(|reference| match reference {
            Reference::Secret(secret) => Some(&secret.request),
            Reference::Transit(_) | Reference::Login => None,
        });
        let from_paths = self.from_paths.iter().map(|entry| &entry.request);
        distinct(secrets.chain(from_paths))
    }

    /// The distinct ciphertexts of the transit engine.
    pub(crate) fn ciphertexts(&self) -> Vec<&str> {
        distinct(self.references().filter_map(|reference| match reference {
            Reference::Transit(ciphertext) => Some(ciphertext.as_str()),
            Reference::Secret(_) | Reference::Login => None,
        }))
    }

    /// Whether the program is to get the token itself.
    pub(crate) fn want_token(&self) -> bool {
        self.references().any(|r| *r == Reference::Login)
    }

    /// Whether Vault must be asked for anything.
    pub(crate) fn want_vault(&self) -> bool {
        !self.from_paths.is_empty() || self.references().any(|r| *r != Reference::Login)
    }

    fn references(&self) -> impl Iterator<Item = &Reference> {
        self.variables.iter().flat_map(|v| v.value.references())
    }
}

/// The first of these names, and how many more there are.
fn enumerate(names: &[String]) -> Option<String> {
    let (first, more) = names.split_at(names.len().min(NAMED));
    let more = match more.len() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    (!first.is_empty()).then(|| first.join(", ") + &more)
}

fn distinct<T: Ord + Copy>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(*item)).collect()
}

#[cfg(test)]
mod tests;
