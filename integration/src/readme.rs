//! The README, as a reader copies it.

use std::fs;
use std::io;
use std::path::Path;

/// The variables that a reader sets before the first command.
pub const VARIABLES: [&str; 3] = ["REGISTRY", "VAULT_ADDR", "VAULT_TOKEN"];
/// The language of the blocks with commands.
const SHELL: &str = "sh";

/// A block of code.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// What is written behind the opening fence.
    pub language: String,
    /// The lines between the fences, each with its end.
    pub text: String,
}

/// The README of this repository.
pub fn read_readme() -> io::Result<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md"))
}

/// The blocks of code of a page, in order.
pub fn parse_blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in page.lines() {
        let fence = line.strip_prefix("```");
        match (open.as_mut(), fence) {
            (None, Some(language)) => {
                open = Some(Block {
                    language: language.trim().to_owned(),
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// All commands of a page as one script, in order. Left out is the first line alone, with which the reader
/// sets [`VARIABLES`], and nothing else: the caller sets them.
pub fn extract_script(page: &str) -> Result<String, String> {
    let blocks = parse_blocks(page).into_iter();
    let text: String = blocks
        .filter(|block| block.language == SHELL)
        .map(|block| block.text)
        .collect();
    let (first, commands) = text.split_once('\n').unwrap_or_default();
    let set: Vec<_> = first
        .split_whitespace()
        .filter_map(|word| word.split_once('='))
        .map(|(name, _)| name)
        .collect();
    if first.starts_with("export ") && set == VARIABLES {
        Ok(commands.to_owned())
    } else {
        Err(format!(
            "the first command sets {set:?}, not {VARIABLES:?}: {first}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{extract_script, parse_blocks};

    const SET: &str = "```sh\nexport REGISTRY=a/b VAULT_ADDR=c VAULT_TOKEN=…\n```\n";

    #[test]
    fn script_of_a_page_has_its_commands_in_order() {
        let page = format!(
            "a\n{SET}```text\nmake no\n```\n```sh\nmake a \\\n  b\n```\nmake no\n```sh\nmake c\n```\n"
        );
        assert_eq!(extract_script(&page).unwrap(), "make a \\\n  b\nmake c\n");
        let blocks = parse_blocks(&page);
        let languages: Vec<_> = blocks.iter().map(|block| block.language.as_str()).collect();
        assert_eq!(languages, ["sh", "text", "sh", "sh"]);
    }

    #[test]
    fn script_without_the_line_of_variables_is_an_error() {
        for page in [
            "",
            "```sh\nmake a\n```\n",
            "```sh\nexport REGISTRY=a VAULT_ADDR=b\n```\n",
            "```sh\nREGISTRY=a VAULT_ADDR=b VAULT_TOKEN=c\n```\n",
        ] {
            assert!(extract_script(page).is_err(), "{page}");
        }
    }
}
