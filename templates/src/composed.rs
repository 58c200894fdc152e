//! A value of which the author wrote a part, and kubelet puts in another by `$(NAME)`.
//!
//! Once kubelet has expanded it, nothing tells the two apart. So the webhook keeps the author's
//! part ([`Composed::parse`]), and env-exec puts the other part in as text ([`Composed::fill`]):
//! outside references any text, inside them only a word that cannot change where they point.

use thiserror::Error;

use crate::reference::{Reference, ReferenceError};
use crate::value::{EnvValue, Part};

/// What stands for a part that only kubelet knows, while the author's part is parsed: one
/// character of Unicode's private use area for each.
const FIRST_MARKER: char = '\u{e000}';
const LAST_MARKER: char = '\u{f8ff}';

/// The author's part, parsed.
#[derive(Clone, Debug)]
pub struct Composed<'s> {
    value: EnvValue,
    names: Vec<&'s str>,
}

/// A part from elsewhere that would change more than a word of a reference.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum FillError {
    #[error(
        "the value of `$({name})` must not be part of a reference; use only letters, digits, `-`, \
         `_`, `:`, `@` and single `.`"
    )]
    Word { name: String },
    #[error("with the value of `$(NAME)` in it: {0}")]
    Reference(#[from] ReferenceError),
}

impl<'s> Composed<'s> {
    /// Parses texts (at even places) and names of variables (at odd ones). `None` where the
    /// author's part has neither a reference nor an escape, or makes sense only with the other.
    pub fn parse<S: AsRef<str>>(segments: &'s [S]) -> Option<Self> {
        let mut text = String::new();
        let mut names = Vec::new();
        let mut markers = FIRST_MARKER..=LAST_MARKER;
        for (place, segment) in segments.iter().enumerate() {
            let segment = segment.as_ref();
            if place % 2 == 0 {
                if segment.contains(is_marker) {
                    return None;
                }
                text.push_str(segment);
            } else {
                text.push(markers.next()?);
                names.push(segment);
            }
        }
        match EnvValue::parse(&text) {
            Ok(EnvValue::Plain) | Err(_) => None,
            Ok(value) => Some(Self { value, names }),
        }
    }

    /// The variables whose values stand inside references.
    pub fn names_inside(&self) -> Vec<&'s str> {
        let texts = self.value.references().map(Reference::to_string);
        texts
            .flat_map(|text| text.chars().filter_map(place).collect::<Vec<_>>())
            .filter_map(|place| self.names.get(place).copied())
            .collect()
    }

    /// The value with those of the named variables in it, given in the order of the segments.
    /// What they add outside references is text, whatever it looks like.
    pub fn fill(&self, values: &[&str]) -> Result<EnvValue, FillError> {
        self.fill_with(values, |text, parts| add_text(parts, &filled(text, values)))
    }

    /// The same, but what is one reference as a whole is that reference, also outside those of the
    /// author.
    pub fn embed(&self, values: &[&str]) -> Result<EnvValue, FillError> {
        self.fill_with(values, |text, parts| embed_text(text, values, parts))
    }

    fn fill_with(
        &self,
        values: &[&str],
        add: impl Fn(&str, &mut Vec<Part>),
    ) -> Result<EnvValue, FillError> {
        let parts = match &self.value {
            EnvValue::Plain => return Ok(EnvValue::Plain),
            EnvValue::Direct(reference) => {
                return Ok(EnvValue::Direct(self.reference(reference, values)?));
            }
            EnvValue::Text(parts) => parts,
        };
        let mut all = Vec::new();
        for part in parts {
            match part {
                Part::Text(text) => add(text, &mut all),
                Part::Reference(reference) => {
                    all.push(Part::Reference(self.reference(reference, values)?));
                }
            }
        }
        Ok(EnvValue::Text(all))
    }

    fn reference(&self, reference: &Reference, values: &[&str]) -> Result<Reference, FillError> {
        let text = reference.to_string();
        let mut places = text.chars().filter_map(place).peekable();
        if places.peek().is_none() {
            return Ok(reference.clone());
        }
        for place in places {
            if !values.get(place).is_some_and(|value| is_word(value)) {
                let name = self.names.get(place).copied().unwrap_or_default();
                return Err(FillError::Word { name: name.into() });
            }
        }
        match EnvValue::parse(&filled(&text, values))? {
            EnvValue::Direct(found) if is_alike(&found, reference) => Ok(found),
            _ => Err(FillError::Word {
                name: self.names.first().copied().unwrap_or_default().into(),
            }),
        }
    }
}

/// Texts (at even places) and the values of variables (at odd ones): those values are references that
/// are one as a whole, and all else is text. [`EnvValue::Plain`] where none is.
pub fn embed_references<'t>(pieces: impl Iterator<Item = &'t str>) -> EnvValue {
    let mut parts = Vec::new();
    for (place, piece) in pieces.enumerate() {
        if place % 2 == 0 {
            add_text(&mut parts, piece);
        } else {
            embed_value(&mut parts, piece);
        }
    }
    if parts.iter().any(|part| matches!(part, Part::Reference(_))) {
        EnvValue::Text(parts)
    } else {
        EnvValue::Plain
    }
}

fn embed_text(text: &str, values: &[&str], parts: &mut Vec<Part>) {
    let mut rest = text;
    while let Some(at) = rest.find(is_marker) {
        let (before, behind) = rest.split_at(at);
        add_text(parts, before);
        let mut characters = behind.chars();
        let place = characters.next().and_then(place);
        embed_value(
            parts,
            place
                .and_then(|place| values.get(place))
                .copied()
                .unwrap_or_default(),
        );
        rest = characters.as_str();
    }
    add_text(parts, rest);
}

fn embed_value(parts: &mut Vec<Part>, value: &str) {
    match EnvValue::parse(value) {
        Ok(EnvValue::Direct(reference)) => parts.push(Part::Reference(reference)),
        _ => add_text(parts, value),
    }
}

fn add_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

fn is_marker(character: char) -> bool {
    (FIRST_MARKER..=LAST_MARKER).contains(&character)
}

/// The place of what the marker stands for.
fn place(marker: char) -> Option<usize> {
    is_marker(marker).then(|| marker as usize - FIRST_MARKER as usize)
}

fn filled(text: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(text.len());
    for character in text.chars() {
        match place(character) {
            Some(place) => filled.push_str(values.get(place).copied().unwrap_or_default()),
            None => filled.push(character),
        }
    }
    filled
}

/// A word of a path, a key or a body. Neither `/`, `#`, `$` and `..`, which lead elsewhere, nor
/// what ends or quotes something in a template or in JSON, nor a `%` that Vault would decode.
fn is_word(value: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_.:@".contains(c);
    value.chars().all(is_allowed) && !value.contains("..")
}

/// Of the same kind, so that a word makes no login and no ciphertext of a path.
fn is_alike(found: &Reference, written: &Reference) -> bool {
    match (found, written) {
        (Reference::Secret(found), Reference::Secret(written)) => {
            let segments = |path: &str| path.split('/').count();
            segments(found.request.path().as_str()) == segments(written.request.path().as_str())
        }
        (Reference::Transit(_), Reference::Transit(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
