//! References whose meaning differs, by line.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use templates::reference::starts_reference;
use templates::{EnvValue, Reference, SecretReference, Selector, Template};

use super::entry::Entry;
use super::kinds::kinds;
use super::lines::{Line, Lines};
use super::{Note, variables};

/// What a text in a value means in tokenpipe, where bank-vaults takes it otherwise.
struct Difference {
    holds: fn(&str) -> bool,
    sentence: &'static str,
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        holds: |value| {
            value.contains("\\vault:")
                || value.contains("\\${vault:")
                || value.contains("\\>>vault:")
        },
        sentence: "a backslash before a reference makes it text: bank-vaults resolves it",
    },
    Difference {
        holds: |value| value.starts_with("vault://"),
        sentence: "`vault://` is an address, and is left as it is: bank-vaults takes it for a reference",
    },
    Difference {
        holds: |value| {
            let value = value.trim_start_matches(">>");
            value.starts_with("bao:") || value.contains("${bao:") || value.contains("${>>bao:")
        },
        sentence: "`bao:` is no reference here: write `vault:`, whichever product the connection is for",
    },
    Difference {
        holds: |value| value.contains("${>vault:"),
        sentence: "`${>vault:` is no reference, in bank-vaults' webhook neither: write `${>>vault:`",
    },
];

/// A note for each line.
pub(super) fn notes(lines: &Lines<'_>) -> Vec<Note> {
    let kinds = kinds(lines);
    let mut notes = Vec::new();
    for ((index, _), kind) in lines.iter().zip(&kinds) {
        let sentences = sentences(lines, index, kind);
        notes.extend(sentences.into_iter().map(|text| Note {
            line: index + 1,
            text,
        }));
    }
    notes
}

fn sentences(lines: &Lines<'_>, index: usize, kind: &str) -> Vec<String> {
    let line = lines.at(index);
    if line.is_comment() {
        return Vec::new();
    }
    if matches!(kind, "Secret" | "ConfigMap") {
        let sentence = format!(
            "a {kind} is not changed: bank-vaults resolves the reference in it. A container that \
             takes it by envFrom or valueFrom gets the value if its pod has tokenpipe.dev/inject: \
             \"true\"; one that mounts it as a file gets the reference"
        );
        let is_named = has_reference(line.text) || (kind == "Secret" && is_encoded(line));
        return is_named.then_some(sentence).into_iter().collect();
    }
    let mut found = Vec::new();
    for value in variables::values(lines, index) {
        let differences = DIFFERENCES.iter().filter(|other| (other.holds)(&value));
        found.extend(differences.map(|other| other.sentence.to_owned()));
        found.extend(of_reference(&value));
    }
    found
}

/// Whether the data of a Secret has a reference.
fn is_encoded(line: &Line<'_>) -> bool {
    let decoded = line
        .entry()
        .and_then(Entry::scalar)
        .and_then(|text| BASE64_STANDARD.decode(text).ok());
    decoded.is_some_and(|bytes| has_reference(&String::from_utf8_lossy(&bytes)))
}

fn has_reference(text: &str) -> bool {
    text.contains("vault:") || text.contains("bao:")
}

fn of_reference(value: &str) -> Vec<String> {
    if !starts_reference(value) && !value.contains("${vault:") && !value.contains("${>>vault:") {
        return Vec::new();
    }
    let parsed = match EnvValue::parse(value) {
        Ok(parsed) => parsed,
        Err(error) => return vec![format!("the reference is refused: {error}")],
    };
    parsed
        .references()
        .filter_map(|reference| match reference {
            Reference::Secret(secret) => Some(of_secret(secret)),
            _ => None,
        })
        .flatten()
        .collect()
}

fn of_secret(secret: &SecretReference) -> Vec<String> {
    let optional = "`?` at the end makes that part optional: in bank-vaults it belongs to the name";
    let mut found = Vec::new();
    if secret.optional {
        found.push(optional.to_owned());
    }
    match &secret.selector {
        Selector::Key { optional: true, .. } => found.push(optional.to_owned()),
        Selector::Key { .. } => {}
        Selector::Template(source) => match Template::parse(source) {
            Err(error) => found.push(format!("the template is refused: {error}")),
            Ok(_) if has_default(source) => {}
            Ok(_) => found.push(
                "a field that the secret does not have ends the start: in bank-vaults a template \
                 renders `<no value>`; `default` gives another text"
                    .to_owned(),
            ),
        },
    }
    found
}

/// Whether each field of a template has another text in its place.
fn has_default(source: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let has = |action: &str| {
        let mut words = action.split(|c| !is_word(c));
        words.any(|word| matches!(word, "default" | "coalesce"))
    };
    source
        .split("${")
        .skip(1)
        .all(|action| !action.contains('.') || has(action))
}
