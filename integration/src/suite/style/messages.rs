//! Lengths of the messages of error enums (`#[error("…")]` of thiserror).

use std::path::PathBuf;

use contract::message::{MESSAGE_WORDS, words};

use super::Figure;
use super::ceilings::LONG_MESSAGES;

pub(super) fn measure_messages(sources: &[(PathBuf, String)]) -> Figure {
    let mut places = Vec::new();
    for (path, text) in sources {
        // The harness's own messages are for its developers.
        if path.starts_with("integration") {
            continue;
        }
        for message in find_messages(text) {
            let words = words(&with_values(&message));
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
fn find_messages(text: &str) -> Vec<String> {
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

/// The message with one word for each inserted value.
fn with_values(message: &str) -> String {
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
    flat
}

#[cfg(test)]
mod tests {
    use super::{find_messages, with_values};

    #[test]
    fn messages_are_joined_over_lines() {
        let text = "#[error(\n    \"a `{b}` \\\n     c \\\"d\\\"\"\n)]\nA,\n#[error(transparent)]\nB,\n#[error(\"e\")]";
        assert_eq!(find_messages(text), ["a `{b}` c \"d\"", "e"]);
    }

    #[test]
    fn inserted_value_is_one_word() {
        assert_eq!(with_values("a {b}: {c:?} - {} d"), "a x: x - x d");
        assert_eq!(with_values("`${{{path}#KEY}}`"), "`$xxx`");
        assert_eq!(with_values(""), "");
    }
}
