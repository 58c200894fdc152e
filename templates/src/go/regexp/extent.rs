//! How much work a search for an expression is, found while it is read.

use super::malformed::Malformed;

/// How large a part of an expression is.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub(super) size: usize,
    pub(super) longest: Option<usize>,
}

impl Extent {
    pub(super) const NOTHING: Self = Self {
        size: 0,
        longest: Some(0),
    };
    /// One character, of up to four bytes.
    pub(super) const CHARACTER: Self = Self {
        size: 1,
        longest: Some(4),
    };
    /// An assertion.
    pub(super) const EMPTY: Self = Self {
        size: 1,
        longest: Some(0),
    };

    pub(super) fn then(self, next: Self) -> Self {
        let both = self.longest.zip(next.longest);
        Self {
            size: self.size.saturating_add(next.size),
            longest: both.map(|(a, b)| a.saturating_add(b)),
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        let both = self.longest.zip(other.longest);
        Self {
            size: self.size.saturating_add(other.size),
            longest: both.map(|(a, b)| a.max(b)),
        }
    }

    /// Repeated; without a bound, if `most` is `None`.
    pub(super) fn times(self, least: usize, most: Option<usize>) -> Self {
        let copies = most.unwrap_or(least).max(1);
        let longest = self.longest.zip(most);
        Self {
            size: self.size.saturating_add(1).saturating_mul(copies),
            longest: longest.map(|(longest, most)| longest.saturating_mul(most)),
        }
    }
}

/// A group that is being read: what came before the current alternative, the alternative without
/// its last atom, and that atom.
pub(super) struct Group {
    alternatives: Option<Extent>,
    sequence: Extent,
    atom: Option<Extent>,
    is_repeated: bool,
}

impl Group {
    pub(super) fn new() -> Self {
        Self {
            alternatives: None,
            sequence: Extent::NOTHING,
            atom: None,
            is_repeated: false,
        }
    }

    pub(super) fn push(&mut self, atom: Extent) {
        self.sequence = self.whole();
        self.atom = Some(atom);
        self.is_repeated = false;
    }

    pub(super) fn whole(&self) -> Extent {
        self.sequence.then(self.atom.unwrap_or(Extent::NOTHING))
    }

    pub(super) fn alternative(&mut self) {
        self.alternatives = Some(self.total());
        self.sequence = Extent::NOTHING;
        self.atom = None;
    }

    pub(super) fn total(&self) -> Extent {
        match self.alternatives {
            Some(alternatives) => alternatives.or(self.whole()),
            None => self.whole(),
        }
    }

    pub(super) fn repeat(&mut self, least: usize, most: Option<usize>) -> Result<(), Malformed> {
        if self.is_repeated {
            return Err("a repetition of a repetition in the regular expression");
        }
        let atom = self
            .atom
            .ok_or("a repetition of nothing in the regular expression")?;
        self.atom = Some(atom.times(least, most));
        self.is_repeated = true;
        Ok(())
    }
}
