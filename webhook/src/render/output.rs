//! Documents as text.

use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Value, json};

use super::object;

/// A line that sets documents apart.
const SEPARATOR: &str = "---\n";

/// What to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// All objects, in the text that they were written in wherever that is not patched.
    #[default]
    Yaml,
    /// All objects as JSON; a `List` if there are several.
    Json,
    /// A list of objects and the patch of each, JSON.
    Patch,
}

/// What is printed so far.
pub(super) struct Output {
    format: Format,
    text: String,
    /// Whether documents are set apart by lines.
    is_stream: bool,
    is_changed: bool,
    values: Vec<Value>,
}

impl Output {
    pub(super) fn new(format: Format) -> Self {
        Self {
            format,
            text: String::new(),
            is_stream: false,
            is_changed: false,
            values: Vec::new(),
        }
    }

    /// A document whose text stays as it is, or is not printed.
    pub(super) fn keep(&mut self, separator: &str, text: &str, value: Value) {
        match self.format {
            Format::Yaml => {
                self.separate(separator);
                self.text.push_str(text);
            }
            Format::Json if !value.is_null() => self.values.push(value),
            Format::Json | Format::Patch => {}
        }
    }

    /// A document whose text has changed.
    pub(super) fn change(&mut self, separator: &str, text: &str) {
        self.is_changed = true;
        self.separate(separator);
        self.text.push_str(text);
    }

    fn separate(&mut self, separator: &str) {
        if !separator.is_empty() && !self.text.is_empty() {
            self.is_stream = true;
            if !self.text.ends_with('\n') {
                self.text.push('\n');
            }
        }
        self.text.push_str(separator);
    }

    /// kubectl before 1.34 takes no `---` in a file that begins with a brace. One that is as it was
    /// written stays so.
    fn yaml(self) -> String {
        let begins_as_json = self.text.trim_start().starts_with('{');
        if begins_as_json && self.is_stream && self.is_changed {
            return [SEPARATOR, &self.text].concat();
        }
        self.text
    }

    /// All of it.
    pub(super) fn text(self, patches: &[Value]) -> Result<String, serde_json::Error> {
        match (self.format, &self.values[..]) {
            (Format::Yaml, _) => Ok(self.yaml()),
            (Format::Patch, _) => pretty(patches),
            // As `kubectl get -o json` prints them, so that `kubectl apply` takes them.
            (Format::Json, [value]) => pretty(value),
            (Format::Json, _) => {
                let items: Vec<_> = self.values.into_iter().flat_map(object::flatten).collect();
                pretty(&json!({"apiVersion": "v1", "kind": "List", "items": items}))
            }
        }
    }
}

fn pretty<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|text| text + "\n")
}
