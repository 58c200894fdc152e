//! Whose an annotation stays: what another webhook still needs is left to it.

use super::entry::Entry;
use super::lines::Beside;
use super::table::{self, VAULT_K8S, Whose};
use super::writer::Writer;

/// What vault-k8s reads as false (Go's `strconv.ParseBool`).
const FALSE: [&str; 6] = ["0", "f", "F", "false", "FALSE", "False"];

impl Writer<'_, '_> {
    /// Decides, and says once for each map why lines stay.
    pub(super) fn whose(&mut self, index: usize, entry: &Entry<'_>) -> Whose {
        let map = self.lines.at(index).map;
        if let Some(kind) = self.objects.owner(index) {
            let text = format!(
                "{} stays: tokenpipe reads annotations of pods alone, and this one is the {kind}'s own",
                entry.key
            );
            if self.told.insert((map, "owner")) {
                self.note(index, text);
            }
            return Whose::Theirs;
        }
        if table::is_of_bank_vaults(entry.key) || !self.is_injected_by_vault_k8s(index) {
            return Whose::Ours;
        }
        if self.objects.has_reference(index) {
            return Whose::Both;
        }
        if self.told.insert((map, "files")) {
            let text = format!(
                "{} stays: only vault-k8s acts on this pod, because no variable has a reference; \
                 migrate again when one has",
                entry.key
            );
            self.note(index, text);
        }
        Whose::Theirs
    }

    fn is_injected_by_vault_k8s(&self, index: usize) -> bool {
        match self
            .lines
            .beside(index, &format!("{VAULT_K8S}agent-inject"))
        {
            Beside::Never => false,
            Beside::Sometimes => true,
            Beside::Always(inject) => {
                let value = inject.scalar();
                !value.is_some_and(|value| FALSE.contains(&value.as_str()))
            }
        }
    }
}
