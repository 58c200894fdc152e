//! `tokenpipe migrate` on any text.

use webhook::migrate::{BANK_VAULTS, SECRETS_WEBHOOK, VAULT_K8S, migrate};

/// Migrating a manifest again changes nothing; a line that names none of the other webhooks stays or becomes a
/// comment; every note is a sentence about a line that is there.
pub fn migration(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let migrated = migrate(text);
    let again = migrate(&migrated.text);
    // What a wrong indentation belongs to is a guess, which a line that became a comment changes.
    if is_manifest(text) {
        assert_eq!(again.text, migrated.text);
    }
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

/// Whether it is YAML, with what Helm would put in place of each template.
fn is_manifest(text: &str) -> bool {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, (_, behind))) = rest
        .split_once("{{")
        .and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
    {
        filled.extend([before, "x"]);
        rest = behind;
    }
    filled.push_str(rest);
    let mut documents = filled.split("\n---\n");
    documents.all(|document| webhook::yaml::read::<serde_json::Value>(document).is_ok())
}

#[cfg(test)]
mod tests {
    use super::is_manifest;

    #[test]
    fn a_manifest_is_yaml_once_helm_has_filled_it() {
        let seeds = crate::seeds::migrations();
        let is_read = |seed: &&Vec<u8>| str::from_utf8(seed).is_ok_and(is_manifest);
        let read = seeds.iter().filter(is_read).count();
        // The others are pieces of templates.
        assert!(read * 3 >= seeds.len() * 2, "{read} of {}", seeds.len());
        assert!(!is_manifest("spec:\n  containers:\n vault-path: k8s\n"));
    }
}
