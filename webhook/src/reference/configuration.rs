//! The operator's file: every key, from the schema of the types that read it.

use std::fmt::Write as _;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use crate::config::Config;

const INTRODUCTION: &str = "# The operator's configuration file

One YAML file for `tokenpipe serve --config`, and optionally for `tokenpipe render --config`. The
chart writes this file from its [values](../../helm/tokenpipe/README.md). `images`, `defaults` and
`connections` have the same names there; `vault` becomes `connections.default`. Change the values,
because the next `helm upgrade` writes the file again. Without the chart, begin with
`examples/config.yaml`.

A pod cannot set an address. It selects a connection by name, with the annotation `vault`.

tokenpipe rejects an unknown key. A change of the file takes effect without a restart, except for
the keys below `server`. A file that cannot be used leaves the old one in force, and the log and a
metric report that.

A duration is text such as `90s`, `1h30m` or `2160h`, and more than zero. Its units are `ns`, `us`,
`ms`, `s`, `m` and `h`; `d` is for whole days alone (`1d`). A quoted number without a unit counts
seconds. A key that ends in `Seconds` takes a whole number.
";

const TABLE_HEAD: &str = "\n| key | values | default | meaning |\n|---|---|---|---|\n";

/// The page as Markdown.
pub(super) fn page() -> String {
    let schema = SchemaSettings::default()
        .into_generator()
        .into_root_schema_for::<Config>()
        .to_value();
    let types = Types {
        definitions: schema.get("$defs").and_then(Value::as_object),
    };
    let mut page = INTRODUCTION.to_owned();
    let mut top = Vec::new();
    let mut sections = String::new();
    for (key, property, required) in properties(&schema) {
        match types.named(property) {
            Some((suffix, inner)) => {
                let mut rows = Vec::new();
                types.rows(inner, "", &mut rows);
                let _ = write!(sections, "\n## `{key}{suffix}`\n\n{}\n", meaning(property));
                table(&mut sections, &rows);
            }
            None => top.push(types.row(key, property, required)),
        }
    }
    table(&mut page, &top);
    page + &sections
}

fn table(page: &mut String, rows: &[[String; 4]]) {
    page.push_str(TABLE_HEAD);
    for row in rows {
        let _ = writeln!(page, "| {} |", row.join(" | "));
    }
}

/// The types that the schema defines by name.
struct Types<'a> {
    definitions: Option<&'a Map<String, Value>>,
}

impl<'a> Types<'a> {
    /// The type itself, where the schema only names it, and where it may be absent.
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let optional = schema["anyOf"]
            .as_array()
            .and_then(|choices| choices.first());
        let name = schema["$ref"]
            .as_str()
            .and_then(|name| name.strip_prefix("#/$defs/"));
        match (optional, name) {
            (Some(present), _) => self.resolve(present),
            (None, Some(name)) => self
                .definitions
                .and_then(|types| types.get(name))
                .unwrap_or(schema),
            (None, None) => schema,
        }
    }

    /// What has keys of its own, and how they follow on its name.
    fn named(&self, schema: &'a Value) -> Option<(&'static str, &'a Value)> {
        let schema = self.resolve(schema);
        if schema.get("properties").is_some() {
            return Some(("", schema));
        }
        let each = self.resolve(schema.get("additionalProperties")?);
        each.get("properties").map(|_| (".NAME", each))
    }

    /// A row for every key below `schema`.
    fn rows(&self, schema: &'a Value, prefix: &str, rows: &mut Vec<[String; 4]>) {
        for (key, property, required) in properties(schema) {
            let key = format!("{prefix}{key}");
            let inner = self.resolve(property);
            let below = format!("{key}.");
            if self.named(property).is_none() || property.get("default").is_some() {
                rows.push(self.row(&key, property, required));
            }
            self.rows(inner, &below, rows);
            // One of several, each with keys of its own.
            for choice in choices(inner) {
                self.rows(choice, &below, rows);
            }
        }
    }

    fn row(&self, key: &str, property: &'a Value, required: bool) -> [String; 4] {
        let schema = self.resolve(property);
        let default = match property.get("default") {
            _ if required => "required".to_owned(),
            None | Some(Value::Null) => "none".to_owned(),
            Some(Value::String(text)) => format!("`{text}`"),
            Some(default) => format!("`{default}`"),
        };
        let mut meaning = meaning(property);
        for choice in choices(schema).filter(|choice| choice.get("const").is_some()) {
            let word = choice["const"].as_str().unwrap_or_default();
            let _ = write!(meaning, " `{word}`: {}", self::meaning(choice));
        }
        [format!("`{key}`"), values(schema), default, meaning]
    }
}

/// Name, schema, and whether it must be there.
fn properties(schema: &Value) -> impl Iterator<Item = (&str, &Value, bool)> {
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties.map(move |(key, property)| {
        let required = required.iter().any(|name| name == key.as_str());
        (key.as_str(), property, required)
    })
}

fn choices(schema: &Value) -> impl Iterator<Item = &Value> {
    schema["oneOf"].as_array().into_iter().flatten()
}

fn meaning(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    text.replace('\n', " ")
}

/// What may stand there.
fn values(schema: &Value) -> String {
    let words: Vec<_> = choices(schema)
        .filter_map(|choice| choice["const"].as_str())
        .map(|word| format!("`{word}`"))
        .collect();
    if !words.is_empty() {
        return words.join(" · ");
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.first().unwrap_or(&Value::Null),
        kind => kind,
    };
    match kind.as_str() {
        Some("string") => "text",
        Some("integer") => "whole number",
        Some("boolean") => "`true` · `false`",
        Some("array") => "list of texts",
        Some("object") if schema.get("properties").is_none() => "map of texts",
        _ => "map",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn every_key_of_the_example_is_on_it() {
        let page = page();
        for line in include_str!("../../../examples/config.yaml").lines() {
            let line = line.trim_start().trim_start_matches("# ");
            let Some((key, _)) = line.split_once(':') else {
                continue;
            };
            let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphabetic());
            if is_key && key != "default" {
                let written = [format!("`{key}"), format!(".{key}")];
                assert!(
                    written.iter().any(|key| page.contains(key)),
                    "{key}\n{page}"
                );
            }
        }
    }

    #[test]
    fn a_word_that_is_refused_is_not_on_it() {
        let page = page();
        let mut rows = page.lines();
        let row = rows.find(|row| row.starts_with("| `restartFallback` |"));
        let row = row.unwrap();
        assert!(row.contains("| `retain` · `fail` | `retain` |"), "{row}");
        assert!(!row.contains("RestartAllContainers"), "{row}");
    }

    #[test]
    fn every_row_is_whole() {
        let page = page();
        let rows: Vec<_> = page
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        assert!(rows.len() > 40, "{page}");
        for row in rows {
            let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
            assert_eq!(cells.len(), 4, "{row}");
            assert!(cells.iter().all(|cell| !cell.is_empty()), "{row}");
            assert!(cells[3].ends_with('.'), "{row}");
            // What only a reader of the code understands.
            assert!(!row.contains("::") && !row.contains("[`"), "{row}");
        }
    }
}
