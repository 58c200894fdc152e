//! Takes credentials out of everything that is reported.
//!
//! Of a credential of eight bytes or more no eight consecutive ones are shown, of a shorter one not
//! the whole: plain, in base64 (both alphabets, at any offset in a longer text), percent-encoded or
//! behind backslashes, and cut at either end.
//!
//! ```text
//! text ─► views (decoded) ─► index of their runs ◄─ forms of each credential ─► what is covered
//! ```
//!
//! The text is indexed and not the credentials: it is short, so memory is bounded by it, nothing
//! derived from a credential is kept, and nothing is done before there is something to report. One
//! pass costs time in proportion to the text and the credentials together.

#[cfg(any(test, feature = "fuzzing"))]
mod disclosure;
mod forms;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod index;
mod rule;
pub(crate) mod seeds;
mod stream;
mod view;

use std::cell::RefCell;
use std::ops::Range;

use contract::limits;
use secrecy::{ExposeSecret as _, SecretSlice};

use index::Index;
pub(crate) use rule::Kind;
use rule::RUN;
pub(crate) use stream::Stream;

/// What stands where a credential was.
const MARK: &[u8] = b"[redacted]";

/// Everything that must not be reported. It has no form that could be printed.
#[derive(Default)]
pub(crate) struct Redactor(RefCell<Known>);

#[derive(Default)]
struct Known {
    credentials: Vec<SecretSlice<u8>>,
    values: Vec<SecretSlice<u8>>,
    /// Bytes of both.
    bytes: [usize; 2],
    /// Bytes of values that were looked for, over the whole life of the process.
    spent: usize,
    /// More was to be known than is kept: foreign words are withheld altogether.
    is_full: bool,
}

impl Redactor {
    /// Adds something that must not be reported. White space around it is no part of it.
    pub(crate) fn learn(&self, kind: Kind, secret: &[u8]) {
        let secret = secret.trim_ascii();
        if secret.is_empty() {
            return;
        }
        let mut known = self.0.borrow_mut();
        let known = &mut *known;
        let (list, bytes, most) = match kind {
            Kind::Credential => {
                let is_known = |known: &SecretSlice<u8>| known.expose_secret() == secret;
                if known.credentials.iter().any(is_known) {
                    return;
                }
                let most = limits::REDACTED_CREDENTIALS;
                (&mut known.credentials, &mut known.bytes[0], most)
            }
            Kind::Value => {
                let most = limits::REDACTED_VALUES;
                (&mut known.values, &mut known.bytes[1], most)
            }
        };
        *bytes = bytes.saturating_add(secret.len());
        if *bytes > most {
            known.is_full = true;
        } else {
            list.push(secret.to_vec().into());
        }
    }

    /// The text without what is known; `foreign` are the ranges of it that others wrote.
    pub(crate) fn redact(&self, text: &str, foreign: &[Range<usize>]) -> String {
        let covered = self.cover(text.as_bytes(), foreign);
        // Whole characters are replaced by ASCII.
        String::from_utf8_lossy(&replace(text.as_bytes(), &covered)).into_owned()
    }

    /// Which bytes of the text have to be hidden.
    fn cover(&self, text: &[u8], foreign: &[Range<usize>]) -> Vec<bool> {
        let mut covered = vec![false; text.len()];
        let mut known = self.0.borrow_mut();
        let has_values = !known.values.is_empty() && !foreign.is_empty();
        if has_values {
            known.spent = known.spent.saturating_add(known.bytes[1]);
        }
        let is_withheld = known.is_full || known.spent > limits::REDACTED_WORK;
        if is_withheld {
            for range in foreign {
                covered[range.clone()].fill(true);
            }
        }
        if known.credentials.is_empty() && (is_withheld || !has_values) {
            return covered;
        }
        let values = known.values.iter().filter(|_| has_values && !is_withheld);
        let secrets = || {
            let credentials = known.credentials.iter().map(|s| (Kind::Credential, s));
            credentials.chain(values.clone().map(|secret| (Kind::Value, secret)))
        };
        let has_short = secrets().any(|(_, secret)| secret.expose_secret().len() < RUN);
        let mut index = Index::new(text, has_short);
        for (kind, secret) in secrets() {
            forms::each(kind, secret.expose_secret(), &mut |key, rule| {
                index.find(key, rule);
            });
        }
        index.cover(foreign, &mut covered);
        whole_characters(text, &mut covered);
        covered
    }
}

/// A character of which a byte is hidden is hidden whole.
fn whole_characters(text: &[u8], covered: &mut [bool]) {
    let mut begin = 0;
    while begin < text.len() {
        let rest = &text[begin + 1..];
        let more = rest
            .iter()
            .take(3)
            .take_while(|byte| is_continuation(**byte));
        let end = begin + 1 + more.count();
        if covered[begin..end].contains(&true) {
            covered[begin..end].fill(true);
        }
        begin = end;
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

/// Puts the mark in place of each run that is covered.
fn replace(text: &[u8], covered: &[bool]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    let mut was_covered = false;
    for (byte, is_covered) in text.iter().zip(covered) {
        match (is_covered, was_covered) {
            (false, _) => replaced.push(*byte),
            (true, false) => replaced.extend_from_slice(MARK),
            (true, true) => {}
        }
        was_covered = *is_covered;
    }
    replaced
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "a list of ranges")]
mod tests;
