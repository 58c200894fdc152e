//! Documents as text.

use clap::ValueEnum;
use serde_json::Value;

/// What to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// All objects as YAML documents.
    #[default]
    Yaml,
    /// All objects as JSON; a list if there are several.
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

pub(super) fn json(documents: &[Value]) -> Result<String, String> {
    let text = match documents {
        [document] if document.get("patch").is_none() => serde_json::to_string_pretty(document),
        documents => serde_json::to_string_pretty(documents),
    };
    text.map(|text| text + "\n")
        .map_err(|error| error.to_string())
}
