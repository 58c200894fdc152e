//! The new text and its report, line by line.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use contract::limits::MANIFEST_ALTERNATIVES;

use super::Note;
use super::entry::Entry;
use super::lines::{Beside, Line, Lines, uncommented};
use super::login;
use super::objects::Objects;
use super::own_variables::Added;
use super::table::{self, Carry, Mapping, Mount, Source, Whose, Word, ours};
use crate::excerpt::excerpt;

/// Old lines on one side, new text on the other.
pub(super) struct Writer<'l, 't> {
    pub(super) lines: &'l Lines<'t>,
    pub(super) objects: &'l Objects,
    /// Annotations that variables become, by the map that they are for.
    pub(super) added: Added,
    /// Keys of ours by map, each with the lines that have it or had what became of it.
    pub(super) taken: Taken,
    /// Lines whose settings are written already.
    pub(super) gathered: BTreeSet<usize>,
    /// Maps about whose role something was said.
    pub(super) without_role: BTreeSet<usize>,
    /// Maps and objects about which something was said.
    pub(super) told: BTreeSet<(usize, &'static str)>,
    /// The lines of the entry that is being written stay beside what it becomes.
    pub(super) is_beside: bool,
    /// Why the document that is being written must stay as it is, with the line.
    pub(super) broken: Option<(usize, String)>,
    /// First lines of documents that stayed as they were.
    pub(super) left: BTreeSet<usize>,
    pub(super) text: String,
    pub(super) notes: Vec<Note>,
}

/// Lines by map and key.
pub(super) type Taken = BTreeMap<(usize, String), Vec<usize>>;

impl Writer<'_, '_> {
    /// Writes what becomes of a document: all of it, or nothing where its pods would work less.
    pub(super) fn document(&mut self, lines: Range<usize>) {
        let (text, notes) = (self.text.len(), self.notes.len());
        let mut index = lines.start;
        while index < lines.end {
            index = self.line(index);
        }
        let Some((line, why)) = self.broken.take() else {
            return;
        };
        self.text.truncate(text);
        self.notes.truncate(notes);
        self.left.insert(lines.start);
        self.keep(lines.start, lines.end);
        self.note(line, why);
    }

    /// Writes what becomes of a line and of what belongs to it; gives the next one.
    fn line(&mut self, index: usize) -> usize {
        let line = self.lines.at(index);
        let Some((entry, source)) = line.entry().and_then(|entry| Some((entry, find(entry)?)))
        else {
            self.unread(index, line);
            self.text.push_str(line.text);
            return index + 1;
        };
        let end = self.lines.end_of_value(index);
        self.is_beside = match self.whose(index, entry) {
            Whose::Ours => false,
            Whose::Both => true,
            Whose::Theirs => {
                self.keep(index, end);
                return end;
            }
        };
        if self.is_beside {
            self.keep(index, end);
        }
        match source {
            Source::Mapping(mapping) => self.mapped(index, end, entry, mapping),
            Source::AuthConfig(key) => self.auth_config(index, end, entry, &key),
        }
        self.is_beside = false;
        self.add_variables(index, entry);
        end
    }

    /// Annotations that stand for variables of a container, behind the first entry of their map.
    fn add_variables(&mut self, index: usize, entry: &Entry<'_>) {
        let map = self.lines.at(index).map;
        for (key, value) in self.added.remove(&map).unwrap_or_default() {
            if self.take(index, key).is_ok() {
                self.text.push_str(&entry.with(&ours(key), &value));
            }
        }
    }

    /// An annotation of theirs where no entry is that could be read.
    fn unread(&mut self, index: usize, line: &Line<'_>) {
        if line.is_comment() {
            return;
        }
        if let Some(entry) = line
            .entry()
            .filter(|entry| table::is_of_bank_vaults(entry.key))
        {
            let key = excerpt(entry.key);
            let text = format!(
                "{key} stays, because it is not known, and tokenpipe rejects the pod with it; \
                 remove it, or add `mutate: skip`"
            );
            self.note(index, text);
            return;
        }
        let text = uncommented(line.text);
        // A slash in a path of JSON's, and a dot in a name of Helm's parameters.
        let is_patch = text.contains("~1");
        let is_parameter = text.contains("\\.");
        let named = table::named_in(&text.replace("~1", "/").replace("\\.", "."));
        let Some(named) = named else {
            return;
        };
        let named = excerpt(&named);
        let text = if is_patch {
            format!(
                "{named} stays, because it is in a JSON patch; write the patch with the \
                 annotations of docs/reference/migration.md"
            )
        } else if is_parameter {
            format!(
                "{named} stays, because it is in a parameter of Helm's; write that with the \
                 annotation of docs/reference/migration.md"
            )
        } else if line.is_content {
            format!("{named} stays, because it is in the text of a value; change that yourself")
        } else {
            format!(
                "{named} stays, because it is not on a line of its own; write it as `key: value`, \
                 and migrate again"
            )
        };
        self.note(index, text);
    }

    fn mapped(&mut self, index: usize, end: usize, entry: &Entry<'_>, mapping: &Mapping) {
        let is_carried = self.carry(index, end, entry, &mapping.carry);
        let is_noted = mapping.note_where.is_none_or(|holds| holds(entry.value));
        if let (Some(note), true, true) = (mapping.note, is_carried, is_noted) {
            self.note(index, format!("{}: {note}", entry.key));
        }
        if let Some(mount) = mapping.mount.as_ref().filter(|_| is_carried) {
            self.mount(index, entry, mount);
        }
        self.default_role(index, entry, mapping);
    }

    /// Tells that a pod's role is the default of bank-vaults' webhook.
    fn default_role(&mut self, index: usize, entry: &Entry<'_>, mapping: &Mapping) {
        let is_of_login = table::is_of_bank_vaults(entry.key) && mapping.key.starts_with("vault-");
        let has = |key: &str| !matches!(self.lines.beside(index, key), Beside::Never);
        if !is_of_login
            || has(&entry.sibling("vault-role"))
            || has(&ours("auth-role"))
            || !self.without_role.insert(self.lines.at(index).map)
        {
            return;
        }
        let text = format!(
            "{}: without vault-role bank-vaults takes its own VAULT_ROLE or the ServiceAccount's \
             name; name the role in {}, unless the connection has it",
            entry.key,
            ours("auth-role")
        );
        self.note(index, text);
    }

    /// Keeps the mount that a method had because nothing named one.
    fn mount(&mut self, index: usize, entry: &Entry<'_>, mount: &Mount) {
        // The one is mounted there by itself, the other nowhere.
        let needs_none = matches!(entry.scalar().as_deref(), Some("kubernetes" | "token_file"));
        if needs_none {
            return;
        }
        let other = entry.sibling(mount.named_by);
        match self.lines.beside(index, &other) {
            Beside::Always(_) => return,
            Beside::Sometimes => {
                let text = format!(
                    "{}: {other} is under a condition; where that does not hold, add {}: {}",
                    entry.key,
                    ours("auth-mount-path"),
                    Mount::PATH
                );
                self.note(index, text);
                return;
            }
            Beside::Never => {}
        }
        if self.take(index, "auth-mount-path").is_err() {
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
                if !self.is_beside {
                    self.keep(index, end);
                }
                self.note(index, format!("{} stays: {why}", entry.key));
                true
            }
            Carry::Nothing(why) => self.give_up(index, end, entry, why),
            Carry::Breaks(why) => self.break_document(index, entry, why),
            Carry::Key(key) => self.under(index, end, entry, key),
            Carry::Role { method } => {
                let method = match self.lines.beside(index, &entry.sibling(method)) {
                    Beside::Always(entry) => entry.scalar(),
                    _ => None,
                };
                match method.and_then(|method| login::ignores_role(&method)) {
                    Some(why) => self.give_up(index, end, entry, &why),
                    None => self.under(index, end, entry, "auth-role"),
                }
            }
            Carry::Words(words) => self.words(index, end, entry, words, scalar.as_deref()),
            Carry::VolumeFile(key) => {
                let both = scalar.as_deref().and_then(|value| value.split_once(':'));
                let Some((volume, file)) =
                    both.filter(|(volume, file)| !volume.is_empty() && !file.is_empty())
                else {
                    let why = entry.unreadable();
                    let why = why
                        .unwrap_or("its value is not VOLUME:FILE; correct it, and migrate again");
                    return self.give_up(index, end, entry, why);
                };
                let value = format!("{volume}/{file}");
                self.replace(index, end, entry, &[(key, &value)])
            }
        }
    }

    /// Writes an entry under a key of ours.
    fn under(&mut self, index: usize, end: usize, entry: &Entry<'_>, key: &str) -> bool {
        if let Err(why) = self.take(index, key) {
            return self.give_up(index, end, entry, &why);
        }
        // A second anchor of that name would hide the first.
        if self.is_beside && entry.has_anchor() {
            let why = "its value has an anchor; write it without one, and migrate again";
            return self.give_up(index, end, entry, why);
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
            Some(word) if word.breaks => self.break_document(index, entry, word.why),
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
                let known = known.join(", ");
                let known = format!("its value is none of {known}; correct it, and migrate again");
                let why = entry.unreadable().unwrap_or(&known);
                // Whatever it says, nothing would become of it.
                let is_dropped = |word: &Word| word.to.is_empty() && !word.breaks;
                if words.iter().all(is_dropped) {
                    self.give_up(index, end, entry, why)
                } else {
                    self.break_document(index, entry, why)
                }
            }
        }
    }

    /// Notes why the document stays as it is; the first reason counts.
    fn break_document(&mut self, index: usize, entry: &Entry<'_>, why: &str) -> bool {
        let why = format!("{}, document left as it was: {why}", entry.key);
        self.broken.get_or_insert((index, why));
        false
    }

    /// Puts lines of ours in the place of an entry.
    fn replace(
        &mut self,
        index: usize,
        end: usize,
        entry: &Entry<'_>,
        lines: &[(&str, &str)],
    ) -> bool {
        if entry.has_anchor() {
            let why = "its value has an anchor; write it without one, and migrate again";
            return self.give_up(index, end, entry, why);
        }
        for (position, (key, _)) in lines.iter().enumerate() {
            if let Err(why) = self.take(index, key) {
                for (key, _) in &lines[..position] {
                    self.give_back(index, key);
                }
                return self.give_up(index, end, entry, &why);
            }
        }
        for (key, value) in lines {
            self.text.push_str(&entry.with(&ours(key), value));
        }
        true
    }

    /// Makes an entry a comment, and says why; one that other lines may need stays, with another note.
    pub(super) fn give_up(
        &mut self,
        index: usize,
        end: usize,
        entry: &Entry<'_>,
        why: &str,
    ) -> bool {
        let may_be_lines = (index..end).any(|index| {
            let text = self.lines.at(index).text;
            let writes_lines = ["indent", "toYaml", "include"];
            text.contains("{{") && writes_lines.iter().any(|function| text.contains(function))
        });
        let kept_for = match (entry.has_anchor(), may_be_lines) {
            (true, _) => "other lines may name its anchor",
            (_, true) => "Helm may make several lines of it",
            _ => "",
        };
        if !kept_for.is_empty() && !self.is_beside {
            self.keep(index, end);
            let text = format!(
                "{}: its line stays, because {kept_for}; remove it yourself",
                entry.key
            );
            self.note(index, text);
        }
        self.note(index, format!("{} was not carried over: {why}", entry.key));
        if !kept_for.is_empty() || self.is_beside {
            return false;
        }
        for index in index..end {
            let line = self.lines.at(index);
            // A template of Helm's runs in a comment too: only its line stays whole.
            let is_condition = line.is_helm_alone() && !line.is_helm_output();
            if is_condition || line.text.trim().is_empty() {
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

    pub(super) fn keep(&mut self, from: usize, to: usize) {
        for index in from..to {
            self.text.push_str(self.lines.at(index).text);
        }
    }

    /// Takes a key of ours for the map that a line stands in.
    pub(super) fn take(&mut self, index: usize, key: &str) -> Result<(), String> {
        let map = self.lines.at(index).map;
        let lines = self.taken.entry((map, key.to_owned())).or_default();
        let mut others = lines.iter();
        let is_same = |other: &&usize| !self.lines.exclude(**other, index);
        if let Some(other) = others.find(is_same) {
            let line = other + 1;
            return Err(format!("line {line} is or becomes {} already", ours(key)));
        }
        if lines.len() >= MANIFEST_ALTERNATIVES {
            return Err(format!(
                "{MANIFEST_ALTERNATIVES} lines under other conditions are or become {} already",
                ours(key)
            ));
        }
        lines.push(index);
        Ok(())
    }

    /// Undoes the last [`Self::take`] of a key.
    fn give_back(&mut self, index: usize, key: &str) {
        let map = self.lines.at(index).map;
        if let Some(lines) = self.taken.get_mut(&(map, key.to_owned())) {
            lines.pop();
        }
    }

    pub(super) fn note(&mut self, index: usize, text: String) {
        self.notes.push(Note {
            line: index + 1,
            text,
        });
    }
}

pub(super) fn find(entry: &Entry<'_>) -> Option<Source> {
    table::find(entry.key)
}
