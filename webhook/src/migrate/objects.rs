//! What is known of the objects of a file, line by line.

use std::ops::Range;

use super::entry::Entry;
use super::kinds::{self, kinds};
use super::lines::Lines;
use super::variables::{self, is_reference};

/// Kinds whose own annotations are a pod's.
const POD: &str = "Pod";

/// The documents of a file and the objects in them.
pub(super) struct Objects {
    documents: Vec<Document>,
    /// For each line the number of its document.
    numbers: Vec<usize>,
    /// For each line the kind of its object.
    kinds: Vec<String>,
    /// For each line whether it is in the metadata of the object itself.
    is_own: Vec<bool>,
}

struct Document {
    lines: Range<usize>,
    has_reference: bool,
}

impl Objects {
    pub(super) fn read(lines: &Lines<'_>) -> Self {
        let kinds = kinds(lines);
        let mut numbers: Vec<usize> = Vec::with_capacity(lines.len());
        for (_, line) in lines.iter() {
            let last = numbers.last().copied().unwrap_or(0);
            let begins = line.text.starts_with("---") && !numbers.is_empty();
            numbers.push(last + usize::from(begins));
        }
        let mut documents: Vec<Document> = Vec::new();
        for (index, number) in numbers.iter().enumerate() {
            if *number == documents.len() {
                documents.push(Document {
                    lines: index..index,
                    has_reference: false,
                });
            }
            let document = &mut documents[*number];
            document.lines.end = index + 1;
            // A line may be as long as the file, and is read as YAML for its values.
            let line = lines.at(index);
            let is_behind = line.entry().is_some_and(Entry::starts_block);
            if !is_behind && !line.text.contains("vault:") {
                continue;
            }
            let values = variables::values(lines, index);
            document.has_reference |= values.iter().any(|value| is_reference(value));
        }
        let is_own = kinds::own_metadata(lines);
        Self {
            documents,
            numbers,
            kinds,
            is_own,
        }
    }

    /// The lines of each document.
    pub(super) fn documents(&self) -> impl Iterator<Item = Range<usize>> {
        self.documents.iter().map(|document| document.lines.clone())
    }

    /// The kind of the object that a line is in, or nothing.
    pub(super) fn kind(&self, index: usize) -> &str {
        &self.kinds[index]
    }

    /// The kind of an object that is no pod, where a line is in its own metadata.
    pub(super) fn owner(&self, index: usize) -> Option<&str> {
        let kind = self.kind(index);
        (self.is_own[index] && !kind.is_empty() && kind != POD).then_some(kind)
    }

    /// Whether a variable in the same document has a reference that tokenpipe resolves.
    pub(super) fn has_reference(&self, index: usize) -> bool {
        self.documents[self.numbers[index]].has_reference
    }
}
