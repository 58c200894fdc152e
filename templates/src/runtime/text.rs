//! A Go string: any bytes, UTF-8 most of the time.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use secrecy::zeroize::Zeroizing;

/// An immutable text, cheap to clone, wiped when the last clone is dropped. Not printable.
#[derive(Clone)]
pub(crate) struct Text(Arc<Zeroizing<Vec<u8>>>);

impl Text {
    pub(crate) fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Arc::new(Zeroizing::new(bytes.into())))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text if it is UTF-8.
    pub(crate) fn str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The text, with U+FFFD for every byte that is not part of a character, as Go's `range` over
    /// a string sees it.
    pub(crate) fn lossy(&self) -> Cow<'_, str> {
        lossy(&self.0)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Byte order, which is Go's order of strings and of map keys.
impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes().cmp(other.bytes())
    }
}

impl std::borrow::Borrow<[u8]> for Text {
    fn borrow(&self) -> &[u8] {
        self.bytes()
    }
}

/// Bytes as text, with one U+FFFD for every byte that is not part of a character.
///
/// `String::from_utf8_lossy` would make one of a whole broken sequence.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(runes(bytes).map(|(_, character, _)| character).collect()),
    }
}

/// The characters of a Go string with their offsets and widths: a byte that is not part of a
/// character counts as U+FFFD of width 1.
pub(crate) fn runes(bytes: &[u8]) -> impl Iterator<Item = (usize, char, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        let (character, width) = first_rune(&bytes[start..])?;
        at += width;
        Some((start, character, width))
    })
}

/// The first character and its width.
pub(crate) fn first_rune(bytes: &[u8]) -> Option<(char, usize)> {
    let first = *bytes.first()?;
    if first.is_ascii() {
        return Some((first.into(), 1));
    }
    let whole = (2..=bytes.len().min(4))
        .find_map(|width| std::str::from_utf8(&bytes[..width]).ok())
        .and_then(|text| text.chars().next());
    Some(whole.map_or((char::REPLACEMENT_CHARACTER, 1), |character| {
        (character, character.len_utf8())
    }))
}

#[cfg(test)]
mod tests {
    use super::{lossy, runes};

    #[test]
    fn broken_bytes_count_one_each() {
        assert_eq!(lossy("Grüße".as_bytes()), "Grüße");
        assert_eq!(lossy(b"a\xe2\x82b"), "a\u{fffd}\u{fffd}b");
        assert_eq!(lossy(b"\xed\xa0\x80"), "\u{fffd}\u{fffd}\u{fffd}");
        let seen: Vec<_> = runes("aü\u{20ac}".as_bytes()).collect();
        assert_eq!(seen, [(0, 'a', 1), (1, 'ü', 2), (3, '€', 3)]);
    }
}
