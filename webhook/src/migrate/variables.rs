//! What environment variables have as their value, wherever a file writes it.

use serde_json::Value;
use templates::reference::starts_reference;

use super::entry::{Entry, scalar_at};
use super::lines::{Lines, uncommented};
use crate::yaml;

/// Whether a value has a reference of ours.
pub(super) fn is_reference(value: &str) -> bool {
    let starts = ["${vault:", "${>>vault:"];
    starts_reference(value) || starts.iter().any(|start| value.contains(start))
}

/// The values that stand on a line, or begin on it.
pub(super) fn values(lines: &Lines<'_>, index: usize) -> Vec<String> {
    let line = lines.at(index);
    if line.is_content || line.is_comment() {
        return Vec::new();
    }
    if let Some(entry) = line.entry().filter(|entry| is_variable(entry.key)) {
        let text = lines.text_of(index, entry).map(|text| vec![text]);
        return text.unwrap_or_else(|| in_brackets(entry.value));
    }
    let text = item(uncommented(line.text));
    let found = match Entry::parse(text) {
        Some(entry) if is_variable(entry.key) => entry.scalar().into_iter().collect(),
        Some(entry) => in_brackets(entry.value),
        None => in_brackets(text),
    };
    if found.is_empty() && text.contains(['{', '"']) {
        return cut_off(text).into_iter().collect();
    }
    found
}

/// Whether this key has a variable's value: that of a container's list, or a name as the maps of a
/// chart's values have it. Names in small letters are left out, or `image: vault:1.21` were one.
fn is_variable(key: &str) -> bool {
    let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    key == "value" || (!key.is_empty() && key.chars().all(is_name))
}

/// What a line of YAML or JSON holds of a list or map.
fn item(line: &str) -> &str {
    let line = line.trim();
    let line = line.strip_prefix("- ").map_or(line, str::trim_start);
    line.strip_suffix(',').unwrap_or(line)
}

/// The text of a field of a map that a line holds whole.
pub(super) fn field_in_braces(text: &str, field: &str) -> Option<String> {
    let map: Value = yaml::read(uncommented(text)).ok()?;
    map.get(field)?.as_str().map(str::to_owned)
}

/// Those in a map or list that a line holds whole.
fn in_brackets(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.starts_with(['{', '['])
        && !text.contains("{{")
        && let Ok(value) = yaml::read(text)
    {
        collect(&value, &mut found);
    }
    found
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(map) => {
            for (key, value) in map {
                match value.as_str() {
                    Some(text) if is_variable(key) => found.push(text.to_owned()),
                    _ => collect(value, found),
                }
            }
        }
        _ => {}
    }
}

/// The one of a map that a line holds in part.
fn cut_off(line: &str) -> Option<String> {
    let keys = ["value: ", "\"value\":"];
    let (before, rest) = keys.iter().find_map(|key| line.split_once(key))?;
    let value = scalar_at(rest, before.contains('{')).filter(|value| !value.contains("{{"))?;
    yaml::read(value).ok()
}
