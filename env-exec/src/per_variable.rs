//! Errors of several variables in one message.

use std::collections::BTreeMap;
use std::fmt;

/// Errors of several variables, in the order of the environment; equal ones are told once. What
/// has no variable comes from `from-path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PerVariable<E>(pub(crate) Vec<(Option<String>, E)>);

impl<E> PerVariable<E> {
    /// The names of the variables.
    pub(crate) fn variables(&self) -> Vec<String> {
        self.0.iter().filter_map(|(name, _)| name.clone()).collect()
    }

    /// The error of the first variable.
    pub(crate) fn first(&self) -> Option<&E> {
        self.0.first().map(|(_, error)| error)
    }
}

impl<E: fmt::Display> fmt::Display for PerVariable<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
        let mut known = BTreeMap::new();
        for (name, error) in &self.0 {
            let message = error.to_string();
            let group = *known.entry(message.clone()).or_insert(groups.len());
            if group == groups.len() {
                groups.push((message, vec![]));
            }
            groups[group].1.push(name.as_deref().unwrap_or("from-path"));
        }
        for (index, (message, names)) in groups.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {message}", names.join(", "))?;
        }
        Ok(())
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for PerVariable<E> {}
