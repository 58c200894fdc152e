//! The beginning of a text that somebody else wrote.

/// As much of it as a message has room for.
pub(crate) fn excerpt(text: &str) -> &str {
    at_most(text, 63)
}

/// Its first so many characters.
pub(crate) fn at_most(text: &str, chars: usize) -> &str {
    text.char_indices()
        .nth(chars)
        .map_or(text, |(end, _)| &text[..end])
}
