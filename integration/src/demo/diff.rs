//! What admission changed, as a diff of YAML.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::DemoError;

/// Unchanged lines around a change.
const CONTEXT: usize = 2;

/// How deep the values of variables stand, with the sign before them.
const INDENTATION: usize = 12;

/// Characters from which on a text inside JSON is cut.
const LONGEST_TEXT: usize = 64;

/// A line of a diff.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// `+`, `-`, a space for what is unchanged, or `@` where lines are left out.
    pub sign: char,
    /// Without its end.
    pub text: String,
}

/// The lines that differ between two objects, with some around them. JSON in texts is made
/// readable, and about `columns` wide.
pub fn compare_objects(
    before: &Value,
    after: &Value,
    columns: usize,
) -> Result<Vec<Line>, DemoError> {
    let columns = columns.saturating_sub(INDENTATION);
    let (before, after) = (
        to_yaml(&make_readable(before, columns))?,
        to_yaml(&make_readable(after, columns))?,
    );
    let diff = TextDiff::from_lines(&before, &after);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            lines.push(Line {
                sign: '@',
                text: String::new(),
            });
        }
        for change in group
            .iter()
            .flat_map(|operation| diff.iter_changes(operation))
        {
            let sign = match change.tag() {
                ChangeTag::Insert => '+',
                ChangeTag::Delete => '-',
                ChangeTag::Equal => ' ',
            };
            let text = change.value().trim_end().to_owned();
            lines.push(Line { sign, text });
        }
    }
    Ok(lines)
}

fn to_yaml(object: &Value) -> Result<String, DemoError> {
    let options = serde_yaml::ser_options! { prefer_block_scalars: true };
    serde_yaml::to_string_with_options(object, options)
        .map_err(|error| DemoError::Yaml(error.to_string()))
}

/// A copy in which JSON inside a text is broken into lines, and what is long in it is cut.
fn make_readable(value: &Value, columns: usize) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), make_readable(value, columns)))
            .collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| make_readable(item, columns))
            .collect(),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(inner @ Value::Object(_)) => {
                wrap_json(&shorten_texts(&inner).to_string(), columns).into()
            }
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}

/// A copy in which long texts, such as certificates, show only their beginning.
fn shorten_texts(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), shorten_texts(value)))
            .collect(),
        Value::Array(items) => items.iter().map(shorten_texts).collect(),
        Value::String(text) if text.chars().count() > LONGEST_TEXT => {
            let beginning: String = text.chars().take(LONGEST_TEXT / 2).collect();
            format!("{}...", beginning.trim_end()).into()
        }
        _ => value.clone(),
    }
}

/// Breaks JSON behind commas.
fn wrap_json(json: &str, columns: usize) -> String {
    let mut folded = String::new();
    let mut length = 0;
    for part in json.split_inclusive(',') {
        let part_length = part.chars().count();
        if length > 0 && length + part_length > columns {
            folded.push('\n');
            length = 0;
        }
        folded.push_str(part);
        length += part_length;
    }
    folded
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_are_added_and_removed() {
        let before = json!({ "a": 1, "b": 2, "c": 3, "d": 4, "e": ["x"] });
        let after = json!({ "a": 1, "b": 2, "c": 3, "d": 5, "e": ["x"], "f": { "g": "h" } });
        let lines: Vec<_> = compare_objects(&before, &after, 80)
            .unwrap()
            .into_iter()
            .map(|line| format!("{}{}", line.sign, line.text))
            .collect();
        assert_eq!(
            lines,
            [
                " b: 2", " c: 3", "-d: 4", "+d: 5", " e:", " - x", "+f:", "+  g: h"
            ]
        );
        assert_eq!(compare_objects(&before, &before, 80).unwrap(), []);
    }

    #[test]
    fn json_in_a_text_becomes_readable() {
        let long = "certificate ".repeat(10);
        let text = json!({ "a": 1, "bc": "d", "e": [1, 2], "f": long }).to_string();
        assert_eq!(
            make_readable(&json!({ "x": [text, "{not json"] }), 12),
            json!({ "x": [
                "{\"a\":1,\n\"bc\":\"d\",\n\"e\":[1,2],\n\"f\":\"certificate certificate certific...\"}",
                "{not json",
            ] })
        );
    }
}
