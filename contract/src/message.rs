//! Messages of bounded length, whatever was wrong and however often, and the measure of one.

use std::fmt::{Display, Write as _};

use crate::limits::{MESSAGE_BYTES, MESSAGE_PROBLEMS};

/// Most words of one message, as [`words`] counts them.
pub const MESSAGE_WORDS: usize = 25;

/// What a shortened message keeps of its end, where the advice is.
const TAIL: usize = 1024;
const GAP: &str = " […] ";

/// Joins problems by `; `: as many as a message names, then "and 3,180 more".
///
/// `others` are problems that were counted but not kept.
pub fn join<P: Display>(problems: &[P], others: usize) -> String {
    let mut text = String::new();
    let mut named = 0;
    for problem in problems.iter().take(MESSAGE_PROBLEMS) {
        let sentence = shorten(problem.to_string());
        let separator = if named == 0 { "" } else { "; " };
        if named > 0 && text.len() + separator.len() + sentence.len() > MESSAGE_BYTES {
            break;
        }
        text.extend([separator, &sentence]);
        named += 1;
    }
    let more = problems.len() - named + others;
    if more > 0 {
        // Writing to a String does not fail.
        let _ = write!(text, "; and {} more", thousands(more));
    }
    text
}

/// The message, or its beginning and its end where it is longer than a message may be.
pub fn shorten(text: String) -> String {
    if text.len() <= MESSAGE_BYTES {
        return text;
    }
    let head = boundary(&text, (0..=MESSAGE_BYTES - TAIL - GAP.len()).rev());
    let tail = boundary(&text, text.len() - TAIL..=text.len());
    [&text[..head], GAP, &text[tail..]].concat()
}

/// The first of these places that is no part of a character.
fn boundary(text: &str, mut places: impl Iterator<Item = usize>) -> usize {
    places
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or_default()
}

/// The words of a message. A piece in double quotes or backticks is one word, and of a list with
/// commas only the first and the last entry count. What has neither a letter nor a digit is no word.
pub fn words(message: &str) -> usize {
    let flat = flatten_quoted(message);
    let is_word = |word: &&str| word.contains(char::is_alphanumeric);
    let mut is_list = false;
    let mut count = 0;
    for word in flat.split_whitespace().filter(is_word) {
        let goes_on = word.ends_with(',');
        count += usize::from(!(is_list && goes_on));
        is_list = goes_on;
    }
    count
}

/// The message with `x` for each quoted piece; a quote without an end is text.
fn flatten_quoted(message: &str) -> String {
    let mut flat = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(start) = rest.find(['"', '`']) {
        let (before, quoted) = rest.split_at(start);
        let (quote, behind) = quoted.split_at(1);
        flat.push_str(before);
        rest = match behind.split_once(quote) {
            Some((_, rest)) => {
                flat.push('x');
                rest
            }
            None => behind,
        };
    }
    flat.push_str(rest);
    flat
}

/// A number as people read it: `3,180`.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{GAP, join, shorten, thousands, words};
    use crate::limits::{MESSAGE_BYTES, MESSAGE_PROBLEMS};

    #[test]
    fn join_many_problems_names_twenty_and_counts_the_rest() {
        let problems: Vec<_> = (0..3200).map(|n| format!("problem {n}")).collect();
        let text = join(&problems, 0);
        assert!(text.starts_with("problem 0; problem 1; "), "{text}");
        assert!(text.ends_with("problem 19; and 3,180 more"), "{text}");
        assert_eq!(text.matches("problem").count(), MESSAGE_PROBLEMS);
        assert_eq!(join(&problems[..1], 0), "problem 0");
        assert_eq!(join(&problems[..2], 5), "problem 0; problem 1; and 5 more");
    }

    #[test]
    fn join_long_problems_stays_a_message() {
        for length in [1_000, 5_000, 1_000_000] {
            let problems = vec!["ü".repeat(length); 100];
            let text = join(&problems, 0);
            assert!(
                text.len() <= MESSAGE_BYTES + "; and 99 more".len(),
                "{}",
                text.len()
            );
            assert!(text.ends_with(" more"), "{text}");
        }
    }

    #[test]
    fn shorten_keeps_beginning_and_end() {
        let short = "a".repeat(MESSAGE_BYTES);
        assert_eq!(shorten(short.clone()), short);
        for filler in ["x", "ü", "🐍"] {
            let text = shorten(format!("where: {}; fix", filler.repeat(100_000)));
            assert!(text.len() <= MESSAGE_BYTES, "{}", text.len());
            assert!(
                text.starts_with("where: ") && text.ends_with("; fix"),
                "{text}"
            );
            assert!(text.contains(GAP));
        }
    }

    #[test]
    fn words_count_as_a_reader_counts_them() {
        for (message, expected) in [
            ("", 0),
            ("a b; c", 3),
            ("tokenpipe.dev/vault: is `a b c` – not \"d e\"", 5),
            ("it has web, app, worker, tools; add one", 6),
            ("known are `a b`, `c`, `d` and `e`", 6),
            ("an open \" is text", 4),
            ("`a` and an open ` is text", 6),
        ] {
            assert_eq!(words(message), expected, "{message}");
        }
    }

    #[test]
    fn thousands_are_grouped() {
        let texts = [0, 7, 999, 1_000, 3_180, 1_234_567].map(thousands);
        assert_eq!(texts, ["0", "7", "999", "1,000", "3,180", "1,234,567"]);
    }
}
