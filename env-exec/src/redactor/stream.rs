//! Output that is passed on while it comes: a credential may come in several pieces.

use super::{Redactor, replace};

/// Most bytes of a line that are waited for; of a longer one the beginning is passed on before its end
/// is there. Bounds memory, which is some hundred times that.
const LONGEST_LINE: usize = 16 * 1024;

/// Bytes that are kept to look at together with those that follow: eight characters, each of them
/// encoded twice, as long as `\U0001F600` is.
const KEPT: usize = 1024;

/// One output, as far as it was not passed on, and a little of what was.
#[derive(Default)]
pub(crate) struct Stream {
    bytes: Vec<u8>,
    /// How many of them were passed on.
    passed_on: usize,
}

impl Stream {
    /// Takes a piece. Gives what can be passed on: lines that are whole, and most of a long one.
    pub(crate) fn push(&mut self, piece: &[u8], redactor: &Redactor) -> Vec<u8> {
        self.bytes.extend_from_slice(piece);
        let new = &self.bytes[self.passed_on..];
        let lines = new.iter().rposition(|byte| *byte == b'\n');
        let lines = lines.map_or(0, |end| end + 1);
        let ready = if new.len() - lines > LONGEST_LINE {
            new.len() - KEPT
        } else {
            lines
        };
        self.pass_on(self.passed_on + ready, redactor)
    }

    /// Gives the rest, after the last piece.
    pub(crate) fn finish(&mut self, redactor: &Redactor) -> Vec<u8> {
        self.pass_on(self.bytes.len(), redactor)
    }

    /// How many bytes are held.
    #[cfg(test)]
    pub(super) fn length(&self) -> usize {
        self.bytes.len()
    }

    fn pass_on(&mut self, end: usize, redactor: &Redactor) -> Vec<u8> {
        if end == self.passed_on {
            return vec![];
        }
        let foreign = 0..self.bytes.len();
        let covered = redactor.cover(&self.bytes, &[foreign]);
        let new = self.passed_on..end;
        let redacted = replace(&self.bytes[new.clone()], &covered[new]);
        self.bytes.drain(..end.saturating_sub(KEPT));
        self.passed_on = end.min(KEPT);
        redacted
    }
}
