//! Other people's words in our sentences: a server's, a proxy's, an agent's, a file's.
//!
//! They stand between two control characters until [`crate::report`] writes the sentence: only
//! there every credential is known that they might repeat. No foreign text can hold the two,
//! because [`quote`] makes spaces of all control characters.

use std::ops::Range;

const OPEN: char = '\u{2}';
const CLOSE: char = '\u{3}';

/// Marks a text as foreign. Nothing stays nothing.
pub(crate) fn quote(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let words = text.chars().map(spaced);
    std::iter::once(OPEN).chain(words).chain([CLOSE]).collect()
}

/// A sentence as one line, and which of its bytes are foreign.
pub(crate) fn split(sentence: &str) -> (String, Vec<Range<usize>>) {
    let mut line = String::with_capacity(sentence.len());
    let mut foreign = Vec::new();
    let (mut depth, mut begin) = (0_usize, 0);
    for c in sentence.chars() {
        match c {
            OPEN => {
                if depth == 0 {
                    begin = line.len();
                }
                depth += 1;
            }
            CLOSE => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    foreign.push(begin..line.len());
                }
            }
            c => line.push(spaced(c)),
        }
    }
    // Cut before its end: the rest is foreign.
    if depth > 0 {
        foreign.push(begin..line.len());
    }
    (line, foreign)
}

/// Control characters would break a line, or a terminal.
fn spaced(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "a list of ranges")]
mod tests {
    use super::{quote, split};

    #[test]
    fn split_of_a_sentence_names_the_foreign_bytes() {
        let sentence = format!("Vault answered {}: look\tthere", quote("a\nb\u{3}c"));
        let (line, foreign) = split(&sentence);
        assert_eq!(line, "Vault answered a b c: look there");
        assert_eq!(foreign, vec![15..20]);
        assert_eq!(split(&quote("")), (String::new(), vec![]));
    }

    #[test]
    fn split_of_nested_or_cut_quotes_leaves_nothing_out() {
        let inner = quote("inner");
        let (line, foreign) = split(&format!("a \u{2}b {inner} c\u{3} d"));
        assert_eq!((line.as_str(), foreign), ("a b inner c d", vec![2..11]));
        let (line, foreign) = split("a \u{2}cut");
        assert_eq!((line.as_str(), foreign), ("a cut", vec![2..5]));
    }
}
