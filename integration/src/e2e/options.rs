//! How an operator sets tokenpipe up for a scenario.

use serde_json::{Value, json};

/// How the operator has set it up.
#[derive(Clone)]
pub struct Options {
    /// Values of the chart, laid over those that lead to the scenario's Vault, images and namespaces.
    pub values: Value,
    pub(super) scope: Scope,
}

/// What the chart is told of the scenario.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// To admit the pods of namespaces with a label of the scenario's own.
    Own,
    /// Nothing about namespaces, so that it is for all. No other scenario may run meanwhile.
    Everybody,
    /// Vault's address and the images, which have no default, and nothing else: for all namespaces too.
    /// Needs a node of this machine.
    Bare,
}

/// One replica, and the chart's own values.
impl Default for Options {
    fn default() -> Self {
        Self::with_values(json!({}))
    }
}

impl Options {
    /// These values, and one replica unless they say otherwise.
    pub fn with_values(mut values: Value) -> Self {
        if values["replicas"].is_null() {
            values["replicas"] = json!(1);
        }
        let scope = Scope::Own;
        Self { values, scope }
    }

    /// For all namespaces, as the chart has it. No other scenario may run meanwhile.
    pub fn for_everybody(values: Value) -> Self {
        let scope = Scope::Everybody;
        Self { values, scope }
    }

    /// For all namespaces, with the values that have no default and nothing else. Needs a node of this machine.
    pub fn bare() -> Self {
        Self {
            values: json!({}),
            scope: Scope::Bare,
        }
    }
}
