//! Which variables of a container other values take.

use std::collections::BTreeSet;

use contract::limits::LONGEST_STRING;

use super::expand::{may_take, variables};

/// The names in `$(NAME)` of a container's values: of other variables nothing has to be remembered.
pub(super) struct Taken<'p>(BTreeSet<&'p str>);

impl<'p> Taken<'p> {
    pub(super) fn by(values: impl Iterator<Item = &'p str>) -> Self {
        // A longer value is rejected where it takes another one.
        let is_short = |value: &&str| value.len() <= LONGEST_STRING;
        let taking = values.filter(|value| is_short(value) && may_take(value));
        Self(taking.flat_map(variables).collect())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        !self.0.is_empty() && self.0.contains(name)
    }
}
