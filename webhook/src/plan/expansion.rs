//! The values that kubelet gives to a container's variables, as far as the manifest tells them.
//!
//! `$(NAME)` lets a short manifest stand for a value of any length: a variable that names another a
//! thousand times, named a thousand times by a third. So what is put together here is bounded.

use std::borrow::Cow;
use std::collections::BTreeMap;

use contract::limits;
use thiserror::Error;

use super::expand::{Meaning, is_expanded, pieces};

/// Most bytes of values that are put together for one pod: what the kernel takes for the arguments and
/// environment of one program with the usual stack of 8 MiB (`fs/exec.c`, `bprm_set_stack_limits`).
const MOST_OF_A_POD: usize = 2 * 1024 * 1024;

/// A value that is not put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum TooLong {
    /// It alone.
    #[error(
        "the value, as kubelet expands it, is longer than the {} bytes that the kernel takes; \
         shorten it",
        limits::LONGEST_STRING
    )]
    Value,
    /// It and those before it.
    #[error(
        "with this value `$(NAME)` expansion produces more than {MOST_OF_A_POD} bytes in this pod; \
         use shorter values"
    )]
    Pod,
}

/// How much may still be put together for a pod.
pub(super) struct Room(usize);

impl Room {
    pub(super) fn of_a_pod() -> Self {
        Self(MOST_OF_A_POD)
    }

    pub(super) fn take(&mut self, bytes: usize) -> Result<(), TooLong> {
        self.0 = self.0.checked_sub(bytes).ok_or(TooLong::Pod)?;
        Ok(())
    }
}

/// Refuses what is too long to be looked at.
pub(super) fn check(value: &str) -> Result<(), TooLong> {
    if value.len() > limits::LONGEST_STRING {
        return Err(TooLong::Value);
    }
    Ok(())
}

/// Adds to a value that must not become too long.
pub(super) fn push(value: &mut String, part: &str) -> Result<(), TooLong> {
    if value.len() + part.len() > limits::LONGEST_STRING {
        return Err(TooLong::Value);
    }
    value.push_str(part);
    Ok(())
}

/// The variables so far, in the order of the manifest.
#[derive(Default)]
pub(super) struct Expansion<'p>(BTreeMap<&'p str, Cow<'p, str>>);

impl<'p> Expansion<'p> {
    pub(super) fn set(&mut self, name: &'p str, value: Cow<'p, str>) {
        self.0.insert(name, value);
    }

    /// From here on only kubelet knows the variable's value.
    pub(super) fn forget(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// kubelet's expansion of a value.
    pub(super) fn expand<'t>(
        &self,
        raw: &'t str,
        room: &mut Room,
    ) -> Result<Cow<'t, str>, TooLong> {
        if !is_expanded(raw) {
            return Ok(Cow::Borrowed(raw));
        }
        check(raw)?;
        let mut value = String::new();
        for piece in pieces(raw) {
            let part = match piece.meaning {
                Meaning::Text(text) => text,
                Meaning::Variable(name) => self.0.get(name).map_or(piece.raw, |known| known),
            };
            push(&mut value, part)?;
        }
        room.take(value.len())?;
        Ok(value.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{Cow, Expansion, Room, TooLong};

    #[test]
    fn earlier_variable_is_known_and_the_later_one_counts() {
        let (mut room, mut known) = (Room::of_a_pod(), Expansion::default());
        let mut expand =
            |known: &Expansion<'_>, raw: &str| known.expand(raw, &mut room).map(Cow::into_owned);
        assert_eq!(expand(&known, "<$(A)>"), Ok("<$(A)>".into()));
        known.set("A", "1".into());
        assert_eq!(expand(&known, "<$(A)>"), Ok("<1>".into()));
        known.set("A", "2".into());
        assert_eq!(expand(&known, "<$(A)> $$(A)"), Ok("<2> $(A)".into()));
        known.forget("A");
        assert_eq!(expand(&known, "<$(A)>"), Ok("<$(A)>".into()));
    }

    #[test]
    fn a_short_text_cannot_stand_for_a_long_value() {
        let (mut room, mut known) = (Room::of_a_pod(), Expansion::default());
        known.set("A", "x".repeat(1_000).into());
        let many = "$(A)".repeat(100);
        let value = known.expand(&many, &mut room).unwrap().into_owned();
        assert_eq!(value.len(), 100_000);
        known.set("B", value.into());
        assert_eq!(known.expand("$(B)$(B)", &mut room), Err(TooLong::Value));
        let times = (0..1_000).take_while(|_| known.expand("$(B)!", &mut room).is_ok());
        assert_eq!(times.count(), 19);
        assert_eq!(known.expand("$(B)", &mut room), Err(TooLong::Pod));
        assert_eq!(known.expand("short", &mut room).unwrap(), "short");
    }
}
