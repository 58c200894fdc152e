//! `tokenpipe migrate`: the annotations of bank-vaults' webhooks, and the login of vault-k8s, as ours.
//!
//! ```text
//! text ─► lines ─► entries ─► table ─► text, and a report by lines
//! ```
//!
//! Lines are text: files with the templates of Helm are no YAML. A line that is not the entry of a
//! known annotation stays as it is, byte for byte. What has no counterpart becomes a comment, so that
//! nothing is lost and neither webhook reads it. No document works less than before: one whose pods
//! would not stays as it is, with a note.

mod auth_config;
mod branches;
mod entry;
mod kinds;
mod lines;
mod login;
mod objects;
mod others;
mod own_variables;
mod references;
mod table;
mod variables;
mod writer;

use std::collections::BTreeSet;
use std::fmt;

use lines::Lines;
use objects::Objects;
pub use table::{
    BANK_VAULTS, Carry, Mapping, Mount, OF_BANK_VAULTS, OF_SECRETS_WEBHOOK, OF_VAULT_K8S, RENAMED,
    SECRETS_WEBHOOK, VAULT_K8S, Word,
};
use writer::Writer;

/// What came out.
#[derive(Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The new text.
    pub text: String,
    /// What to know about it, by lines of the old text.
    pub notes: Vec<Note>,
}

/// Something that a person must know or do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The line of the old text, from 1.
    pub line: usize,
    /// A sentence.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.text)
    }
}

/// Rewrites a file.
pub fn migrate(text: &str) -> Migrated {
    // One line can become several, so the last one needs its end as well.
    if !text.is_empty() && !text.ends_with('\n') {
        let mut migrated = migrate(&format!("{text}\n"));
        migrated.text.pop();
        return migrated;
    }
    let lines = Lines::read(text);
    let objects = Objects::read(&lines);
    let added = own_variables::added(&lines, &objects);
    let mut writer = Writer {
        taken: lines.our_keys(),
        added: added.clone(),
        lines: &lines,
        objects: &objects,
        gathered: BTreeSet::new(),
        without_role: BTreeSet::new(),
        told: BTreeSet::new(),
        is_beside: false,
        broken: None,
        left: BTreeSet::new(),
        text: String::with_capacity(text.len()),
        notes: Vec::new(),
    };
    for document in objects.documents() {
        writer.document(document);
    }
    writer.notes.extend(references::notes(&lines, &objects));
    writer
        .notes
        .extend(own_variables::notes(&lines, &objects, &added, &writer.left));
    writer.notes.sort();
    Migrated {
        text: writer.text,
        notes: writer.notes,
    }
}
