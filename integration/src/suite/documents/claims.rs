//! What documents say that there is: links, files, tests.

use std::io;
use std::path::{Path, PathBuf};

use super::{collect_files, list_documents, prose_lines, read_file};

/// The documents in which paths are the repository's, and not a pod's.
const OF_THE_CODE: [&str; 5] = [
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/bank-vaults-differences.md",
    "docs/threat-model.md",
];

/// Links that lead nowhere, and files and tests that do not exist.
pub(super) fn find_broken(root: &Path) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    collect_files(root, Path::new(""), &mut files)?;
    let mut problems = Vec::new();
    for document in list_documents(root)? {
        let text = strip_code(&read_file(&root.join(&document))?);
        let folder = document.parent().unwrap_or(&document);
        let mut report = |what: String| problems.push(format!("{}: {what}", document.display()));
        for link in find_links(&text) {
            if !leads_somewhere(root, &document, folder, link) {
                report(format!("the link to {link} leads nowhere"));
            }
        }
        if OF_THE_CODE.iter().any(|name| document == Path::new(name)) {
            for name in code_spans(&text) {
                if let Err(what) = is_there(root, &files, name) {
                    report(what);
                }
            }
        }
    }
    Ok(problems)
}

/// A document without its blocks of code.
fn strip_code(text: &str) -> String {
    prose_lines(text).fold(String::new(), |text, (_, line)| text + line + "\n")
}

fn find_links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|link| !link.contains("://"))
}

fn leads_somewhere(root: &Path, document: &Path, folder: &Path, link: &str) -> bool {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() {
        root.join(document)
    } else {
        root.join(folder).join(path)
    };
    if anchor.is_empty() {
        return target.exists();
    }
    read_file(&target).is_ok_and(|text| {
        strip_code(&text)
            .lines()
            .filter_map(|line| line.strip_prefix('#'))
            .any(|heading| heading_slug(heading.trim_start_matches('#')) == anchor)
    })
}

/// What a heading is called in a link.
fn heading_slug(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Whether the repository has the file, folder or test, if the name is one's.
fn is_there(root: &Path, files: &[PathBuf], name: &str) -> Result<(), String> {
    let (path, test) = match name.split_once("::") {
        Some((path, test)) => (path, Some(test)),
        None => (name, None),
    };
    let is_path = [".rs", ".md", ".toml", ".yaml", ".json", "/"]
        .iter()
        .any(|end| path.ends_with(end));
    let is_placeholder =
        path.contains(['*', ' ', '<']) || path.contains("NAME") || path.ends_with("://");
    if !is_path || is_placeholder || path.starts_with('/') {
        return Ok(());
    }
    let Some(file) = files.iter().find(|file| file.ends_with(path)) else {
        return Err(format!("there is no {path}"));
    };
    let Some(test) = test else {
        return Ok(());
    };
    let source = read_file(&root.join(file)).map_err(|error| error.to_string())?;
    if source.contains(&format!("fn {test}(")) {
        Ok(())
    } else {
        Err(format!("there is no {test} in {path}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_code_spans_are_read() {
        let text =
            strip_code("see [a](a.md#b) and `c.rs`\n```text\n[no](no)\n```\n[d](https://e)\n");
        assert_eq!(find_links(&text).collect::<Vec<_>>(), ["a.md#b"]);
        assert_eq!(code_spans(&text).collect::<Vec<_>>(), ["c.rs"]);
        assert_eq!(heading_slug(" What `x` is, and why"), "what-x-is-and-why");
    }

    #[test]
    fn named_file_and_test_are_found() {
        let root = super::super::root_directory();
        let mut files = Vec::new();
        collect_files(root, Path::new(""), &mut files).unwrap();
        let there = |name| is_there(root, &files, name);
        for name in [
            "suite/documents/claims.rs",
            "contract/",
            "claims.rs::named_file_and_test_are_found",
            "integration/tools/NAME/go.mod",
            "/tokenpipe/agent/agent.json",
            "vault agent",
        ] {
            assert_eq!(there(name), Ok(()), "{name}");
        }
        let nowhere = "there is no nowhere/claims.rs";
        assert_eq!(there("nowhere/claims.rs").unwrap_err(), nowhere);
        assert!(there("nowhere/").is_err());
        let no_test = "there is no of_no_such_name in claims.rs";
        assert_eq!(there("claims.rs::of_no_such_name").unwrap_err(), no_test);
    }

    #[test]
    fn where_links_lead() {
        let root = super::super::root_directory();
        let leads = |link| leads_somewhere(root, Path::new("CONTRIBUTING.md"), Path::new(""), link);
        assert!(leads("docs/references.md") && leads("#tests"));
        assert!(!leads("docs/nothing.md") && !leads("#nothing"));
    }
}
