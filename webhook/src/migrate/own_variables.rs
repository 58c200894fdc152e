//! Variables of a container that bank-vaults' wrapper takes for its login, and tokenpipe does not.

use std::collections::{BTreeMap, BTreeSet};

use super::Note;
use super::entry::Entry;
use super::lines::{Beside, Lines};
use super::objects::Objects;
use super::table::{self, ours};
use super::variables;

/// One of them.
struct Variable {
    name: &'static str,
    /// The annotation of ours that stands for it.
    ours: &'static str,
    /// bank-vaults' annotation, which counts before it.
    theirs: &'static str,
    /// Its value is ours too: an address is none, and names of methods differ.
    is_same: bool,
}

const fn variable(
    name: &'static str,
    ours: &'static str,
    theirs: &'static str,
    is_same: bool,
) -> Variable {
    Variable {
        name,
        ours,
        theirs,
        is_same,
    }
}

const VARIABLES: [Variable; 5] = [
    variable("VAULT_ADDR", "vault", "vault-addr", false),
    variable(
        "VAULT_AUTH_METHOD",
        "auth-method",
        "vault-auth-method",
        false,
    ),
    variable("VAULT_NAMESPACE", "auth-namespace", "vault-namespace", true),
    variable("VAULT_PATH", "auth-mount-path", "vault-path", true),
    variable("VAULT_ROLE", "auth-role", "vault-role", true),
];

/// Annotations by the map that they are to be added to.
pub(super) type Added = BTreeMap<usize, BTreeMap<&'static str, String>>;

/// What each document's variables add to the annotations of its pod, where all that is clear.
pub(super) fn added(lines: &Lines<'_>, objects: &Objects) -> Added {
    let mut added = Added::new();
    for document in objects.documents() {
        let Some(first) = annotations(lines, objects, document.clone()) else {
            continue;
        };
        let mut values: BTreeMap<_, Vec<Option<String>>> = BTreeMap::new();
        for index in document {
            if let Some((variable, value)) = find(lines, index) {
                values.entry(variable.ours).or_default().push(value);
            }
        }
        let agreed = VARIABLES.iter().filter_map(|variable| {
            let values = values.get(variable.ours)?;
            let value = values.first().cloned().flatten()?;
            let is_one = values.iter().all(|other| other.as_ref() == Some(&value));
            let is_free = variable.is_same && !has(lines, first, variable);
            (is_one && is_free).then_some((variable.ours, value))
        });
        added.insert(lines.at(first).map, agreed.collect());
    }
    added.retain(|_, keys: &mut BTreeMap<_, _>| !keys.is_empty());
    added
}

/// One for each such variable of a document that bank-vaults has to do with, and that is not in
/// `left`, the documents that stay as they are, by their first lines.
pub(super) fn notes(
    lines: &Lines<'_>,
    objects: &Objects,
    added: &Added,
    left: &BTreeSet<usize>,
) -> Vec<Note> {
    let mut notes = Vec::new();
    let documents = objects.documents();
    for document in documents.filter(|lines| !left.contains(&lines.start)) {
        let first = annotations(lines, objects, document.clone());
        if first.is_none() && !objects.has_reference(document.start) {
            continue;
        }
        for index in document {
            let Some((variable, _)) = find(lines, index) else {
                continue;
            };
            let annotation = ours(variable.ours);
            let is_there = first.is_some_and(|first| {
                let added = added.get(&lines.at(first).map);
                added.is_some_and(|keys| keys.contains_key(variable.ours))
                    || has(lines, first, variable)
            });
            let what = match variable.name {
                _ if is_there && variable.is_same => format!("{annotation} replaces it"),
                "VAULT_ADDR" => format!("name the connection in {annotation}"),
                _ => format!("write {annotation}"),
            };
            notes.push(Note {
                line: index + 1,
                text: format!(
                    "{} is for bank-vaults' login, and has no effect on tokenpipe's; {what}",
                    variable.name
                ),
            });
        }
    }
    notes
}

/// Whether an annotation for the same stands in the map of a line.
fn has(lines: &Lines<'_>, index: usize, variable: &Variable) -> bool {
    let theirs = lines
        .at(index)
        .entry()
        .map(|entry| entry.sibling(variable.theirs));
    let mut keys = theirs.into_iter().chain([ours(variable.ours)]);
    keys.any(|key| !matches!(lines.beside(index, &key), Beside::Never))
}

/// The first line of the only map of annotations of bank-vaults' that pods of a document have.
fn annotations(
    lines: &Lines<'_>,
    objects: &Objects,
    document: std::ops::Range<usize>,
) -> Option<usize> {
    let is_theirs = |index: &usize| {
        let entry = lines.at(*index).entry();
        let is_of_pod = objects.owner(*index).is_none();
        is_of_pod && entry.is_some_and(|entry| table::is_of_bank_vaults(entry.key))
    };
    let mut theirs: Vec<_> = document.filter(is_theirs).collect();
    theirs.dedup_by_key(|index| lines.at(*index).map);
    match theirs[..] {
        [first] => Some(first),
        _ => None,
    }
}

/// One of these variables, whose name a line has, and its value where that can be read.
fn find(lines: &Lines<'_>, index: usize) -> Option<(&'static Variable, Option<String>)> {
    let line = lines.at(index);
    if line.is_content || line.is_comment() || !line.text.contains("VAULT_") {
        return None;
    }
    if let Some(entry) = line.entry() {
        // A map of a chart's values, or the name behind its value.
        return match known(entry.key) {
            Some(variable) => Some((variable, entry.scalar())),
            None => Some((known(&named(entry)?)?, value_beside(lines, index))),
        };
    }
    let item = line.text.trim().strip_prefix("- ")?.trim_start();
    if item.starts_with('{') {
        let name = variables::field_in_braces(item, "name")?;
        return Some((known(&name)?, variables::field_in_braces(item, "value")));
    }
    let entry = Entry::parse(item)?;
    Some((known(&named(&entry)?)?, value_behind(lines, index)))
}

fn known(name: &str) -> Option<&'static Variable> {
    VARIABLES.iter().find(|variable| variable.name == name)
}

fn named(entry: &Entry<'_>) -> Option<String> {
    (entry.key == "name").then(|| entry.scalar()).flatten()
}

/// The value of the list's item that a line begins.
fn value_behind(lines: &Lines<'_>, index: usize) -> Option<String> {
    let next = index + 1;
    if next == lines.len() || lines.at(next).indent() != lines.at(index).indent() + 2 {
        return None;
    }
    let entry = lines.at(next).entry()?;
    (entry.key == "value").then(|| entry.scalar()).flatten()
}

/// The value of the map that a line is in; that of `- value: …` stands before it.
fn value_beside(lines: &Lines<'_>, index: usize) -> Option<String> {
    if let Beside::Always(entry) = lines.beside(index, "value") {
        return entry.scalar();
    }
    let before = lines.at(index.checked_sub(1)?);
    let is_item = before.indent() + 2 == lines.at(index).indent();
    let item = before.text.trim().strip_prefix("- ").filter(|_| is_item)?;
    let entry = Entry::parse(item.trim_start())?;
    (entry.key == "value").then(|| entry.scalar()).flatten()
}
