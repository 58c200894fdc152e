//! What `make docs` writes.

use std::fs;
use std::io;
use std::path::Path;

use super::{names_in, read_file};
use crate::chart;

/// Where the pages of the reference lie.
pub(super) const DIRECTORY: &str = "docs/reference";

const ANNOTATIONS: &str = "docs/annotations.md";
const CHART: &str = "helm/tokenpipe/README.md";
const BEGIN: &str = "<!-- Written by `make docs`, down to the next remark. -->\n";
const END: &str = "<!-- End of the text written by `make docs`. -->\n";

/// What is not as the product would write it, and how to mend it.
pub(super) fn find_outdated(root: &Path, pages: &Path) -> io::Result<Vec<String>> {
    let mut problems = Vec::new();
    for name in names_in(pages)? {
        let wanted = read_file(&pages.join(&name))?;
        let path = Path::new(DIRECTORY).join(&name);
        if fs::read_to_string(root.join(&path)).ok() != Some(wanted) {
            problems.push(format!(
                "{} is out of date: run `make docs`",
                path.display()
            ));
        }
    }
    let known = names_in(pages)?;
    for name in names_in(&root.join(DIRECTORY))? {
        if !known.contains(&name) {
            problems.push(format!(
                "{DIRECTORY}/{name} is no page that the code writes: remove it"
            ));
        }
    }
    for (path, table) in render_tables(pages)? {
        let text = read_file(&root.join(path))?;
        if with_table(path, &text, &table)? != text {
            problems.push(format!(
                "the table in {path} is out of date: run `make docs`"
            ));
        }
    }
    Ok(problems)
}

/// Writes what differs, and says what that was.
pub(super) fn write_pages(root: &Path, pages: &Path) -> io::Result<Vec<String>> {
    let mut written = Vec::new();
    let mut put = |path: &Path, text: String| -> io::Result<()> {
        let target = root.join(path);
        if fs::read_to_string(&target).ok().as_ref() != Some(&text) {
            fs::write(target, text)?;
            written.push(path.display().to_string());
        }
        Ok(())
    };
    fs::create_dir_all(root.join(DIRECTORY))?;
    for name in names_in(pages)? {
        put(
            &Path::new(DIRECTORY).join(&name),
            read_file(&pages.join(&name))?,
        )?;
    }
    for (path, table) in render_tables(pages)? {
        let text = read_file(&root.join(path))?;
        put(Path::new(path), with_table(path, &text, &table)?)?;
    }
    Ok(written)
}

/// The tables in pages written by hand: annotations, from their page, and the chart's values, from
/// the comments on them.
fn render_tables(pages: &Path) -> io::Result<[(&'static str, String); 2]> {
    let values = chart::read_documented().map_err(io::Error::other)?;
    Ok([
        (
            ANNOTATIONS,
            short_table(&read_file(&pages.join("annotations.md"))?),
        ),
        (CHART, chart::render_table(&values)),
    ])
}

/// A page with a table in its place.
fn with_table(path: &str, page: &str, table: &str) -> io::Result<String> {
    let parts = page.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) =
        parts.ok_or_else(|| io::Error::other(format!("{path} has no place for its table")))?;
    Ok([before, BEGIN, table, END, after].concat())
}

/// The rows of a table, each cut behind the first sentence of its last cell.
fn short_table(page: &str) -> String {
    let mut table = String::from("\n| annotation | values | meaning |\n|---|---|---|\n");
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let sentence = row.find(". ").map_or(row, |end| &row[..=end]);
        table.push_str(sentence.trim_end_matches(['|', ' ']));
        table.push_str(" |\n");
    }
    table + "\n"
}

#[cfg(test)]
mod tests {
    use super::short_table;

    #[test]
    fn a_row_keeps_its_first_sentence() {
        let page = "# A\n\n| key | values | meaning |\n|---|---|---|\n\
                    | `a` | x | One. Two. |\n| `b` | y · z | Only one. |\n";
        let expected = "\n| annotation | values | meaning |\n|---|---|---|\n\
                        | `a` | x | One. |\n| `b` | y · z | Only one. |\n\n";
        assert_eq!(short_table(page), expected);
    }
}
