//! Manifests as kubectl reads them, with the text of each document at hand.
//!
//! ```text
//! text ─► split by `---` ─► JSON, or YAML 1.1 as go-yaml v2 has it ─► values
//! ```
//!
//! kubectl splits a file by lines that begin with `---`, takes what begins with `{` for JSON first, and
//! reads everything else by go-yaml v2. That is neither YAML 1.2 nor all of YAML 1.1, so the crate for
//! YAML gives events here, and `scalar.rs` and `tree.rs` make of them what kubectl does.
//! `integration/tests/render_kubectl.rs` holds this to the real kubectl.

mod edit;
mod float;
mod integer;
mod json;
mod number;
mod scalar;
mod source;
mod split;
mod tree;
mod writer;

use serde_json::Value;
use thiserror::Error;

/// A document of a file.
#[derive(Debug)]
pub(crate) struct Document<'t> {
    /// The line before it by which it is set apart, as it was written; empty for the first, and for JSON
    /// that follows JSON.
    pub(crate) separator: &'t str,
    /// Its text, with comments.
    pub(crate) text: &'t str,
    /// Number of its first line in the file.
    pub(crate) line: usize,
    /// What is in it.
    pub(crate) content: Result<Content, ManifestError>,
}

/// What kubectl reads in a document.
#[derive(Debug, Default)]
pub(crate) struct Content {
    /// The value; `null` where there is nothing but comments.
    pub(crate) value: Value,
    /// Whether it was read as JSON.
    pub(crate) is_json: bool,
    /// Whether there are comments.
    pub(crate) has_comments: bool,
    /// Keys that a map has more than once, of which kubectl takes the last.
    pub(crate) repeated: Vec<Repeated>,
}

/// A key that a map has more than once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Repeated {
    /// The line of the later one in the file, where it is known.
    pub(crate) line: Option<usize>,
    /// The key.
    pub(crate) key: String,
}

/// Why a document cannot be read.
#[derive(Debug, Error)]
pub(crate) enum ManifestError {
    #[error("line {line}: not YAML: {reason}")]
    Yaml { line: usize, reason: String },
    #[error("line {line}: not JSON: {reason}")]
    Json { line: usize, reason: String },
}

/// Reads a file, document by document, so that only one value is in memory.
pub(crate) fn documents(text: &str) -> impl Iterator<Item = Document<'_>> {
    split::pieces(text).flat_map(|piece| {
        json::read(&piece).unwrap_or_else(|| {
            vec![Document {
                separator: piece.separator,
                text: piece.text,
                line: piece.line,
                content: piece
                    .check_separator()
                    .and_then(|()| tree::read(piece.text, piece.line)),
            }]
        })
    })
}

/// The text of a document whose value has changed.
pub(crate) struct Rewritten {
    pub(crate) text: String,
    /// What is not changed stays as it was.
    pub(crate) keeps_comments: bool,
}

/// Writes a document whose value has become another one, as JSON where it was that.
pub(crate) fn rewrite(
    text: &str,
    value: &Value,
    is_json: bool,
) -> Result<Rewritten, serde_json::Error> {
    let edited = if is_json {
        None
    } else {
        edit::edit(text, value)
    };
    let keeps_comments = edited.is_some();
    let text = match edited {
        Some(text) => text,
        None if is_json => serde_json::to_string_pretty(value)? + "\n",
        None => writer::document(value),
    };
    Ok(Rewritten {
        text,
        keeps_comments,
    })
}
