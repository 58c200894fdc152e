//! How the project writes, as far as a program can count it: STYLE.md's rules.
//!
//! Three rules hold everywhere: no test is named `what_…`, a new page has short sentences and short
//! lines, and a message has at most 25 words. For what was written before the rules, `ceilings.rs`
//! has figures that only go down.

mod ceilings;
mod circles;
mod glossary;
mod messages;
mod names;
mod sentences;

use std::io;
use std::path::{Path, PathBuf};

use super::documents::{collect_files, list_documents, read_file, root_directory};
use super::{Failed, Passed};
use ceilings::Ceiling;

/// A figure of the whole project, and its highest allowed value.
struct Figure {
    what: &'static str,
    found: usize,
    ceiling: Ceiling,
    /// The worst places, a line each.
    places: Vec<String>,
}

/// Fails where a figure is above its ceiling; prints all figures.
pub(super) fn check_style() -> Result<Passed, Failed> {
    let figures =
        measure_style(root_directory()).map_err(|error| Failed::new(error.to_string()))?;
    let problems: Vec<_> = figures.iter().filter_map(Figure::describe_excess).collect();
    if !problems.is_empty() {
        return Err(Failed::new(problems.join("\n")));
    }
    Ok(Passed {
        note: String::new(),
        details: figures.iter().map(Figure::describe).collect(),
    })
}

fn measure_style(root: &Path) -> io::Result<Vec<Figure>> {
    let mut pages = Vec::new();
    for path in list_documents(root)? {
        let text = read_file(&root.join(&path))?;
        pages.push((path, text));
    }
    let sources = read_sources(root)?;
    let mut figures = sentences::measure_sentences(&pages);
    figures.push(glossary::measure_glossary(&pages));
    figures.extend(names::measure_names(&sources));
    figures.push(messages::measure_messages(&sources));
    figures.push(circles::measure_circles(&sources));
    Ok(figures)
}

impl Figure {
    fn describe(&self) -> String {
        let Self {
            what,
            found,
            ceiling,
            ..
        } = self;
        format!(
            "{found} {what} (at most {}, target {})",
            ceiling.most, ceiling.target
        )
    }

    fn describe_excess(&self) -> Option<String> {
        let excess = self.found > self.ceiling.most;
        excess.then(|| format!("{}:\n  {}", self.describe(), self.places.join("\n  ")))
    }
}

/// The workspace's Rust files with their texts.
fn read_sources(root: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    collect_files(root, Path::new(""), &mut files)?;
    files.retain(|path| path.extension() == Some("rs".as_ref()));
    files.sort();
    let read_source = |path: PathBuf| read_file(&root.join(&path)).map(|text| (path, text));
    files.into_iter().map(read_source).collect()
}
