//! References whose meaning differs, by line.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use templates::reference::is_json;
use templates::{EnvValue, Reference, SecretReference, Selector, Template};

use super::Note;
use super::entry::Entry;
use super::lines::{Line, Lines, uncommented};
use super::objects::Objects;
use super::variables::{self, is_reference};

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
        sentence: "a backslash makes the reference text, and bank-vaults resolves it; remove it to \
                   have the value",
    },
    Difference {
        holds: |value| value.starts_with("vault://"),
        sentence: "`vault://` is an address here, and a reference in bank-vaults; write `vault:` \
                   for a reference",
    },
    Difference {
        holds: |value| {
            let value = value.trim_start_matches(">>");
            value.starts_with("bao:") || value.contains("${bao:") || value.contains("${>>bao:")
        },
        sentence: "`bao:` is no reference here; write `vault:` for either product",
    },
    Difference {
        holds: |value| is_json(value) && value.contains("${") && value.contains("vault:"),
        sentence: "a value that is JSON stays text, which bank-vaults resolves; set \
                   tokenpipe.dev/inject: \"true\" or tokenpipe.dev/containers",
    },
    Difference {
        holds: |value| value.contains("${>vault:"),
        sentence: "`${>vault:` is no reference, in bank-vaults' webhook neither; write \
                   `${>>vault:`",
    },
];

/// A note for each line.
pub(super) fn notes(lines: &Lines<'_>, objects: &Objects) -> Vec<Note> {
    let mut notes = Vec::new();
    for (index, _) in lines.iter() {
        let sentences = sentences(lines, index, objects.kind(index));
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
            "the {kind} keeps its reference, which bank-vaults resolves; take it as a variable of \
             a pod with tokenpipe.dev/inject: \"true\", not as a file"
        );
        let is_named =
            has_reference(uncommented(line.text)) || (kind == "Secret" && is_encoded(line));
        return is_named.then_some(sentence).into_iter().collect();
    }
    let mut found = Vec::new();
    for value in variables::values(lines, index) {
        let differences = DIFFERENCES.iter().filter(|other| (other.holds)(&value));
        found.extend(differences.map(|other| other.sentence.to_owned()));
        found.extend(of_reference(&value));
    }
    found.extend(of_object(lines, index, kind));
    found
}

/// bank-vaults' webhook looks into every field of objects that are no pods, if it is registered for them.
fn of_object(lines: &Lines<'_>, index: usize, kind: &str) -> Option<String> {
    let line = lines.at(index);
    let entry = line
        .entry()
        .filter(|_| !kind.is_empty() && !WITH_PODS.contains(&kind))?;
    let is_named = || {
        if !line.text.contains("vault:") {
            return false;
        }
        let value = entry.scalar().unwrap_or_default();
        is_reference(&value) && variables::values(lines, index).is_empty()
    };
    let is_encoded = || entry.key == "caBundle" && is_encoded(line);
    (is_named() || is_encoded()).then(|| {
        format!(
            "the {kind} keeps its reference, because tokenpipe resolves variables of pods alone; \
             write the value itself"
        )
    })
}

/// Kinds whose fields, but for those of their pods' variables, bank-vaults leaves alone.
const WITH_PODS: [&str; 9] = [
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "Pod",
    "PodTemplate",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
];

/// Whether the base64 of a value has a reference, or base64 in that, as the logins of a
/// `.dockerconfigjson` are.
fn is_encoded(line: &Line<'_>) -> bool {
    let Some(outer) = line
        .entry()
        .and_then(Entry::scalar)
        .and_then(|text| decode(&text))
    else {
        return false;
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let mut inner = outer.split(|c| !is_part(c)).filter_map(decode);
    has_reference(&outer) || inner.any(|text| has_reference(&text))
}

fn decode(text: &str) -> Option<String> {
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn has_reference(text: &str) -> bool {
    text.contains("vault:") || text.contains("bao:")
}

fn of_reference(value: &str) -> Vec<String> {
    if !is_reference(value) {
        return Vec::new();
    }
    let parsed = match EnvValue::parse(value) {
        Ok(parsed) => parsed,
        Err(error) => {
            return vec![format!(
                "tokenpipe rejects the reference: {}",
                templates::explain(&error)
            )];
        }
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
    let optional = "`?` at its end makes a path or key optional; in bank-vaults it belongs to the \
                    name";
    let mut found = Vec::new();
    if secret.optional {
        found.push(optional.to_owned());
    }
    match &secret.selector {
        Selector::Key { optional: true, .. } => found.push(optional.to_owned()),
        Selector::Key { .. } => {}
        Selector::Template(source) => match Template::parse(source) {
            Err(error) => found.push(format!("tokenpipe rejects the {error}")),
            Ok(_) if has_default(source) => {}
            Ok(_) => found.push(
                "a missing field ends the start, where bank-vaults renders `<no value>`; add \
                 `default` for another text"
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
