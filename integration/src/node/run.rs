//! For which run a node is there.

use std::fs;
use std::process;

use super::place::Place;
use super::{Node, NodeError};

/// The file that names the run's process.
const FILE: &str = "run";

impl Node {
    /// Has the node be there for this process: once that is gone, however it ended, nobody takes the node
    /// for one that runs, and the next start is anew. What a killed run has changed in it is in nobody's
    /// way then.
    pub fn keep_for_this_process(&self) -> Result<(), NodeError> {
        let path = self.place.file_path(FILE);
        let mark = read_mark(process::id()).unwrap_or_default();
        // Whoever reads it meanwhile finds it whole, or none.
        let aside = path.with_extension("new");
        fs::write(&aside, mark)
            .and_then(|()| fs::rename(&aside, &path))
            .map_err(|source| NodeError::File { path, source })
    }
}

/// Whether it is there for a process that has ended.
pub(super) fn is_left_over(place: &Place) -> bool {
    let Ok(written) = fs::read_to_string(place.file_path(FILE)) else {
        return false;
    };
    let id = written.split(' ').next().and_then(|id| id.parse().ok());
    id.and_then(read_mark) != Some(written)
}

/// A process and when it started, which no other one has had.
fn read_mark(id: u32) -> Option<String> {
    // Field 22 of proc(5)'s stat; the second is in parentheses and may have spaces in it.
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let started = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?;
    Some(format!("{id} {started}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_a_mark_of_its_own() {
        let own = read_mark(process::id()).expect("a mark");
        assert_eq!(read_mark(process::id()), Some(own.clone()));
        let mut child = process::Command::new("true").spawn().expect("a child");
        assert_ne!(read_mark(child.id()), Some(own));
        child.wait().expect("its end");
        assert_eq!(read_mark(child.id()), None);
    }
}
