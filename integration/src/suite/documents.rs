//! What a person reads, held to what the code says.
//!
//! The pages in `docs/reference/` and the table in `docs/annotations.md` are written by the
//! product itself. Of the other documents a program can check this much: that what they link to,
//! the files and tests that they name, the variables and the cases are there, and that the README is
//! short.

mod claims;
mod generated;
mod readme;
mod tables;

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::steps;
use super::{Failed, Passed};
use crate::progress;
use crate::temp;

/// Fails if a generated page is out of date, or if a document names what does not exist.
pub(super) fn check_documents() -> Result<Passed, Failed> {
    let problems = with_pages(|pages| {
        let mut problems = generated::find_outdated(root_directory(), pages)?;
        problems.extend(claims::find_broken(root_directory())?);
        problems.extend(tables::check_tables(root_directory())?);
        problems.extend(readme::check_readme(root_directory())?);
        Ok(problems)
    })?;
    if problems.is_empty() {
        return Ok(Passed::default());
    }
    Err(Failed::new(problems.join("\n")))
}

/// Writes the generated pages. Whether that went well.
pub fn write_documents() -> bool {
    match with_pages(|pages| generated::write_pages(root_directory(), pages)) {
        Ok(written) => {
            for path in written {
                progress::print_line(&format!("wrote {path}"));
            }
            true
        }
        Err(failed) => {
            progress::print_line(&failed.output);
            false
        }
    }
}

/// Has the product write its pages into a directory of their own.
fn with_pages<T>(then: impl FnOnce(&Path) -> io::Result<T>) -> Result<T, Failed> {
    steps::run_plain(
        "tokenpipe",
        steps::cargo_command("build").args(["--bin", "tokenpipe"]),
    )?;
    let told = |error: io::Error| Failed::new(error.to_string());
    let directory = temp::create_directory("pages").map_err(told)?;
    // It lies where cargo put this program.
    let tokenpipe = env::current_exe()
        .map_err(told)?
        .with_file_name("tokenpipe");
    let mut command = Command::new(tokenpipe);
    command.args(["reference", "--directory"]);
    steps::run_plain("reference pages", command.arg(directory.path()))?;
    then(directory.path()).map_err(told)
}

pub(super) fn root_directory() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Reads a file; the error says which.
pub(super) fn read_file(path: &Path) -> io::Result<String> {
    fs::read_to_string(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

/// The lines of a page outside of blocks of code, each with its number.
pub(super) fn prose_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_block = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_block ^= is_fence;
        !in_block && !is_fence
    })
}

/// All files and folders but hidden ones and what is built, relative to the root.
pub(super) fn collect_files(
    root: &Path,
    folder: &Path,
    files: &mut Vec<PathBuf>,
) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name();
        let is_hidden = name.to_string_lossy().starts_with('.');
        if is_hidden || name == "target" {
            continue;
        }
        let path = folder.join(name);
        if entry.file_type()?.is_dir() {
            collect_files(root, &path, files)?;
        }
        files.push(path);
    }
    Ok(())
}

/// The names in a directory, in order. None if it does not exist.
fn names_in(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// The documents: Markdown at the root and in `docs/`, relative to the root.
pub(super) fn list_documents(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut documents = Vec::new();
    for directory in ["", "docs", generated::DIRECTORY] {
        let names = names_in(&root.join(directory))?.into_iter();
        let paths = names.map(|name| Path::new(directory).join(name));
        documents.extend(paths.filter(|path| path.extension() == Some("md".as_ref())));
    }
    Ok(documents)
}
