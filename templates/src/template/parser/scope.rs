//! Which variables are known where, and where a rendering keeps them.

use std::collections::HashMap;

use crate::template::ast::Slot;

/// Variables and the dot at the current place.
pub(super) struct Scope<'s> {
    /// In the order of their declarations.
    variables: Vec<&'s str>,
    /// For each name what it has meant and means: there may be thousands, looked up as often.
    slots_of: HashMap<&'s str, Vec<Slot>>,
    dots: Vec<Slot>,
    slots: usize,
}

/// What to go back to at the end of a block.
#[derive(Clone, Copy)]
pub(super) struct Mark(usize);

impl<'s> Scope<'s> {
    pub(super) fn new() -> Self {
        Self {
            variables: vec!["$"],
            slots_of: HashMap::from([("$", vec![Slot::ROOT])]),
            dots: vec![Slot::DOT],
            slots: Slot::FIRST,
        }
    }

    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    pub(super) fn new_slot(&mut self) -> Slot {
        self.slots += 1;
        Slot(self.slots - 1)
    }

    pub(super) fn dot(&self) -> Slot {
        self.dots.last().copied().unwrap_or(Slot::DOT)
    }

    pub(super) fn push_dot(&mut self, dot: Slot) {
        self.dots.push(dot);
    }

    pub(super) fn pop_dot(&mut self) {
        self.dots.pop();
    }

    pub(super) fn declare(&mut self, name: &'s str) -> Slot {
        let slot = self.new_slot();
        self.variables.push(name);
        self.slots_of.entry(name).or_default().push(slot);
        slot
    }

    pub(super) fn find(&self, name: &str) -> Option<Slot> {
        self.slots_of.get(name)?.last().copied()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'s str> {
        self.variables.iter().copied()
    }

    pub(super) fn mark(&self) -> Mark {
        Mark(self.variables.len())
    }

    pub(super) fn back_to(&mut self, mark: Mark) {
        for name in self.variables.drain(mark.0..) {
            self.slots_of.get_mut(name).and_then(Vec::pop);
        }
    }
}
