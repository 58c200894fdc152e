//! RE2's syntax to that of `regex-lite`, and an estimate of how much work a search is.

use std::collections::BTreeMap;

use super::class::{self, Item};
use super::extent::{Extent, Group};
use super::malformed::Malformed;

/// A pattern for `regex-lite`.
pub(super) struct Translated {
    pub(super) pattern: String,
    pub(super) size: usize,
    pub(super) longest: Option<usize>,
    /// Names of groups, with their numbers: several may have one name.
    pub(super) names: BTreeMap<String, Vec<usize>>,
}

/// Greatest count in `{n}`, as in Go.
const MOST: usize = 1000;

/// Most groups that capture: a search keeps the place of each of them for each state.
const MOST_GROUPS: usize = 50;

/// Translates a pattern.
pub(super) fn translate(pattern: &str) -> Result<Translated, Malformed> {
    let mut translator = Translator {
        rest: pattern,
        output: String::with_capacity(pattern.len() + 16),
        groups: vec![Group::new()],
        captures: 0,
        names: BTreeMap::new(),
    };
    while !translator.rest.is_empty() {
        translator.next()?;
    }
    let [group] = &translator.groups[..] else {
        return Err("a `(` of the regular expression is not closed");
    };
    if translator.captures > MOST_GROUPS {
        return Err(
            "the regular expression has more than 50 groups; `(?:` begins one that is not kept",
        );
    }
    let total = group.total();
    Ok(Translated {
        pattern: translator.output,
        size: total.size.saturating_add(1 + 2 * translator.captures),
        longest: total.longest,
        names: translator.names,
    })
}

struct Translator<'p> {
    rest: &'p str,
    output: String,
    groups: Vec<Group>,
    captures: usize,
    names: BTreeMap<String, Vec<usize>>,
}

impl Translator<'_> {
    fn group(&mut self) -> Result<&mut Group, Malformed> {
        self.groups.last_mut().ok_or(UNOPENED)
    }

    /// Takes a character that stands for itself in both syntaxes.
    fn copy(&mut self, character: char) {
        self.output.push(character);
        self.rest = &self.rest[character.len_utf8()..];
    }

    fn literal(&mut self, character: char) -> Result<(), Malformed> {
        self.output.push_str(&class::escaped(character));
        self.group()?.push(Extent::CHARACTER);
        Ok(())
    }

    fn next(&mut self) -> Result<(), Malformed> {
        let Some(character) = self.rest.chars().next() else {
            return Ok(());
        };
        match character {
            '\\' => return self.escape(),
            '[' => return self.class(),
            '(' => return self.open(),
            ')' => {
                self.copy(character);
                let closed = self.groups.pop().ok_or(UNOPENED)?;
                self.group()?.push(closed.total());
            }
            '|' => {
                self.copy(character);
                self.group()?.alternative();
            }
            '*' => self.repetition(1, 0, None)?,
            '+' => self.repetition(1, 1, None)?,
            '?' => self.repetition(1, 0, Some(1))?,
            '{' => {
                if let Some((length, least, most)) = counts(self.rest) {
                    return self.repetition(length, least, most);
                }
                self.rest = &self.rest[1..];
                self.literal(character)?;
            }
            '^' | '$' => {
                self.copy(character);
                self.group()?.push(Extent::EMPTY);
            }
            '.' => {
                self.copy(character);
                self.group()?.push(Extent::CHARACTER);
            }
            _ => {
                self.rest = &self.rest[character.len_utf8()..];
                self.literal(character)?;
            }
        }
        Ok(())
    }

    /// An operator of that length, perhaps with a `?` that makes it lazy.
    fn repetition(
        &mut self,
        length: usize,
        least: usize,
        most: Option<usize>,
    ) -> Result<(), Malformed> {
        if least.max(most.unwrap_or(0)) > MOST || most.is_some_and(|most| most < least) {
            return Err("a repetition count of the regular expression is not allowed");
        }
        self.group()?.repeat(least, most)?;
        let lazy = usize::from(self.rest[length..].starts_with('?'));
        self.output.push_str(&self.rest[..length + lazy]);
        self.rest = &self.rest[length + lazy..];
        Ok(())
    }

    fn class(&mut self) -> Result<(), Malformed> {
        let (class, rest) = class::bracketed(self.rest)?;
        self.output.push_str(&class);
        self.rest = rest;
        // The ranges of a class are looked through one after the other.
        let size = 1 + class.len() / 16;
        self.group()?.push(Extent {
            size,
            ..Extent::CHARACTER
        });
        Ok(())
    }

    fn open(&mut self) -> Result<(), Malformed> {
        let Some(inner) = self.rest.strip_prefix("(?") else {
            self.copy('(');
            self.captures += 1;
            self.groups.push(Group::new());
            return Ok(());
        };
        let end = inner
            .find([':', ')', '>'])
            .ok_or("a `(?` of the regular expression is not closed")?;
        let head = &inner[..end];
        let stop = inner.as_bytes()[end];
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric())
        };
        let name = head.strip_prefix("P<").or_else(|| head.strip_prefix('<'));
        match (name, stop) {
            (Some(name), b'>') if is_name(name) => {
                self.captures += 1;
                // `regex-lite` would not take the same name twice.
                let groups = self.names.entry(name.to_owned()).or_default();
                groups.push(self.captures);
                self.output.push('(');
                self.rest = &self.rest[end + 3..];
                self.groups.push(Group::new());
                return Ok(());
            }
            (None, b':' | b')') if are_flags(head, stop) => {}
            _ => {
                return Err(
                    "a group of the regular expression begins with `(?` and something unknown",
                );
            }
        }
        self.output.push_str(&self.rest[..end + 3]);
        self.rest = &self.rest[end + 3..];
        if stop != b')' {
            self.groups.push(Group::new());
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Malformed> {
        if let Some(quoted) = self.rest.strip_prefix("\\Q") {
            let (text, rest) = quoted.split_once("\\E").unwrap_or((quoted, ""));
            for character in text.chars() {
                self.literal(character)?;
            }
            self.rest = rest;
            return Ok(());
        }
        let second = self.rest[1..].chars().next();
        if let Some(assertion) = second.filter(|c| matches!(c, 'A' | 'z' | 'b' | 'B')) {
            self.output.push('\\');
            self.output.push(assertion);
            self.rest = &self.rest[2..];
            self.group()?.push(Extent::EMPTY);
            return Ok(());
        }
        let (item, rest) = class::escape(self.rest)?;
        self.rest = rest;
        match item {
            Item::Character(character) => self.literal(character)?,
            Item::Class(class) => {
                self.output.push('[');
                self.output.push_str(class);
                self.output.push(']');
                self.group()?.push(Extent::CHARACTER);
            }
        }
        Ok(())
    }
}

const UNOPENED: Malformed = "a `)` of the regular expression closes nothing";

/// `i`, `m`, `s` and `U`, after a `-` to switch them off.
fn are_flags(text: &str, stop: u8) -> bool {
    let (on, off) = text.split_once('-').unwrap_or((text, "U"));
    let are_known = |flags: &str| {
        flags
            .chars()
            .all(|flag| matches!(flag, 'i' | 'm' | 's' | 'U'))
    };
    are_known(on) && are_known(off) && !off.is_empty() && (!text.is_empty() || stop == b':')
}

/// `{2}`, `{2,}` or `{2,3}` at the front: its length and the counts. Anything else is no operator.
fn counts(text: &str) -> Option<(usize, usize, Option<usize>)> {
    let (inner, _) = text.strip_prefix('{')?.split_once('}')?;
    let number = |text: &str| {
        let is_number = !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && (text.len() == 1 || !text.starts_with('0'));
        is_number.then(|| text.parse().unwrap_or(usize::MAX))
    };
    let (least, most) = match inner.split_once(',') {
        None => (number(inner)?, Some(number(inner)?)),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((inner.len() + 2, least, most))
}
