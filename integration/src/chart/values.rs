//! The comments of `values.yaml`, from which the README's table is made.

use serde_json::Value;

use super::{ChartError, chart_directory};

/// A value of the chart's.
#[derive(Clone, Debug)]
pub struct Documented {
    /// Its path, as `vault.auth.method`.
    pub path: String,
    /// What the comment says.
    pub text: String,
    /// What it is if nobody sets it.
    pub default: Value,
}

const MARK: &str = "# -- ";

/// All values that have a comment which begins with `# --`, in their order. A value without one,
/// and a comment without a value, is an error.
pub fn read_documented() -> Result<Vec<Documented>, ChartError> {
    let text = std::fs::read_to_string(chart_directory().join("values.yaml"))?;
    let options = serde_yaml::from_str::<Value>(&text);
    let values = options.map_err(|error| ChartError::Yaml(error.to_string()))?;
    let mut found = Vec::new();
    let mut parents: Vec<(usize, String)> = Vec::new();
    let mut comment: Option<String> = None;
    // Lines below a documented value belong to its default.
    let mut inside: Option<usize> = None;
    for (index, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let content = line.trim();
        let problem = |reason: &str| ChartError::Values {
            line: index + 1,
            reason: reason.to_owned(),
        };
        if content.is_empty() || inside.is_some_and(|outer| indent > outer) {
            continue;
        }
        inside = None;
        if let Some(rest) = content.strip_prefix(MARK) {
            comment = Some(rest.to_owned());
            continue;
        }
        if let Some(rest) = content.strip_prefix("# ") {
            comment = comment.map(|text| format!("{text} {rest}"));
            continue;
        }
        let key = content.split(':').next().unwrap_or_default();
        parents.retain(|(outer, _)| *outer < indent);
        parents.push((indent, key.to_owned()));
        let names: Vec<_> = parents.iter().map(|(_, name)| name.as_str()).collect();
        let Some(text) = comment.take() else {
            if content.ends_with(':') {
                continue;
            }
            return Err(problem("it has no comment that begins with \"# --\""));
        };
        let default = values.pointer(&format!("/{}", names.join("/")));
        found.push(Documented {
            path: names.join("."),
            text,
            default: default.ok_or_else(|| problem("this is no value"))?.clone(),
        });
        inside = Some(indent);
    }
    Ok(found)
}

/// The README's table.
pub fn render_table(values: &[Documented]) -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let line = |value: &Documented| {
        format!(
            "| `{}` | `{}` | {} |\n",
            value.path,
            cell(&value.default.to_string()),
            cell(&value.text)
        )
    };
    let lines: String = values.iter().map(line).collect();
    format!("| value | default | meaning |\n|---|---|---|\n{lines}")
}
