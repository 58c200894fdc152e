//! What admission changed, as a diff of YAML.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::DemoError;

/// Unchanged lines around a change.
const CONTEXT: usize = 2;

/// A line of a diff.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// `+`, `-`, a space for what is unchanged, or `@` where lines are left out.
    pub sign: char,
    /// Without its end. A long line is several, of which all but the first are indented further.
    pub text: String,
}

/// The lines that differ between two objects, with some around them, at most `columns` wide where
/// there is a place to break them.
pub fn diff(before: &Value, after: &Value, columns: usize) -> Result<Vec<Line>, DemoError> {
    let (before, after) = (yaml(before)?, yaml(after)?);
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
            let parts = fold(change.value().trim_end(), columns.saturating_sub(2));
            lines.extend(parts.into_iter().map(|text| Line { sign, text }));
        }
    }
    Ok(lines)
}

fn yaml(object: &Value) -> Result<String, DemoError> {
    let options = serde_yaml::ser_options! { prefer_block_scalars: true };
    serde_yaml::to_string_with_options(object, options)
        .map_err(|error| DemoError::Yaml(error.to_string()))
}

/// Breaks a line behind commas, as JSON can be broken.
fn fold(line: &str, columns: usize) -> Vec<String> {
    let indent = line.len() - line.trim_start().len() + 4;
    let mut lines = Vec::new();
    let mut rest = line.to_owned();
    while rest.chars().count() > columns {
        let fits = rest
            .char_indices()
            .nth(columns)
            .map_or(rest.len(), |(at, _)| at);
        let Some(comma) = rest[..fits].rfind(',').filter(|comma| *comma > indent) else {
            break;
        };
        let behind = format!("{}{}", " ".repeat(indent), &rest[comma + 1..]);
        rest.truncate(comma + 1);
        lines.push(rest);
        rest = behind;
    }
    lines.push(rest);
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_are_added_and_removed() {
        let before = json!({ "a": 1, "b": 2, "c": 3, "d": 4, "e": ["x"] });
        let after = json!({ "a": 1, "b": 2, "c": 3, "d": 5, "e": ["x"], "f": { "g": "h" } });
        let lines: Vec<_> = diff(&before, &after, 80)
            .unwrap()
            .into_iter()
            .map(|line| format!("{}{}", line.sign, line.text))
            .collect();
        assert_eq!(
            lines,
            [
                " b: 2", " c: 3", "-d: 4", "+d: 5", " e:", "   - x", "+f:", "+  g: h"
            ]
        );
        assert_eq!(diff(&before, &before, 80).unwrap(), []);
    }

    #[test]
    fn a_long_line_is_broken_behind_commas() {
        let line = r#"  value: {"a":1,"bc":"d,e","f":[1,2]}"#;
        assert_eq!(
            fold(line, 20),
            [
                r#"  value: {"a":1,"#,
                r#"      "bc":"d,"#,
                r#"      e","f":[1,"#,
                "      2]}"
            ]
        );
        assert_eq!(
            fold("without a place to break", 5),
            ["without a place to break"]
        );
    }
}
