//! Phrases that STYLE.md replaces by plainer ones.

use std::path::PathBuf;

use super::super::documents::prose_lines;
use super::Figure;
use super::ceilings::GLOSSARY;

/// Phrases of the left column, and pronouns that hide who acts.
const PHRASES: [&str; 34] = [
    "a way out",
    "bears",
    "is gone",
    "is refused",
    "is told",
    "it says",
    "lies in",
    "may not",
    "must it",
    "nobody",
    "of one's own",
    "of ours",
    "refuses",
    "shall",
    "somebody",
    "stands at",
    "stands in",
    "taken anew",
    "tells",
    "the operator's file",
    "wanted",
    "what a",
    "what asks",
    "what comes",
    "what happens",
    "what is",
    "what it",
    "what of",
    "what others",
    "what the",
    "what was",
    "what you",
    "whoever",
    "whose turn",
];

/// The page that lists them, and the one that records the past.
const EXEMPT: [&str; 2] = ["STYLE.md", "CHANGELOG.md"];

pub(super) fn measure_glossary(pages: &[(PathBuf, String)]) -> Figure {
    let (mut found, mut words) = (0, 0);
    let mut places = Vec::new();
    for (path, text) in pages {
        if EXEMPT.iter().any(|name| path.as_os_str() == *name) {
            continue;
        }
        let text = normalise_text(text);
        let of_page = count_phrases(&text);
        words += text.split(' ').filter(|word| !word.is_empty()).count();
        found += of_page;
        if of_page > 0 {
            places.push(format!("{}: {of_page}", path.display()));
        }
    }
    Figure {
        what: "phrases of the glossary's left column in 10,000 words",
        found: (found * 10_000).div_ceil(words.max(1)),
        ceiling: GLOSSARY,
        places,
    }
}

/// Words in small letters with single spaces between and around them.
fn normalise_text(text: &str) -> String {
    let mut normalised = " ".to_owned();
    for (_, line) in prose_lines(text) {
        for word in line.split(|c: char| !(c.is_alphanumeric() || c == '\'')) {
            if !word.is_empty() {
                normalised.push_str(&word.to_lowercase());
                normalised.push(' ');
            }
        }
    }
    normalised
}

fn count_phrases(normalised: &str) -> usize {
    let count = |phrase: &str| normalised.matches(&format!(" {phrase} ")).count();
    PHRASES.iter().map(|phrase| count(phrase)).sum()
}

#[cfg(test)]
mod tests {
    use super::{count_phrases, normalise_text};

    #[test]
    fn count_phrases_finds_whole_words_over_lines_and_case() {
        let count = |text: &str| count_phrases(&normalise_text(text));
        assert_eq!(
            count("What is there; nobody *tells*\nwhat the others do"),
            4
        );
        assert_eq!(count("Somewhat is bearsome. `unwanted`"), 0);
        assert_eq!(count("```text\nnobody\n```"), 0);
    }
}
