//! References whose meaning differs, by line.

use templates::reference::starts_reference;
use templates::{EnvValue, Reference, SecretReference, Selector, Template};

use super::Note;
use super::entry::scalar_at;
use super::lines::{Line, Lines};

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
        holds: |value| value.contains("${>vault:"),
        sentence: "`${>vault:` is no reference, in bank-vaults' webhook neither: write `${>>vault:`",
    },
];

/// A note for each line.
pub(super) fn notes(lines: &Lines<'_>) -> Vec<Note> {
    let mut kind = String::new();
    let mut notes = Vec::new();
    for (index, line) in lines.iter() {
        if line.text.starts_with("---") {
            kind.clear();
        }
        if let Some(entry) = line.entry().filter(|entry| entry.indent.is_empty())
            && entry.key == "kind"
        {
            kind = entry.scalar().unwrap_or_default();
        }
        let sentences = sentences(line, &kind);
        notes.extend(sentences.into_iter().map(|text| Note {
            line: index + 1,
            text,
        }));
    }
    notes
}

fn sentences(line: &Line<'_>, kind: &str) -> Vec<String> {
    if line.is_comment() || !line.text.contains("vault:") {
        return Vec::new();
    }
    if matches!(kind, "Secret" | "ConfigMap") {
        return vec![format!(
            "a {kind} is not changed: bank-vaults resolves the reference in it. A container that \
             takes it by envFrom or valueFrom gets the value if its pod has tokenpipe.dev/inject: \
             \"true\"; one that mounts it as a file gets the reference"
        )];
    }
    let Some(value) = value(line) else {
        return Vec::new();
    };
    let differences = DIFFERENCES.iter().filter(|other| (other.holds)(&value));
    let mut found: Vec<_> = differences.map(|other| other.sentence.to_owned()).collect();
    found.extend(of_reference(&value));
    found
}

/// The scalar of `value: …`, the only key by which an environment variable has one.
fn value(line: &Line<'_>) -> Option<String> {
    let own = line.entry().filter(|entry| entry.key == "value");
    if let Some(entry) = own {
        return entry.scalar();
    }
    if line.is_content {
        return None;
    }
    let keys = ["value: ", "\"value\":"];
    let (before, rest) = keys.iter().find_map(|key| line.text.split_once(key))?;
    let value = scalar_at(rest, before.contains('{'))?;
    serde_yaml::from_str_with_options(value, crate::yaml::options()).ok()
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

fn has_default(source: &str) -> bool {
    ["default", "coalesce"]
        .iter()
        .any(|function| source.contains(function))
}
