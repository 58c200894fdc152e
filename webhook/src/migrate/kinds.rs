//! Of which kind the object is that a line stands in.

use super::entry::Entry;
use super::lines::{Lines, indent};

/// For each line. Tools that write manifests sort keys, so that `kind` often comes last.
pub(super) fn kinds(lines: &Lines<'_>) -> Vec<String> {
    let texts: Vec<_> = lines.iter().map(|(_, line)| line.text).collect();
    let starts_document = |text: &&str| text.starts_with("---");
    let mut kinds = Vec::new();
    let mut rest = &texts[..];
    while !rest.is_empty() {
        let behind = rest.iter().skip(1).position(starts_document);
        let (document, others) = rest.split_at(behind.map_or(rest.len(), |end| end + 1));
        kinds.extend(of_document(document));
        rest = others;
    }
    kinds
}

fn of_document(lines: &[&str]) -> Vec<String> {
    // The fields of JSON stand between braces.
    let mut filled = lines.iter().filter(|line| is_filled(line));
    let is_json = filled.next().is_some_and(|line| line.trim() == "{");
    let fields = if is_json {
        filled.next().map_or(0, |line| indent(line))
    } else {
        0
    };
    let kind = lines.iter().find_map(|line| kind_at(line, fields));
    let kind = kind.unwrap_or_default();
    let mut kinds = vec![kind.clone(); lines.len()];
    if !kind.ends_with("List") {
        return kinds;
    }
    let is_items = |line: &&str| line.starts_with("items:");
    let Some(items) = lines.iter().position(is_items) else {
        return kinds;
    };
    let dash = lines[items..]
        .iter()
        .find(|line| line.trim_start().starts_with("- "))
        .map_or(0, |line| indent(line));
    let is_start = |index: &usize| {
        let line = lines[*index];
        indent(line) == dash && line.trim_start().starts_with("- ")
    };
    let starts: Vec<_> = (items..lines.len()).filter(is_start).collect();
    for (number, start) in starts.iter().enumerate() {
        let end = starts.get(number + 1).copied().unwrap_or(lines.len());
        let item = &lines[*start..end];
        let kind = item.iter().find_map(|line| kind_at(line, dash + 2));
        kinds[*start..end].fill(kind.unwrap_or_default());
    }
    kinds
}

fn is_filled(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with(['#', '-'])
}

/// The kind that a line names, if its key stands in this column.
fn kind_at(line: &str, column: usize) -> Option<String> {
    let (before, field) = line.split_at_checked(column)?;
    let is_before = before.trim_end_matches([' ', '-']).is_empty();
    let field = field.trim_end();
    let entry = Entry::parse(field.strip_suffix(',').unwrap_or(field))?;
    let is_kind = is_before && entry.indent.is_empty() && entry.key == "kind";
    is_kind.then(|| entry.scalar()).flatten()
}
