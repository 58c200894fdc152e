//! The new text and its report, line by line.

use contract::names::ANNOTATION_PREFIX;

use super::Note;
use super::entry::Entry;
use super::lines::{Line, Lines};
use super::login;
use super::table::{self, BANK_VAULTS, Carry, Mapping, Mount, Source, Word};
use crate::annotations::excerpt;

/// Old lines on one side, new text on the other.
pub(super) struct Writer<'l, 't> {
    pub(super) lines: &'l Lines<'t>,
    /// Keys of ours that a map has, by the map.
    pub(super) taken: Vec<(usize, String)>,
    pub(super) text: String,
    pub(super) notes: Vec<Note>,
}

impl Writer<'_, '_> {
    /// Writes what becomes of a line and of what belongs to it; gives the next one.
    pub(super) fn line(&mut self, index: usize) -> usize {
        let line = self.lines.at(index);
        let Some((entry, source)) = line.entry().and_then(|entry| Some((entry, find(entry)?)))
        else {
            self.unread(index, line);
            self.text.push_str(line.text);
            return index + 1;
        };
        let end = self.lines.end_of_value(index);
        match source {
            Source::Mapping(mapping) => self.mapped(index, end, entry, mapping),
            Source::AuthConfig(key) => return self.auth_config(index, end, entry, &key),
        }
        end
    }

    /// An annotation of theirs where no entry is that could be read.
    fn unread(&mut self, index: usize, line: &Line<'_>) {
        if line.is_comment() {
            return;
        }
        if let Some(entry) = line
            .entry()
            .filter(|entry| entry.key.starts_with(BANK_VAULTS))
        {
            let key = excerpt(entry.key);
            self.note(index, format!("{key} is not known, and was left as it is"));
            return;
        }
        let Some(named) = table::named_in(line.text) else {
            return;
        };
        let named = excerpt(&named);
        let text = if line.is_content {
            format!("{named} stands in the text of a value, which was left as it is")
        } else {
            format!(
                "{named} does not stand on a line of its own as `key: value`, and was left as it \
                 is: write it so, and migrate again"
            )
        };
        self.note(index, text);
    }

    fn mapped(&mut self, index: usize, end: usize, entry: &Entry<'_>, mapping: &Mapping) {
        let is_carried = self.carry(index, end, entry, &mapping.carry);
        let is_noted = mapping
            .note_where
            .is_none_or(|part| entry.value.contains(part));
        if let (Some(note), true, true) = (mapping.note, is_carried, is_noted) {
            self.note(index, format!("{}: {note}", entry.key));
        }
        if let Some(mount) = mapping.mount.as_ref().filter(|_| is_carried) {
            self.mount(index, entry, mount);
        }
    }

    /// Keeps the mount that a method had because nothing named one.
    fn mount(&mut self, index: usize, entry: &Entry<'_>, mount: &Mount) {
        // The one is mounted there by itself, the other nowhere.
        let needs_none = matches!(entry.scalar().as_deref(), Some("kubernetes" | "token_file"));
        let other = entry.sibling(mount.named_by);
        if needs_none
            || self.lines.entry_beside(index, &other).is_some()
            || self.take(index, "auth-mount-path").is_err()
        {
            return;
        }
        let line = entry.with(&ours("auth-mount-path"), Mount::PATH);
        self.text.push_str(&line);
        self.note(index, format!("{}: {}", entry.key, mount.note));
    }

    /// Writes the counterpart of an entry; whether there is one.
    fn carry(&mut self, index: usize, end: usize, entry: &Entry<'_>, carry: &Carry) -> bool {
        let scalar = entry.scalar().filter(|_| end == index + 1);
        match carry {
            Carry::Stays(why) => {
                self.keep(index, end);
                self.note(index, format!("{} stays: {why}", entry.key));
                true
            }
            Carry::Nothing(why) => self.give_up(index, end, entry, why),
            Carry::Key(key) => self.under(index, end, entry, key),
            Carry::Role { method } => {
                let method = self.lines.entry_beside(index, &entry.sibling(method));
                let method = method.and_then(Entry::scalar);
                match method.and_then(|method| login::ignores_role(&method)) {
                    Some(why) => self.give_up(index, end, entry, &why),
                    None => self.under(index, end, entry, "auth-role"),
                }
            }
            Carry::Words(words) => self.words(index, end, entry, words, scalar.as_deref()),
            Carry::VolumeFile(key) => {
                let both = scalar.as_deref().and_then(|value| value.split_once(':'));
                match both.filter(|(volume, file)| !volume.is_empty() && !file.is_empty()) {
                    Some((volume, file)) => {
                        let value = format!("{volume}/{file}");
                        self.replace(index, end, entry, &[(key, &value)])
                    }
                    None => self.give_up(index, end, entry, "its value is not VOLUME:FILE"),
                }
            }
        }
    }

    /// Writes an entry under a key of ours.
    fn under(&mut self, index: usize, end: usize, entry: &Entry<'_>, key: &str) -> bool {
        if let Err(why) = self.take(index, key) {
            return self.give_up(index, end, entry, &why);
        }
        self.text.push_str(&entry.with_key(&ours(key)));
        self.keep(index + 1, end);
        true
    }

    fn words(
        &mut self,
        index: usize,
        end: usize,
        entry: &Entry<'_>,
        words: &[Word],
        value: Option<&str>,
    ) -> bool {
        let word = words.iter().find(|word| Some(word.from) == value);
        match word {
            Some(word) if word.to.is_empty() => self.give_up(index, end, entry, word.why),
            Some(word) => {
                let is_carried = self.replace(index, end, entry, word.to);
                if is_carried && !word.why.is_empty() {
                    self.note(index, format!("{}: {}", entry.key, word.why));
                }
                is_carried
            }
            None => {
                let known: Vec<_> = words.iter().map(|word| word.from).collect();
                let why = format!("its value is none of {}", known.join(", "));
                self.give_up(index, end, entry, &why)
            }
        }
    }

    /// vault-k8s writes each setting of a method as an annotation of its own; here they are one map.
    fn auth_config(&mut self, index: usize, end: usize, entry: &Entry<'_>, key: &str) -> usize {
        let Some(value) = entry.setting().filter(|_| end == index + 1) else {
            let why = "its value spans lines: write it into the map of tokenpipe.dev/auth-config \
                       yourself";
            self.give_up(index, end, entry, why);
            return end;
        };
        let first = login::setting(key, &value);
        if let Err(why) = self.take(index, "auth-config") {
            self.give_up(index, end, entry, &why);
            return end;
        }
        let mut settings = vec![first];
        let mut next = end;
        while let Some(entry) = (next < self.lines.len())
            .then(|| self.lines.at(next))
            .and_then(Line::entry)
        {
            let (Some(Source::AuthConfig(key)), Some(value)) = (find(entry), entry.setting())
            else {
                break;
            };
            if self.lines.end_of_value(next) != next + 1 {
                break;
            }
            settings.push(login::setting(&key, &value));
            next += 1;
        }
        let newline = entry.newline;
        let (indent, key) = (&entry.indent, ours("auth-config"));
        self.text.extend([indent, &*key, ": |", newline]);
        for (offset, setting) in settings.iter().enumerate() {
            self.text.extend([indent, "  ", &setting.line, newline]);
            if let Some(note) = setting.note {
                self.note(index + offset, note.to_owned());
            }
        }
        next
    }

    /// Puts lines of ours in the place of an entry.
    fn replace(
        &mut self,
        index: usize,
        end: usize,
        entry: &Entry<'_>,
        lines: &[(&str, &str)],
    ) -> bool {
        for (key, _) in lines {
            if let Err(why) = self.take(index, key) {
                return self.give_up(index, end, entry, &why);
            }
        }
        for (key, value) in lines {
            self.text.push_str(&entry.with(&ours(key), value));
        }
        true
    }

    /// Makes an entry a comment, and says why.
    fn give_up(&mut self, index: usize, end: usize, entry: &Entry<'_>, why: &str) -> bool {
        self.note(index, format!("{} was not carried over: {why}", entry.key));
        for index in index..end {
            let line = self.lines.at(index);
            // A template of Helm's runs in a comment too: only its line stays whole.
            if line.is_helm_alone() || line.text.trim().is_empty() {
                self.text.push_str(line.text);
                continue;
            }
            let (indent, rest) = line.text.split_at(entry.indent.len().min(line.indent()));
            self.text.push_str(indent);
            self.text.push_str("# ");
            self.text.push_str(rest);
        }
        false
    }

    fn keep(&mut self, from: usize, to: usize) {
        for index in from..to {
            self.text.push_str(self.lines.at(index).text);
        }
    }

    /// Takes a key of ours for the map that a line stands in.
    fn take(&mut self, index: usize, key: &str) -> Result<(), String> {
        let taken = (self.lines.at(index).map, key.to_owned());
        if self.taken.contains(&taken) {
            return Err(format!("{} is there already", ours(key)));
        }
        self.taken.push(taken);
        Ok(())
    }

    fn note(&mut self, index: usize, text: String) {
        self.notes.push(Note {
            line: index + 1,
            text,
        });
    }
}

fn ours(key: &str) -> String {
    format!("{ANNOTATION_PREFIX}{key}")
}

fn find(entry: &Entry<'_>) -> Option<Source> {
    table::find(entry.key)
}
