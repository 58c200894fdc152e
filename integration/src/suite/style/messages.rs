//! Lengths of the messages of error enums (`#[error("…")]` of thiserror).

use std::path::PathBuf;

use super::Figure;
use super::ceilings::{LONG_MESSAGES, MESSAGE_WORDS};

pub(super) fn measure(sources: &[(PathBuf, String)]) -> Figure {
    let mut places = Vec::new();
    for (path, text) in sources {
        // The harness's own messages are for its developers.
        if path.starts_with("integration") {
            continue;
        }
        for message in messages(text) {
            let words = count_words(&message);
            if words > MESSAGE_WORDS {
                let beginning: String = message.chars().take(60).collect();
                places.push(format!("{}: {words} words: {beginning}…", path.display()));
            }
        }
    }
    Figure {
        what: "messages of more than 25 words",
        found: places.len(),
        ceiling: LONG_MESSAGES,
        places,
    }
}

/// The first text of each `#[error(…)]`, its line ends joined.
fn messages(text: &str) -> Vec<String> {
    let attributes = text.split("#[error(").skip(1);
    attributes
        .filter_map(|rest| read_text(rest.trim_start()))
        .collect()
}

fn read_text(rest: &str) -> Option<String> {
    let mut message = String::new();
    let mut characters = rest.strip_prefix('"')?.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => return Some(message),
            '\\' => match characters.next()? {
                '\n' => {
                    let rest = characters.as_str();
                    characters = rest.trim_start().chars();
                }
                escaped => message.push(escaped),
            },
            c => message.push(c),
        }
    }
    None
}

/// Words, where an inserted value is one.
fn count_words(message: &str) -> usize {
    let (mut flat, mut depth) = (String::new(), 0_usize);
    for c in message.chars() {
        match c {
            '{' => {
                depth += 1;
                flat.push('x');
            }
            '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => flat.push(c),
            _ => {}
        }
    }
    let has_letter = |word: &&str| word.contains(char::is_alphanumeric);
    flat.split_whitespace().filter(has_letter).count()
}

#[cfg(test)]
mod tests {
    use super::{count_words, messages};

    #[test]
    fn messages_are_joined_over_lines() {
        let text = "#[error(\n    \"a `{b}` \\\n     c \\\"d\\\"\"\n)]\nA,\n#[error(transparent)]\nB,\n#[error(\"e\")]";
        assert_eq!(messages(text), ["a `{b}` c \"d\"", "e"]);
    }

    #[test]
    fn count_words_takes_an_inserted_value_for_one() {
        assert_eq!(count_words("a {b}: {c:?} - {} d"), 5);
        assert_eq!(count_words(""), 0);
    }
}
