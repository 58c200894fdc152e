//! `tokenpipe migrate` on any text.

use webhook::migrate::{BANK_VAULTS, SECRETS_WEBHOOK, VAULT_K8S, migrate};

/// Migrating again changes nothing; a line that names none of the other webhooks stays or becomes a
/// comment; every note is a sentence about a line that is there.
pub fn migration(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let migrated = migrate(text);
    assert_eq!(migrate(&migrated.text).text, migrated.text);
    let lines = text.split_inclusive('\n').count();
    for note in &migrated.notes {
        assert!((1..=lines).contains(&note.line), "{note:?}");
        crate::assert_sentence(&note.text);
    }
    let others = [BANK_VAULTS, SECRETS_WEBHOOK, VAULT_K8S];
    if !others.iter().any(|prefix| text.contains(prefix)) {
        assert_eq!(migrated.text, text);
    }
}
