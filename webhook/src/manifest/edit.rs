//! A changed document with the text of the old one wherever nothing changes: comments, quotes, order.
//!
//! The two values are compared along the text. What is new goes behind what is there, and a value in
//! brackets that changes is written as a block. Where that does not give the new value when it is read
//! again (anchors, tags, layouts that nobody thought of) there is no result, and the document is
//! written anew.

use std::ops::Range;

use serde_json::{Map, Value};

use super::source::{self, Kind, Node};
use super::{tree, writer};

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The text of a document whose value has become another one.
pub(crate) fn edit(text: &str, new: &Value) -> Option<String> {
    if let Some(text) = text.strip_prefix(BYTE_ORDER_MARK) {
        return Some([BYTE_ORDER_MARK, &edit(text, new)?].concat());
    }
    let old = tree::read(text, 1).ok()?.value;
    let mut edits = Edits {
        text,
        all: Vec::new(),
    };
    edits.node(&source::read(text)?, &old, new)?;
    let edited = edits.apply();
    let read = tree::read(&edited, 1).ok()?;
    (read.value == *new && read.repeated.is_empty()).then_some(edited)
}

struct Edits<'t> {
    text: &'t str,
    all: Vec<(Range<usize>, String)>,
}

impl Edits<'_> {
    fn apply(mut self) -> String {
        // What is added behind a value comes before what is added behind the map that it is in.
        self.all.sort_by_key(|(range, _)| range.start);
        let (mut edited, mut end) = (String::new(), 0);
        for (range, text) in &self.all {
            edited.push_str(self.text.get(end..range.start).unwrap_or_default());
            edited.push_str(text);
            end = range.end;
        }
        edited.push_str(&self.text[end..]);
        edited
    }

    fn node(&mut self, node: &Node, old: &Value, new: &Value) -> Option<()> {
        if old == new {
            return Some(());
        }
        match (&node.kind, old, new) {
            (Kind::Map(entries), Value::Object(old), Value::Object(new)) => {
                self.map(node, entries, old, new)
            }
            (Kind::List(items), Value::Array(old), Value::Array(new)) => {
                self.list(node, items, old, new)
            }
            _ => None,
        }
    }

    fn map(
        &mut self,
        node: &Node,
        entries: &[(String, Node)],
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) -> Option<()> {
        if entries.len() != old.len() {
            return None;
        }
        for (key, value) in entries {
            let (old, new) = (old.get(key)?, new.get(key)?);
            if is_whole(value) && old != new {
                self.replace(value, node.column, new)?;
            } else {
                self.node(value, old, new)?;
            }
        }
        let added = new.iter().filter(|(key, _)| !old.contains_key(*key));
        let added: Map<_, _> = added
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if !added.is_empty() {
            let lines = writer::entries_at(&added, node.column);
            self.insert_behind(node, lines);
        }
        Some(())
    }

    fn list(&mut self, node: &Node, items: &[Node], old: &[Value], new: &[Value]) -> Option<()> {
        if items.len() != old.len() {
            return None;
        }
        let mut rest = items.iter().zip(old).peekable();
        let mut added = Vec::new();
        for value in new {
            match rest.next_if(|(_, old)| is_same(old, value)) {
                None => added.push(value.clone()),
                Some((item, old)) => {
                    self.insert_before(item, &mut added)?;
                    if is_whole(item) && old != value {
                        self.replace_item(item, value)?;
                    } else {
                        self.node(item, old, value)?;
                    }
                }
            }
        }
        if rest.next().is_some() {
            return None;
        }
        if !added.is_empty() {
            let (column, _) = self.dash(items.last()?)?;
            self.insert_behind(node, writer::elements_at(&added, column));
        }
        Some(())
    }

    /// Writes the value of a key that is in this column.
    fn replace(&mut self, node: &Node, column: usize, new: &Value) -> Option<()> {
        let before = self.text[..node.range.start].trim_end_matches(' ');
        // On the key's own line, or what is there may be a comment.
        before.ends_with(':').then_some(())?;
        let value = writer::value_at(new, column);
        self.all.push((
            before.len()..node.range.end,
            value.trim_end_matches('\n').to_owned(),
        ));
        Some(())
    }

    fn replace_item(&mut self, node: &Node, new: &Value) -> Option<()> {
        let text = match new {
            Value::Object(map) if !map.is_empty() => writer::entries_at(map, node.column),
            _ => return None,
        };
        let text = text.trim_start_matches(' ').trim_end_matches('\n');
        self.all.push((node.range.clone(), text.to_owned()));
        Some(())
    }

    /// Writes elements before one that is there, and before the comments above it.
    fn insert_before(&mut self, item: &Node, added: &mut Vec<Value>) -> Option<()> {
        if added.is_empty() {
            return Some(());
        }
        let (column, mut start) = self.dash(item)?;
        let margin = format!("{}#", " ".repeat(column));
        while let Some(line) = self.text[..start].split_inclusive('\n').next_back() {
            if !line.starts_with(&margin) {
                break;
            }
            start -= line.len();
        }
        let lines = writer::elements_at(&std::mem::take(added), column);
        self.all.push((start..start, lines));
        Some(())
    }

    /// The column of an element's dash, and where its line begins.
    fn dash(&self, item: &Node) -> Option<(usize, usize)> {
        let before = self.text[..item.range.start].trim_end_matches(' ');
        let margin = before.strip_suffix('-')?;
        let start = margin.rfind('\n').map_or(0, |end| end + 1);
        let margin = &margin[start..];
        margin
            .trim_matches(' ')
            .is_empty()
            .then_some((margin.len(), start))
    }

    /// Writes lines behind the last one of a block.
    fn insert_behind(&mut self, node: &Node, mut lines: String) {
        let end = node.range.end;
        let rest = &self.text[end..];
        let at = if self.text[..end].ends_with('\n') {
            end
        } else {
            rest.find('\n').map_or(self.text.len(), |at| end + at + 1)
        };
        if !self.text[..at].ends_with('\n') {
            lines.insert(0, '\n');
        }
        self.all.push((at..at, lines));
    }
}

/// Whether it can be written as another one.
fn is_whole(node: &Node) -> bool {
    matches!(node.kind, Kind::Whole) && !node.range.is_empty()
}

/// Whether an element of a list is another one's new form.
fn is_same(old: &Value, new: &Value) -> bool {
    let name = |value: &Value| {
        let name = value
            .get("name")
            .or_else(|| value.get("metadata")?.get("name"));
        name.cloned()
    };
    match (name(old), name(new)) {
        (None, None) => old == new || (old.is_object() && new.is_object()),
        (old, new) => old == new,
    }
}

#[cfg(test)]
mod tests;
