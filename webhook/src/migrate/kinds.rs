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

/// For each line whether it is in the metadata of the object itself, and not in that of its pods.
pub(super) fn own_metadata(lines: &Lines<'_>) -> Vec<bool> {
    let mut found = Vec::with_capacity(lines.len());
    // The column of `metadata` while in it, and of the items of a list.
    let mut open: Option<usize> = None;
    let mut items: Option<usize> = None;
    let mut is_list = false;
    for (_, line) in lines.iter() {
        let text = line.text;
        if text.starts_with("---") {
            (open, items, is_list) = (None, None, false);
        }
        let is_entry = line.entry().is_some() || text.trim_start().starts_with("- ");
        let mut column = indent(text);
        let mut field = text.trim();
        if is_list
            && let Some(rest) = field.strip_prefix("- ")
            && *items.get_or_insert(column) == column
        {
            open = None;
            (column, field) = (column + 2, rest.trim());
        }
        if is_entry && open.is_some_and(|open| column <= open) {
            open = None;
        }
        if field == "items:" && column == 0 {
            is_list = true;
        }
        let own = items.map_or(0, |dash| dash + 2);
        if field.split('#').next().map(str::trim_end) == Some("metadata:") && column == own {
            open = Some(column);
        }
        found.push(open.is_some());
    }
    found
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
