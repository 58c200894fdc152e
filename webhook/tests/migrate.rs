//! What `tokenpipe migrate` makes of files: each `migrate/NAME.in.yaml` is a case, `NAME.out.yaml` what
//! it becomes, `NAME.report` what is said about it.
//!
//! `INSTA_UPDATE=always cargo test -p webhook --test migrate` writes the latter two.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::path::{Path, PathBuf};
use std::{env, fs};

use contract::message::{MESSAGE_WORDS, words};
use contract::names::ANNOTATION_PREFIX;
use serde_json::{Value, json};
use webhook::annotations::ENTRIES;
use webhook::migrate::{
    BANK_VAULTS, Carry, OF_BANK_VAULTS, OF_SECRETS_WEBHOOK, OF_VAULT_K8S, RENAMED, SECRETS_WEBHOOK,
    VAULT_K8S, migrate,
};

fn cases() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/migrate");
    let files = fs::read_dir(directory).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.to_str().unwrap().ends_with(".in.yaml"));
    files.sort();
    assert!(files.len() > 5, "{files:?}");
    files
}

fn beside(case: &Path, ending: &str) -> PathBuf {
    let name = case.file_name().unwrap().to_str().unwrap();
    case.with_file_name(name.replace(".in.yaml", ending))
}

fn report(text: &str) -> String {
    let notes = migrate(text).notes;
    notes
        .iter()
        .flat_map(|note| [note.to_string(), "\n".into()])
        .collect()
}

fn assert_short(sentence: &str) {
    let count = words(sentence);
    assert!(count <= MESSAGE_WORDS, "{count} words: {sentence}");
}

fn assert_is(file: &Path, found: &str) {
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(file, found).unwrap();
    }
    let wanted = fs::read_to_string(file).unwrap_or_default();
    assert_eq!(found, wanted, "{}", file.display());
}

#[test]
fn files() {
    for case in cases() {
        let text = fs::read_to_string(&case).unwrap();
        assert_is(&beside(&case, ".out.yaml"), &migrate(&text).text);
        assert_is(&beside(&case, ".report"), &report(&text));
    }
}

#[test]
fn notes_are_short() {
    for case in cases() {
        for note in migrate(&fs::read_to_string(&case).unwrap()).notes {
            assert_short(&note.text);
        }
    }
}

/// Also those that no case has, behind the words that come before them in a note.
#[test]
fn sentences_of_the_tables_are_short() {
    let tables = [OF_BANK_VAULTS, OF_SECRETS_WEBHOOK, OF_VAULT_K8S];
    for mapping in tables.into_iter().flatten() {
        match &mapping.carry {
            Carry::Stays(why) => assert_short(&format!("KEY stays: {why}")),
            Carry::Nothing(why) => assert_short(&format!("KEY was not carried over: {why}")),
            Carry::Breaks(why) => assert_short(&format!("KEY, document left as it was: {why}")),
            Carry::Words(words) => {
                for word in *words {
                    assert_short(&format!("KEY, document left as it was: {}", word.why));
                }
            }
            Carry::Key(_) | Carry::VolumeFile(_) | Carry::Role { .. } => {}
        }
        let mount = mapping.mount.as_ref().map(|mount| mount.note);
        for note in mapping.note.into_iter().chain(mount) {
            assert_short(&format!("KEY: {note}"));
        }
    }
}

#[test]
fn migrating_again_changes_nothing() {
    for case in cases() {
        let once = migrate(&fs::read_to_string(&case).unwrap()).text;
        assert_eq!(migrate(&once).text, once, "{}", case.display());
    }
}

/// Cut anywhere, a file is still one whose other lines stay.
#[test]
fn no_line_of_anybody_elses_changes() {
    for case in cases() {
        let text = fs::read_to_string(&case).unwrap();
        for end in text.char_indices().map(|(end, _)| end) {
            let old = &text[..end];
            let new = migrate(old).text;
            // A prefix that is cut is nobody's.
            let theirs = [BANK_VAULTS, SECRETS_WEBHOOK, "vault.hashicorp"];
            let is_theirs = |line: &&str| !theirs.iter().any(|prefix| line.contains(prefix));
            let mut rest = new.split_inclusive('\n');
            for line in old.split_inclusive('\n').filter(is_theirs) {
                let comment = |new: &str| {
                    Some(new.trim_start().strip_prefix('#')?.trim_start() == line.trim_start())
                };
                // The last line of a file may have no end.
                let is_same = |new: &str| new.trim_end_matches('\n') == line.trim_end_matches('\n');
                let is_kept = rest.any(|new| is_same(new) || comment(new) == Some(true));
                assert!(
                    is_kept,
                    "{} up to {end}: {line:?} in\n{new}",
                    case.display()
                );
            }
        }
    }
}

#[test]
fn migrated_output_matches_the_snapshot() {
    let keys = OF_BANK_VAULTS
        .iter()
        .chain(OF_SECRETS_WEBHOOK)
        .chain(OF_VAULT_K8S)
        .flat_map(|mapping| match &mapping.carry {
            Carry::Key(key) | Carry::VolumeFile(key) => vec![*key],
            Carry::Words(words) => words
                .iter()
                .flat_map(|word| word.to)
                .map(|(key, _)| *key)
                .collect(),
            Carry::Role { .. } => vec!["auth-role"],
            Carry::Stays(_) | Carry::Nothing(_) | Carry::Breaks(_) => vec![],
        });
    for key in keys {
        assert!(
            ENTRIES.iter().any(|entry| entry.key == key),
            "{ANNOTATION_PREFIX}{key}"
        );
    }
    let names: Vec<_> = OF_BANK_VAULTS.iter().map(|mapping| mapping.key).collect();
    for (index, name) in names.iter().enumerate() {
        assert!(!names[..index].contains(name), "{name} stands there twice");
    }
    for (newer, older) in RENAMED {
        assert!(names.contains(older) && !names.contains(newer), "{newer}");
    }
}

/// All but the annotations that may change, and what only those were in.
fn others(value: Value) -> Value {
    let is_something = |value: &Value| !value.is_null() && *value != json!({});
    match value {
        Value::Object(map) => {
            let is_annotation = |key: &str| {
                let prefixes = [BANK_VAULTS, SECRETS_WEBHOOK, VAULT_K8S, ANNOTATION_PREFIX];
                prefixes.iter().any(|prefix| key.starts_with(prefix))
            };
            let rest = map.into_iter().filter(|(key, _)| !is_annotation(key));
            let rest = rest.map(|(key, value)| (key, others(value)));
            rest.filter(|(_, value)| is_something(value)).collect()
        }
        Value::Array(list) => list.into_iter().map(others).collect(),
        scalar => scalar,
    }
}

#[test]
fn migrated_document_has_the_same_values() {
    let read = |text: &str| serde_yaml::from_multiple::<Value>(text).ok();
    for case in cases() {
        let text = fs::read_to_string(&case).unwrap();
        // A file with the templates of Helm is none.
        let Some(old) = read(&text) else { continue };
        let new = read(&migrate(&text).text).expect("it is still YAML");
        let [old, new] = [old, new].map(|all| all.into_iter().map(others).collect::<Vec<_>>());
        assert_eq!(new, old, "{}", case.display());
    }
}

/// A rewritten file says where each of its settings went, however many stand in one map.
#[test]
fn alternatives_beyond_the_bound_are_left_with_a_note() {
    let branch = |number: usize| {
        let word = if number == 0 { "if" } else { "else if" };
        format!("{{{{- {word} .a }}}}\n    vault.security.banzaicloud.io/vault-role: a\n")
    };
    let text = format!(
        "metadata:\n  annotations:\n{}{{{{- end }}}}\n",
        (0..70).map(branch).collect::<String>()
    );
    let migrated = migrate(&text);
    assert_eq!(
        migrated
            .text
            .matches("    tokenpipe.dev/auth-role: a\n")
            .count(),
        64
    );
    let commented = "    # vault.security.banzaicloud.io/vault-role: a\n";
    assert_eq!(migrated.text.matches(commented).count(), 6);
    let reason = "64 lines under other conditions are or become tokenpipe.dev/auth-role already";
    let notes = migrated.notes.iter();
    assert_eq!(notes.filter(|note| note.text.contains(reason)).count(), 6);
}
