//! The shape of the README: short enough to be read before the first command is run.

use std::io;
use std::path::Path;

use super::read_file;
use crate::readme::{extract_script, parse_blocks};

const README: &str = "README.md";
const LINES: usize = 120;
const WORDS: usize = 1_100;
const COLUMNS: usize = 100;
/// Words of a sentence.
const SENTENCE: usize = 25;
/// The last line on which the installation may begin.
const INSTALL: usize = 30;
/// Languages of blocks. A test runs those in `sh`; another name for it would hide commands from the test.
const LANGUAGES: [&str; 3] = ["sh", "text", "yaml"];
/// What a reader looks for, in this order.
const ORDER: [&str; 6] = [
    "## Quick start",
    "## Your pod",
    "## What it does not do",
    "## Comparison",
    "## Contributing",
    "## Licence",
];

/// What is too long, and what is not where a reader looks for it.
pub(super) fn check_readme(root: &Path) -> io::Result<Vec<String>> {
    let problems = find_problems(&read_file(&root.join(README))?);
    let at = |problem| format!("{README}: {problem}");
    Ok(problems.into_iter().map(at).collect())
}

fn find_problems(page: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut limit = |what: &str, found: usize, most: usize| {
        if found > most {
            problems.push(format!("{what}: {found}, at most {most}"));
        }
    };
    limit("lines", page.lines().count(), LINES);
    limit("words", page.split_whitespace().count(), WORDS);
    for (number, line) in (1..).zip(page.lines()) {
        limit(
            &format!("columns of line {number}"),
            line.chars().count(),
            COLUMNS,
        );
    }
    for sentence in list_sentences(page) {
        limit(
            &format!("words of \"{sentence}\""),
            sentence.split(' ').count(),
            SENTENCE,
        );
    }
    let install = page
        .lines()
        .position(|line| line.starts_with("helm install "));
    if let Some(index) = install {
        limit("line of `helm install`", index + 1, INSTALL);
    } else {
        problems.push("no `helm install`; show it".to_owned());
    }
    for block in parse_blocks(page) {
        if !LANGUAGES.contains(&block.language.as_str()) {
            problems.push(format!(
                "a block in \"{}\"; use one of {LANGUAGES:?}",
                block.language
            ));
        }
    }
    problems.extend(extract_script(page).err());
    let headings: Vec<_> = page.lines().filter(|line| ORDER.contains(line)).collect();
    if headings != ORDER {
        problems.push(format!("headings: {headings:?}; use {ORDER:?}"));
    }
    problems
}

/// The sentences of its paragraphs and lists.
fn list_sentences(page: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    let mut in_block = false;
    for line in page.lines() {
        let is_fence = line.starts_with("```");
        in_block ^= is_fence;
        let ends = in_block || is_fence || line.is_empty() || line.starts_with(['#', '|']);
        if ends || line.starts_with("- ") {
            paragraphs.push(String::new());
        }
        if let (false, Some(paragraph)) = (ends, paragraphs.last_mut()) {
            let line = line.trim_start_matches("- ").trim();
            *paragraph = format!("{paragraph} {line}");
        }
    }
    let sentences = paragraphs
        .iter()
        .flat_map(|paragraph| paragraph.split(". ").flat_map(|part| part.split("? ")));
    sentences
        .map(|sentence| sentence.trim().to_owned())
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{ORDER, find_problems, list_sentences};

    /// A page without a problem, and with this behind it.
    fn build_page(more: &str) -> String {
        let set = "export REGISTRY=a VAULT_ADDR=b VAULT_TOKEN=c";
        let install = format!("```sh\n{set}\nhelm install tokenpipe\n```\n");
        [&install, &ORDER.join("\n"), "\n", more].concat()
    }

    #[test]
    fn page_within_the_limits_has_no_problem() {
        let words = ["w"; 25].join(" ");
        let fits = format!("{}\n\n{words}.\n", "c".repeat(100));
        assert_eq!(find_problems(&build_page(&fits)), Vec::<String>::new());
    }

    #[test]
    fn page_beyond_a_limit_has_its_problem() {
        let sentence = ["w"; 26].join(" ");
        let late =
            build_page("").replace("helm install", &format!("{}helm install", "\n".repeat(30)));
        for (page, expected) in [
            (build_page(&"\n".repeat(111)), "lines: 121, at most 120"),
            (build_page(&"- w w w w\n".repeat(220)), "words: 1"),
            (
                build_page(&"c".repeat(101)),
                "columns of line 11: 101, at most 100",
            ),
            (build_page(&sentence), "words of \"w w"),
            (
                build_page(&format!("- a\n- {sentence}\n")),
                "words of \"w w",
            ),
            (late, "line of `helm install`: 33, at most 30"),
            (
                build_page("").replace("helm install", "helm template"),
                "no `helm install`",
            ),
            (
                build_page("```console\n$ make\n```\n"),
                "a block in \"console\"",
            ),
            (
                build_page("").replace("VAULT_ADDR", "VAULT"),
                "the first command sets ",
            ),
            (
                build_page("").replace("## Comparison", "## Others"),
                "headings: ",
            ),
        ] {
            let problems = find_problems(&page);
            let found = problems.iter().any(|problem| problem.starts_with(expected));
            assert!(found, "{expected}: {problems:?}");
        }
    }

    #[test]
    fn sentences_are_of_paragraphs_and_lists_alone() {
        let page = "# Title. Of it\n\nOne two.\nThree? Four\nfive.\n\n```sh\nno. no\n```\n- six\n  seven\n- eight\n";
        let expected = ["One two", "Three", "Four five.", "six seven", "eight"];
        assert_eq!(list_sentences(page), expected);
    }
}
