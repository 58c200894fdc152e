//! The runs of a text, by which parts of secrets are found in it.

use std::ops::Range;

use super::rule::{RUN, Rule};
use super::view::{self, View};

/// All runs of a text and of what it can be decoded to.
pub(super) struct Index {
    views: Vec<View>,
    has_short: bool,
    /// The distinct runs, sorted, and by which rules each was found.
    runs: Vec<(u64, u8)>,
    /// One bit for each hash of a run: most runs of secrets are in no text.
    filter: Vec<u64>,
}

/// A run of less than eight bytes, told apart from all others: no folded text has a byte of this
/// number at its beginning.
pub(super) fn key(run: u64, length: usize) -> u64 {
    run | (length as u64) << 56
}

impl Index {
    /// Indexes runs of eight bytes, and all shorter ones if there is something short to look for.
    pub(super) fn new(text: &[u8], has_short: bool) -> Self {
        let views = view::all(text);
        let shortest = if has_short { 1 } else { RUN };
        let mut runs: Vec<(u64, u8)> = views
            .iter()
            .flat_map(|view| (shortest..=RUN).flat_map(|length| runs(view, length)))
            .map(|(_, run)| (run, 0))
            .collect();
        runs.sort_unstable();
        runs.dedup();
        let words = (runs.len() / 4 + 1).next_power_of_two();
        let mut index = Self {
            views,
            has_short,
            runs: vec![],
            filter: vec![0; words],
        };
        for (run, _) in &runs {
            let (word, bit) = index.place(*run);
            index.filter[word] |= bit;
        }
        index.runs = runs;
        index
    }

    /// Word and bit of a run in the filter.
    fn place(&self, run: u64) -> (usize, u64) {
        let hash = (run ^ run >> 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let word = (hash >> 32) as usize & (self.filter.len() - 1);
        (word, 1 << (hash >> 58))
    }

    /// Notes that a run belongs to a secret.
    pub(super) fn find(&mut self, run: u64, rule: Rule) {
        let (word, bit) = self.place(run);
        if self.filter[word] & bit == 0 {
            return;
        }
        if let Ok(at) = self.runs.binary_search_by_key(&run, |(run, _)| *run) {
            self.runs[at].1 |= rule as u8;
        }
    }

    /// Marks the bytes of the text that what was found stands for.
    pub(super) fn cover(&self, foreign: &[Range<usize>], covered: &mut [bool]) {
        let shortest = if self.has_short { 1 } else { RUN };
        for view in &self.views {
            for length in shortest..=RUN {
                let mut done = 0;
                for (at, run) in runs(view, length) {
                    let found = self.runs.binary_search_by_key(&run, |(run, _)| *run);
                    let rules = found.map_or(0, |found| self.runs[found].1);
                    let range = view.starts[at]..view.starts[at + length];
                    if rules != 0 && counts(view, at, length, rules, foreign, &range) {
                        // What the run before it has covered is not covered once more.
                        covered[range.start.max(done)..range.end].fill(true);
                        done = range.end;
                    }
                }
            }
        }
    }
}

/// The runs of a length, each with its place.
fn runs(view: &View, length: usize) -> impl Iterator<Item = (usize, u64)> {
    let windows = view.bytes.windows(length).enumerate();
    windows.map(move |(at, window)| {
        let run = window
            .iter()
            .fold(0, |run, byte| run << 8 | u64::from(*byte));
        let run = if length < RUN { key(run, length) } else { run };
        (at, run)
    })
}

/// Whether a run that was found has to be hidden where it is.
fn counts(
    view: &View,
    at: usize,
    length: usize,
    rules: u8,
    foreign: &[Range<usize>],
    range: &Range<usize>,
) -> bool {
    let has = |rule: Rule| rules & rule as u8 != 0;
    if has(Rule::Anywhere) {
        return true;
    }
    // Ranges are sorted and do not touch.
    let next = foreign.partition_point(|foreign| foreign.end < range.end);
    let is_foreign = foreign
        .get(next)
        .is_some_and(|foreign| foreign.start <= range.start);
    let is_word = |at: Option<usize>| {
        let byte = at.and_then(|at| view.bytes.get(at));
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
    };
    let is_whole = || !is_word(at.checked_sub(1)) && !is_word(Some(at + length));
    is_foreign && (has(Rule::Foreign) || (has(Rule::Whole) && is_whole()))
}
