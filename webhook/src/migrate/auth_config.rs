//! The settings of vault-k8s's methods, brought together in one map.

use super::entry::{Entry, Setting};
use super::lines::Beside;
use super::login;
use super::table::{Source, ours};
use super::writer::{Writer, find};

impl Writer<'_, '_> {
    /// vault-k8s writes each setting of a method as an annotation of its own; here they are one map, in
    /// the place of the first of them.
    pub(super) fn auth_config(&mut self, index: usize, end: usize, entry: &Entry<'_>, key: &str) {
        if self.gathered.contains(&index) {
            return;
        }
        if let Err(why) = self.setting(index, entry, key) {
            self.give_up(index, end, entry, why);
            return;
        }
        if self.take(index, "auth-config").is_err() {
            let map = ours("auth-config");
            let why = format!(
                "{map} exists already, perhaps under another condition; add the setting there"
            );
            self.give_up(index, end, entry, &why);
            return;
        }
        let newline = entry.newline;
        let (indent, key) = (&entry.indent, ours("auth-config"));
        self.text.extend([indent, &*key, ": |", newline]);
        let lines = self.lines;
        for other in lines.together_from(index) {
            let Some((entry, key)) = self.lines.at(other).entry().and_then(of_auth_config) else {
                continue;
            };
            let Ok(value) = self.setting(other, entry, &key) else {
                continue;
            };
            self.gathered.insert(other);
            let setting = login::setting(&key, &value);
            self.text
                .extend([indent, "  ", &setting.line, entry.comment(), newline]);
            if let Some(note) = setting.note {
                self.note(other, format!("{}: {note}", entry.key));
            }
        }
    }

    /// The value of a setting that can go into the map, or why it cannot.
    fn setting<'e>(
        &self,
        index: usize,
        entry: &Entry<'e>,
        key: &str,
    ) -> Result<Setting<'e>, &'static str> {
        let role = entry.sibling("role");
        if key == "role" && matches!(self.lines.beside(index, &role), Beside::Always(_)) {
            return Err("vault-k8s takes the role of its annotation `role` instead");
        }
        if entry.has_anchor() {
            return Err("its value has an anchor; write it without one, and migrate again");
        }
        if self.lines.end_of_value(index) != index + 1 {
            return Err(
                "its value spans lines; write it into the map of tokenpipe.dev/auth-config \
                 yourself",
            );
        }
        let unreadable = entry.unreadable().unwrap_or("its value is no text");
        entry.setting().ok_or(unreadable)
    }
}

/// A setting of a method, with its key.
fn of_auth_config<'e, 't>(entry: &'e Entry<'t>) -> Option<(&'e Entry<'t>, String)> {
    match find(entry)? {
        Source::AuthConfig(key) => Some((entry, key)),
        Source::Mapping(_) => None,
    }
}
