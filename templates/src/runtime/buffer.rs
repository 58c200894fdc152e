//! A text under construction.

use contract::limits::templates as limits;
use secrecy::zeroize::{Zeroize as _, Zeroizing};

use super::failure::Failure;
use super::outcome::Outcome;

/// Bytes of at most a given length. Growing leaves no copy behind that is not wiped.
pub(crate) struct Buffer {
    bytes: Zeroizing<Vec<u8>>,
    limit: usize,
    failure: Failure,
}

impl Buffer {
    /// A buffer for a text that a function makes.
    pub(crate) fn new() -> Self {
        Self::with_limit(limits::TEXT, Failure::TextTooLong)
    }

    /// A buffer for what a template prints.
    pub(crate) fn for_output() -> Self {
        Self::with_limit(limits::OUTPUT, Failure::OutputTooLong)
    }

    fn with_limit(limit: usize, failure: Failure) -> Self {
        Self {
            bytes: Zeroizing::new(Vec::new()),
            limit,
            failure,
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.reserve(bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn push_str(&mut self, text: &str) -> Outcome<()> {
        self.push(text.as_bytes())
    }

    pub(crate) fn push_char(&mut self, character: char) -> Outcome<()> {
        self.push(character.encode_utf8(&mut [0; 4]).as_bytes())
    }

    /// The same bytes `count` times.
    pub(crate) fn push_repeated(&mut self, bytes: &[u8], count: usize) -> Outcome<()> {
        self.reserve(bytes.len().saturating_mul(count))?;
        // Of nothing, any number is nothing.
        for _ in 0..if bytes.is_empty() { 0 } else { count } {
            self.bytes.extend_from_slice(bytes);
        }
        Ok(())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes; the caller takes over wiping them.
    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        std::mem::take(&mut *self.bytes)
    }

    fn reserve(&mut self, more: usize) -> Outcome<()> {
        let needed = self.bytes.len().saturating_add(more);
        if needed > self.limit {
            return Err(self.failure.clone());
        }
        if needed > self.bytes.capacity() {
            let mut grown = Vec::with_capacity(needed.max(self.bytes.capacity() * 2).max(64));
            grown.extend_from_slice(&self.bytes);
            std::mem::swap(&mut *self.bytes, &mut grown);
            grown.zeroize();
        }
        Ok(())
    }
}
