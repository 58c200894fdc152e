//! One environment value: plain text, one reference, or text around references.
//!
//! ```text
//! value  := direct | text with any number of "${" direct "}"
//! ```
//!
//! A backslash right before a reference takes its meaning away, and then disappears; two of them
//! before an inline one are one backslash and a reference. Everywhere else a backslash is a
//! backslash.

use std::fmt::{self, Write as _};

use crate::reference::shape::{End, starts, starts_reference};
use crate::reference::{Reference, ReferenceError, parse_at};
use crate::scan::OPEN;

/// An environment value, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvValue {
    /// Nothing of ours in it: it stays byte for byte.
    Plain,
    /// The value is one reference.
    Direct(Reference),
    /// Text with references or escapes in it.
    Text(Vec<Part>),
}

/// A piece of [`EnvValue::Text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text, with escapes resolved.
    Text(String),
    /// An inline reference.
    Reference(Reference),
}

impl EnvValue {
    /// Parses the value of a variable. `vault:login` inside text is an error; whether the variable
    /// is one that may hold it is for the caller to check.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        if starts_reference(text) {
            return parse_at(text, 0, End::OfText).map(|(reference, _)| Self::Direct(reference));
        }
        // What most values are, decided by one search.
        if !text.contains("vault:") {
            return Ok(Self::Plain);
        }
        let mut parts = Parts::default();
        let mut rest = 0;
        if let Some(literal) = text
            .strip_prefix('\\')
            .filter(|rest| is_escaped_direct(rest))
        {
            parts.is_plain = false;
            rest = text.len() - literal.len();
        }
        while let Some(open) = find_inline(text, rest) {
            let before = &text[rest..open];
            let unescaped = before.trim_end_matches('\\');
            let backslashes = before.len() - unescaped.len();
            parts.is_plain = false;
            parts.text(unescaped);
            parts.text(&"\\".repeat(backslashes / 2));
            if backslashes % 2 == 1 {
                parts.text(OPEN);
                rest = open + OPEN.len();
            } else {
                let (reference, end) = parse_at(text, open + OPEN.len(), End::AtBrace)?;
                if reference == Reference::Login {
                    return Err(ReferenceError::Login);
                }
                parts.reference(reference);
                rest = end + 1;
            }
        }
        parts.text(&text[rest..]);
        Ok(parts.into_value())
    }

    /// The references in this value, in order.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let (direct, parts) = match self {
            Self::Plain => (None, &[][..]),
            Self::Direct(reference) => (Some(reference), &[][..]),
            Self::Text(parts) => (None, &parts[..]),
        };
        direct
            .into_iter()
            .chain(parts.iter().filter_map(|part| match part {
                Part::Text(_) => None,
                Part::Reference(reference) => Some(reference),
            }))
    }
}

/// Backslashes and then a direct reference: `\vault:…` is its text, `\\vault:…` the text with one
/// backslash.
fn is_escaped_direct(text: &str) -> bool {
    starts_reference(text.trim_start_matches('\\'))
}

/// The offset of the next `${` that begins an inline reference.
fn find_inline(text: &str, from: usize) -> Option<usize> {
    text[from..]
        .match_indices(OPEN)
        .map(|(at, _)| from + at)
        .find(|at| starts(&text[at + OPEN.len()..], End::AtBrace))
}

#[derive(Debug)]
struct Parts {
    parts: Vec<Part>,
    is_plain: bool,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            parts: Vec::new(),
            is_plain: true,
        }
    }
}

impl Parts {
    fn text(&mut self, text: &str) {
        if let Some(Part::Text(last)) = self.parts.last_mut() {
            last.push_str(text);
        } else if !text.is_empty() {
            self.parts.push(Part::Text(text.to_owned()));
        }
    }

    fn reference(&mut self, reference: Reference) {
        self.parts.push(Part::Reference(reference));
    }

    fn into_value(self) -> EnvValue {
        if self.is_plain {
            EnvValue::Plain
        } else {
            EnvValue::Text(self.parts)
        }
    }
}

/// The value in the form that [`EnvValue::parse`] reads back; a plain value, whose text this type
/// does not keep, is empty.
impl fmt::Display for EnvValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = match self {
            Self::Plain => return Ok(()),
            Self::Direct(reference) => return reference.fmt(f),
            Self::Text(parts) => parts,
        };
        let mut written = String::new();
        for (index, part) in parts.iter().enumerate() {
            match part {
                Part::Text(text) => {
                    let before_reference = index + 1 < parts.len();
                    write_escaped(&mut written, text, before_reference)?;
                }
                Part::Reference(reference) => write!(written, "{OPEN}{reference}}}")?,
            }
        }
        // As a whole: what begins a reference may go on in a later part.
        if is_escaped_direct(&written) {
            f.write_char('\\')?;
        }
        f.write_str(&written)
    }
}

/// Escapes what would be read as a reference, and backslashes that would be read as an escape.
fn write_escaped(f: &mut String, text: &str, before_reference: bool) -> fmt::Result {
    let mut rest = 0;
    while let Some(open) = find_inline(text, rest) {
        let before = &text[rest..open];
        let backslashes = before.len() - before.trim_end_matches('\\').len();
        write!(f, "{before}{}\\{OPEN}", "\\".repeat(backslashes))?;
        rest = open + OPEN.len();
    }
    let tail = &text[rest..];
    let backslashes = if before_reference {
        tail.len() - tail.trim_end_matches('\\').len()
    } else {
        0
    };
    write!(f, "{tail}{}", "\\".repeat(backslashes))
}

#[cfg(test)]
mod tests;
