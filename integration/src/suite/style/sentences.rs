//! Lengths of sentences and lines in the pages.

use std::path::PathBuf;

use super::super::documents::prose_lines;
use super::Figure;
use super::ceilings::{LINE_CHARACTERS, LONG_LINES, LONG_PAGES, SENTENCE_WORDS};

pub(super) fn measure_sentences(pages: &[(PathBuf, String)]) -> Vec<Figure> {
    let (mut long_pages, mut long_lines) = (Vec::new(), Vec::new());
    for (path, text) in pages {
        let path = path.display();
        let words = ninth_decile(&split_sentences(text));
        if words > SENTENCE_WORDS {
            long_pages.push(format!(
                "{path}: one sentence in ten has {words} words or more"
            ));
        }
        for (number, line) in prose_lines(text) {
            let length = line.chars().count();
            if length > LINE_CHARACTERS && !line.starts_with('|') && line.contains(' ') {
                long_lines.push(format!("{path}:{number}: {length} characters"));
            }
        }
    }
    vec![
        Figure {
            what: "pages with long sentences",
            found: long_pages.len(),
            ceiling: LONG_PAGES,
            places: long_pages,
        },
        Figure {
            what: "long lines in the pages",
            found: long_lines.len(),
            ceiling: LONG_LINES,
            places: long_lines,
        },
    ]
}

/// The number of words of each sentence. A heading, a cell of a table and a point of a list end one.
fn split_sentences(text: &str) -> Vec<usize> {
    let (mut lengths, mut words) = (Vec::new(), 0);
    let mut end = |words: &mut usize| {
        // A word or two is a heading or a cell.
        if *words > 2 {
            lengths.push(*words);
        }
        *words = 0;
    };
    for (_, line) in prose_lines(text) {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with(['#', '|', '-', '*', '<']) {
            end(&mut words);
        }
        if line.starts_with(['#', '|', '<']) {
            continue;
        }
        for word in line.split_whitespace() {
            words += usize::from(word.contains(char::is_alphanumeric));
            if word
                .trim_end_matches(['*', ')', '"', '`', '_'])
                .ends_with(['.', '!', '?', ':'])
            {
                end(&mut words);
            }
        }
    }
    end(&mut words);
    lengths
}

/// The value that nine in ten stay at or below.
fn ninth_decile(lengths: &[usize]) -> usize {
    let mut sorted = lengths.to_vec();
    sorted.sort_unstable();
    let index = (sorted.len() * 9).div_ceil(10);
    sorted.get(index.saturating_sub(1)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{ninth_decile, split_sentences};

    #[test]
    fn split_sentences_ends_them_at_stops_points_and_headings() {
        let text = "# A heading of five words\n\nOne two three. Four five six\nseven.\n\n- A point of five words\n\
            - another point here\n\n```text\nno words at all here\n```\n\n| a cell of words | b |\nIs this it? Yes it is.\n";
        assert_eq!(split_sentences(text), [3, 4, 5, 3, 3, 3]);
    }

    #[test]
    fn ninth_decile_of_ten_is_the_ninth() {
        assert_eq!(ninth_decile(&[9, 1, 2, 3, 4, 5, 6, 7, 8, 40]), 9);
        assert_eq!(ninth_decile(&[]), 0);
        assert_eq!(ninth_decile(&[5]), 5);
    }
}
