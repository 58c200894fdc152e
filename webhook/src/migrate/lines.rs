//! A file's lines, and what each is: an entry of a map, or a part of some value's text.

use std::collections::BTreeMap;

use contract::names::ANNOTATION_PREFIX;

use super::branches::{self, Branches};
use super::entry::Entry;
use super::writer::Taken;
use crate::yaml;

/// All lines.
pub(super) struct Lines<'t> {
    all: Vec<Line<'t>>,
    branches: Branches,
    /// Lines of each map, and those of each key in it: files have a hundred thousand lines.
    maps: BTreeMap<usize, Vec<usize>>,
    keys: BTreeMap<(usize, &'t str), Vec<usize>>,
}

/// One line.
pub(super) struct Line<'t> {
    /// With its end.
    pub(super) text: &'t str,
    /// It is text of a value that began on a line before.
    pub(super) is_content: bool,
    /// The map that it stands in: two lines with the same number are in the same one.
    pub(super) map: usize,
    /// The branch of Helm's that it stands in.
    branch: usize,
    entry: Option<Entry<'t>>,
}

impl<'t> Lines<'t> {
    /// Reads a file.
    pub(super) fn read(text: &'t str) -> Self {
        let mut maps = Maps::default();
        let mut branches = Branches::default();
        let mut block: Option<usize> = None;
        // A map or list in brackets that goes on over lines, as all of JSON does.
        let mut brackets: Option<usize> = None;
        let read = |text: &'t str| {
            let mut line = Line {
                text,
                is_content: false,
                map: 0,
                branch: branches.of(text),
                entry: None,
            };
            if line.is_transparent() {
                // It may stand anywhere, also in a block, and ends nothing.
                line.is_content = block.is_some();
                return line;
            }
            if block.is_some_and(|indent| line.indent() > indent) {
                line.is_content = true;
                return line;
            }
            if brackets.is_some_and(|indent| line.indent() > indent) {
                return line;
            }
            line.entry = Entry::parse(text);
            line.map = maps.of(&line);
            brackets = line.opens_bracket().then(|| line.indent());
            let goes_on = line.may_go_on() && brackets.is_none();
            block = line.block().or_else(|| goes_on.then(|| line.indent()));
            line
        };
        let all: Vec<_> = text.split_inclusive('\n').map(read).collect();
        let mut maps: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut keys: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, line) in all.iter().enumerate() {
            let Some(entry) = &line.entry else {
                continue;
            };
            maps.entry(line.map).or_default().push(index);
            keys.entry((line.map, entry.key)).or_default().push(index);
        }
        Self {
            all,
            branches,
            maps,
            keys,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn at(&self, index: usize) -> &Line<'t> {
        &self.all[index]
    }

    /// Every line, with its index.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Line<'t>)> {
        self.all.iter().enumerate()
    }

    /// The line behind the last one of an entry's value: what is indented further belongs to it.
    pub(super) fn end_of_value(&self, index: usize) -> usize {
        let line = &self.all[index];
        let is_behind = |entry: &Entry<'_>| {
            entry.starts_block() || entry.value.is_empty() || entry.value.starts_with('!')
        };
        let is_behind = line.entry.as_ref().is_some_and(is_behind);
        if !is_behind && !line.may_go_on() {
            return index + 1;
        }
        let indent = line.indent();
        let rest = self.all[index + 1..].iter().enumerate();
        let more = rest
            .take_while(|(_, line)| line.is_transparent() || line.indent() > indent)
            .filter(|(_, line)| {
                let is_put_out = line.is_helm_output() && line.indent() > indent;
                !line.is_transparent() || is_put_out
            })
            .last();
        more.map_or(index + 1, |(offset, _)| index + offset + 2)
    }

    /// The text of the entry that a line is, also where it stands on the lines behind.
    pub(super) fn text_of(&self, index: usize, entry: &Entry<'_>) -> Option<String> {
        if !entry.starts_block() {
            return entry.scalar();
        }
        let lines = &self.all[index..self.end_of_value(index)];
        if lines.iter().any(|line| line.text.contains("{{")) {
            return None;
        }
        let text: String = lines.iter().map(|line| line.text).collect();
        let map: BTreeMap<String, String> = yaml::read(&text).ok()?;
        map.into_values().next()
    }

    /// The entry with this key of the map that a line stands in.
    pub(super) fn beside(&self, index: usize, key: &str) -> Beside<'_, 't> {
        let Some(lines) = self.keys.get(&(self.all[index].map, key)) else {
            return Beside::Never;
        };
        let line = &self.all[lines[0]];
        let is_always = self.branches.includes(line.branch, self.all[index].branch);
        match &line.entry {
            Some(entry) if is_always && lines.len() == 1 => Beside::Always(entry),
            _ => Beside::Sometimes,
        }
    }

    /// Whether two lines are never there together.
    pub(super) fn exclude(&self, one: usize, other: usize) -> bool {
        self.branches
            .exclude(self.all[one].branch, self.all[other].branch)
    }

    /// This line and those entries behind it that stand in its map and are there with it or not at
    /// all.
    pub(super) fn together_from(&self, index: usize) -> impl Iterator<Item = usize> {
        let Line { map, branch, .. } = self.all[index];
        let lines = self.maps.get(&map).map_or(&[][..], |lines| lines);
        let from = lines.partition_point(|line| *line < index);
        let lines = lines[from..].iter().copied();
        lines.filter(move |line| self.all[*line].branch == branch)
    }

    /// The keys of ours that are there by map, each with its lines.
    pub(super) fn our_keys(&self) -> Taken {
        let ours = |((map, key), lines): (&(usize, &str), &Vec<usize>)| {
            let key = key.strip_prefix(ANNOTATION_PREFIX)?;
            Some(((*map, key.to_owned()), lines.clone()))
        };
        self.keys.iter().filter_map(ours).collect()
    }
}

/// Whether a map has an entry.
pub(super) enum Beside<'l, 't> {
    /// It has none.
    Never,
    /// It has several, or one in a branch of Helm's that may not be taken.
    Sometimes,
    /// It has this one.
    Always(&'l Entry<'t>),
}

impl<'t> Line<'t> {
    /// The entry that it is.
    pub(super) fn entry(&self) -> Option<&Entry<'t>> {
        self.entry.as_ref()
    }

    /// Spaces at its beginning.
    pub(super) fn indent(&self) -> usize {
        indent(self.text)
    }

    /// Nothing but a comment.
    pub(super) fn is_comment(&self) -> bool {
        !self.is_content && self.text.trim_start().starts_with('#')
    }

    /// Nothing but a template of Helm's, which puts out lines of its own or none.
    pub(super) fn is_helm_alone(&self) -> bool {
        let text = self.text.trim();
        text.starts_with("{{") && text.ends_with("}}")
    }

    /// The same, where it is what Helm puts out, and no condition.
    pub(super) fn is_helm_output(&self) -> bool {
        self.is_helm_alone() && !branches::is_control(self.text)
    }

    /// Its indentation says nothing.
    fn is_transparent(&self) -> bool {
        let text = self.text.trim();
        text.is_empty() || text.starts_with('#') || self.is_helm_alone()
    }

    /// A scalar that would go on in lines that are indented further. Behind a template of Helm's those
    /// are whatever it puts out, and entries of their own.
    fn may_go_on(&self) -> bool {
        self.entry.as_ref().is_some_and(|entry| {
            !entry.value.is_empty()
                && !entry.value.contains("{{")
                && !entry.value.starts_with(['&', '!'])
                && !entry.starts_block()
        })
    }

    /// Brackets begin here and do not end.
    fn opens_bracket(&self) -> bool {
        let text = self.text.trim_end();
        text.ends_with(['{', '[']) && !text.ends_with("{{")
    }

    /// The indentation that the text of a block scalar must exceed, if one begins here.
    fn block(&self) -> Option<usize> {
        let mut content = self.text.trim_end();
        let mut indent = 0;
        let mut item = 0;
        loop {
            let stripped = content.trim_start_matches(' ');
            indent += content.len() - stripped.len();
            content = stripped;
            match content.strip_prefix("- ") {
                None => break,
                Some(rest) => {
                    item = indent;
                    indent += 2;
                    content = rest;
                }
            }
        }
        if Entry::parse(content).is_some_and(|entry| entry.starts_block()) {
            return Some(indent);
        }
        let header =
            Entry::parse(&format!("k: {content}")).is_some_and(|entry| entry.starts_block());
        header.then_some(item)
    }
}

/// The line without a comment at its end. Quotes hide a `#`; one that opens no comment stands right
/// behind another character.
pub(super) fn uncommented(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match quote {
            Some(open) if c == open && !(open == '"' && before == '\\') => quote = None,
            None if c == '#' && before.is_whitespace() => return &line[..at],
            None if matches!(c, '"' | '\'') && !before.is_alphanumeric() => quote = Some(c),
            _ => {}
        }
        before = c;
    }
    line
}

/// Spaces at the beginning of a line.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Which map a line stands in, by indentation alone.
#[derive(Default)]
struct Maps {
    open: Vec<(usize, usize)>,
    last: usize,
}

impl Maps {
    fn of(&mut self, line: &Line<'_>) -> usize {
        let indent = line.indent();
        if line.text.starts_with("---") || line.text.starts_with("...") {
            self.open.clear();
        }
        self.open.retain(|(open, _)| *open <= indent);
        // Each item of a list is a map of its own.
        if line.text.trim_start().starts_with('-') {
            self.open.retain(|(open, _)| *open < indent);
        }
        match self.open.last() {
            Some((open, map)) if *open == indent => *map,
            _ => {
                self.last += 1;
                self.open.push((indent, self.last));
                self.last
            }
        }
    }
}
