//! Documents as text.

use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Value, json};

/// What to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// All objects as YAML documents.
    #[default]
    Yaml,
    /// All objects as JSON; a `List` if there are several.
    Json,
    /// A list of objects and the patch of each, JSON.
    Patch,
}

pub(super) fn yaml(documents: &[Value]) -> Result<String, String> {
    let options = serde_yaml::ser_options! { prefer_block_scalars: true };
    let texts = documents
        .iter()
        .map(|document| serde_yaml::to_string_with_options(document, options.clone()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| error.to_string())?;
    Ok(texts.join("---\n"))
}

/// As `kubectl get -o json` prints them, so that `kubectl apply` takes them.
pub(super) fn json(documents: &[Value]) -> Result<String, String> {
    match documents {
        [document] => pretty(document),
        documents => pretty(&json!({"apiVersion": "v1", "kind": "List", "items": documents})),
    }
}

pub(super) fn patches(patches: &[Value]) -> Result<String, String> {
    pretty(patches)
}

fn pretty<T: Serialize + ?Sized>(value: &T) -> Result<String, String> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|error| error.to_string())
}
