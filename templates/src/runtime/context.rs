//! The state of one rendering that functions see.

use std::collections::BTreeMap;

use contract::limits::templates as limits;

use super::buffer::Buffer;
use super::clock::Clock;
use super::failure::Failure;
use super::outcome::Outcome;
use super::text::Text;
use super::value::{List, ListType, Map, MapType, Value};
use crate::go::semver::Version;

#[cfg(test)]
thread_local! {
    /// Which part of the budget this thread's renderings have, so that a test of hundreds that use it up
    /// does not take minutes.
    pub(crate) static SHARE: std::cell::Cell<usize> = const { std::cell::Cell::new(1) };
}

#[cfg(test)]
fn share() -> usize {
    SHARE.get()
}

#[cfg(not(test))]
const fn share() -> usize {
    1
}

/// The entries of a map, in the byte order of their keys.
pub(crate) type Entries = BTreeMap<Text, Value>;

struct MapNode {
    entries: Entries,
    map_type: MapType,
}

/// Maps, clock and budget of one rendering.
///
/// Maps live here and values refer to them, so a map may even hold itself without a leak, and
/// dropping what is nested deeply does not recurse.
pub(crate) struct Context {
    maps: Vec<MapNode>,
    /// The map that holds the whole data.
    data: Option<Map>,
    clock: Clock,
    /// In parts of a step, of which each pays for one byte.
    work_left: usize,
    bytes_left: usize,
}

impl Context {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            maps: Vec::new(),
            data: None,
            clock,
            work_left: limits::STEPS * limits::BYTES_IN_A_STEP / share(),
            bytes_left: limits::PRODUCED / share(),
        }
    }

    /// Says which map holds the whole data.
    pub(crate) fn set_data(&mut self, data: Map) {
        self.data = Some(data);
    }

    /// Whether the map holds the whole data.
    pub(crate) fn is_data(&self, map: Map) -> bool {
        self.data == Some(map)
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// Pays for `count` steps.
    pub(crate) fn step(&mut self, count: usize) -> Outcome<()> {
        self.read(count.saturating_mul(limits::BYTES_IN_A_STEP))
    }

    /// Pays for looking at `count` bytes, or for writing them.
    pub(crate) fn read(&mut self, count: usize) -> Outcome<()> {
        pay(&mut self.work_left, count, Failure::TooManySteps)
    }

    /// Pays for looking at a value, but not at what is inside it.
    pub(crate) fn look_at(&mut self, value: &Value) -> Outcome<()> {
        match value {
            Value::Text(text) | Value::Number(text) => self.read(text.len()),
            Value::Time(_) | Value::Version(_) => self.step(limits::STRUCTURE),
            _ => Ok(()),
        }
    }

    /// Pays for `count` bytes of memory.
    pub(crate) fn produce(&mut self, count: usize) -> Outcome<()> {
        pay(&mut self.bytes_left, count, Failure::TooMuchData)
    }

    /// Pays for a search by a regular expression: beforehand for the most that it can take.
    pub(crate) fn begin_search(&mut self, most: usize) -> Outcome<()> {
        pay(&mut self.work_left, most, Failure::RegexTooMuchWork)
    }

    /// Gives back what the search did not take.
    pub(crate) fn end_search(&mut self, most: usize, taken: usize) {
        self.work_left += most.saturating_sub(taken);
    }

    /// Pays for a text of that length.
    pub(crate) fn pay_for_text(&mut self, length: usize) -> Outcome<()> {
        self.read(length)?;
        self.produce(length.saturating_add(limits::TEXT_OVERHEAD))
    }

    /// A text made by a function.
    pub(crate) fn make_text(&mut self, bytes: impl Into<Vec<u8>>) -> Outcome<Text> {
        let text = Text::new(bytes);
        if text.len() > limits::TEXT {
            return Err(Failure::TextTooLong);
        }
        self.pay_for_text(text.len())?;
        Ok(text)
    }

    /// A text made by a function, as a value.
    pub(crate) fn text(&mut self, bytes: impl Into<Vec<u8>>) -> Outcome {
        self.make_text(bytes).map(Value::Text)
    }

    /// A text made by a function.
    pub(crate) fn finish(&mut self, buffer: Buffer) -> Outcome {
        self.text(buffer.into_bytes())
    }

    /// A version made by a function.
    pub(crate) fn version(&mut self, version: Version) -> Outcome {
        self.step(limits::STRUCTURE)?;
        self.produce(size_of::<Version>() + 4 * limits::VERSION)?;
        Ok(Value::Version(version.into()))
    }

    /// Room for the items of a list, paid for.
    pub(crate) fn room_for(&mut self, count: usize) -> Outcome<Vec<Value>> {
        self.step(count)?;
        self.produce(count.saturating_mul(size_of::<Value>()))?;
        Ok(Vec::with_capacity(count))
    }

    /// Puts one more item into a list whose length is not known beforehand, and pays for it.
    pub(crate) fn push(&mut self, items: &mut Vec<Value>, item: Value) -> Outcome<()> {
        self.step(1)?;
        // Up to half of the room of a growing vector is empty.
        self.produce(2 * size_of::<Value>())?;
        items.push(item);
        Ok(())
    }

    /// A list of items that are paid for.
    pub(crate) fn list_of(&mut self, list_type: ListType, items: Vec<Value>) -> Outcome {
        self.step(1)?;
        self.produce(limits::LIST_OVERHEAD)?;
        let list = List::new(list_type, items);
        if list.depth() > limits::VALUE_DEPTH {
            return Err(Failure::TooDeep);
        }
        Ok(Value::List(list))
    }

    /// A list made by a function.
    pub(crate) fn list(&mut self, list_type: ListType, items: &[Value]) -> Outcome {
        let mut room = self.room_for(items.len())?;
        room.extend_from_slice(items);
        self.list_of(list_type, room)
    }

    /// A list of texts made by a function.
    pub(crate) fn texts<T: Into<Vec<u8>>>(
        &mut self,
        texts: impl IntoIterator<Item = T>,
    ) -> Outcome {
        let mut items = Vec::new();
        for text in texts {
            let text = self.text(text)?;
            self.push(&mut items, text)?;
        }
        self.list_of(ListType::Texts, items)
    }

    /// Puts one more entry into a map that is being made, and pays for it.
    pub(crate) fn enter(&mut self, entries: &mut Entries, key: Text, value: Value) -> Outcome<()> {
        self.step(1)?;
        self.read(key.len())?;
        self.produce(limits::MAP_ENTRY + node(entries))?;
        entries.insert(key, value);
        Ok(())
    }

    /// A map of entries that are paid for.
    pub(crate) fn map(&mut self, map_type: MapType, entries: Entries) -> Outcome {
        self.step(1)?;
        self.produce(limits::MAP_OVERHEAD)?;
        self.maps.push(MapNode { entries, map_type });
        Ok(Value::Map(Map(self.maps.len() - 1)))
    }

    pub(crate) fn entries(&self, map: Map) -> &Entries {
        &self.maps[map.0].entries
    }

    /// The value of a key.
    pub(crate) fn get(&mut self, map: Map, key: &[u8]) -> Outcome<Option<Value>> {
        self.step(1)?;
        self.read(key.len())?;
        Ok(self.entries(map).get(key).cloned())
    }

    /// The entries, for those who do something else with the context while they walk through.
    pub(crate) fn copy_of_entries(&mut self, map: Map) -> Outcome<Entries> {
        let entries = self.entries(map);
        let (count, keys, node) = (entries.len(), keys_length(entries), node(&Entries::new()));
        self.step(count)?;
        self.read(keys)?;
        self.produce(node + count.saturating_mul(limits::MAP_ENTRY))?;
        Ok(self.entries(map).clone())
    }

    pub(crate) fn map_type(&self, map: Map) -> MapType {
        self.maps[map.0].map_type
    }

    pub(crate) fn insert(&mut self, map: Map, key: Text, value: Value) -> Outcome<()> {
        let mut entries = std::mem::take(&mut self.maps[map.0].entries);
        let entered = self.enter(&mut entries, key, value);
        self.maps[map.0].entries = entries;
        entered
    }

    pub(crate) fn remove(&mut self, map: Map, key: &[u8]) {
        self.maps[map.0].entries.remove(key);
    }
}

/// Memory of the first node, for a map that has none yet.
fn node(entries: &Entries) -> usize {
    if entries.is_empty() {
        limits::MAP_NODE
    } else {
        0
    }
}

/// Who does something with each entry looks at the keys, which may be long.
fn keys_length(entries: &Entries) -> usize {
    entries.keys().map(Text::len).sum()
}

fn pay(left: &mut usize, count: usize, failure: Failure) -> Outcome<()> {
    *left = left.checked_sub(count).ok_or(failure)?;
    Ok(())
}
