//! The state of one rendering that functions see.

use std::collections::BTreeMap;

use super::value::{List, ListType, Map, MapType, Value};
use super::{Buffer, Failure, Outcome, Text, limits};

/// The time at which a rendering takes place, for `now`, `ago` and their kin. The caller gives it,
/// so that a rendering can be repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub unix_seconds: i64,
    /// Nanoseconds within the second.
    pub nanoseconds: u32,
}

impl Clock {
    /// The time of the system.
    pub fn system() -> Self {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            unix_seconds: since.as_secs().try_into().unwrap_or(i64::MAX),
            nanoseconds: since.subsec_nanos(),
        }
    }
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
    clock: Clock,
    steps_left: usize,
    bytes_left: usize,
    regex_work_left: usize,
}

impl Context {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            maps: Vec::new(),
            clock,
            steps_left: limits::STEPS,
            bytes_left: limits::PRODUCED,
            regex_work_left: limits::REGEX_WORK,
        }
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// Pays for `count` steps.
    pub(crate) fn step(&mut self, count: usize) -> Outcome<()> {
        pay(&mut self.steps_left, count, Failure::TooManySteps)
    }

    /// Pays for looking at `count` bytes.
    pub(crate) fn read(&mut self, count: usize) -> Outcome<()> {
        self.step(count / limits::BYTES_READ_IN_A_STEP)
    }

    /// Pays for making `count` bytes.
    pub(crate) fn produce(&mut self, count: usize) -> Outcome<()> {
        pay(&mut self.bytes_left, count, Failure::TooMuchData)
    }

    /// Pays for a search by a regular expression: beforehand for the most that it can take.
    pub(crate) fn begin_search(&mut self, most: usize) -> Outcome<()> {
        pay(&mut self.regex_work_left, most, Failure::RegexTooMuchWork)
    }

    /// Gives back what the search did not take.
    pub(crate) fn end_search(&mut self, most: usize, taken: usize) {
        self.regex_work_left += most.saturating_sub(taken);
    }

    /// A text made by a function.
    pub(crate) fn text(&mut self, bytes: impl Into<Vec<u8>>) -> Outcome {
        let text = Text::new(bytes);
        if text.len() > limits::TEXT {
            return Err(Failure::TextTooLong);
        }
        self.produce(text.len() + limits::TEXT_OVERHEAD)?;
        Ok(Value::Text(text))
    }

    /// A text made by a function.
    pub(crate) fn finish(&mut self, buffer: Buffer) -> Outcome {
        self.text(buffer.into_bytes())
    }

    /// A list made by a function.
    pub(crate) fn list(&mut self, list_type: ListType, items: Vec<Value>) -> Outcome {
        self.step(items.len())?;
        self.produce(items.len().saturating_mul(size_of::<Value>()))?;
        let list = List::new(list_type, items);
        if list.depth() > limits::VALUE_DEPTH {
            return Err(Failure::TooDeep);
        }
        Ok(Value::List(list))
    }

    /// A list of texts made by a function.
    pub(crate) fn texts<T: Into<Vec<u8>>>(
        &mut self,
        texts: impl IntoIterator<Item = T>,
    ) -> Outcome {
        let mut items = Vec::new();
        for text in texts {
            self.step(1)?;
            items.push(self.text(text)?);
        }
        self.list(ListType::Texts, items)
    }

    /// A map made by a function.
    pub(crate) fn map(&mut self, map_type: MapType, entries: Entries) -> Outcome {
        self.step(entries.len() + 1)?;
        self.read(keys_length(&entries))?;
        let size = size_of::<MapNode>() + entries.len() * size_of::<(Text, Value)>();
        self.produce(size)?;
        self.maps.push(MapNode { entries, map_type });
        Ok(Value::Map(Map(self.maps.len() - 1)))
    }

    pub(crate) fn entries(&self, map: Map) -> &Entries {
        &self.maps[map.0].entries
    }

    /// The entries, for those who do something else with the context while they walk through.
    pub(crate) fn copy_of_entries(&mut self, map: Map) -> Outcome<Entries> {
        let entries = self.entries(map).clone();
        self.step(entries.len())?;
        self.read(keys_length(&entries))?;
        Ok(entries)
    }

    pub(crate) fn map_type(&self, map: Map) -> MapType {
        self.maps[map.0].map_type
    }

    pub(crate) fn insert(&mut self, map: Map, key: Text, value: Value) -> Outcome<()> {
        self.step(1)?;
        self.produce(key.len() + size_of::<(Text, Value)>())?;
        self.maps[map.0].entries.insert(key, value);
        Ok(())
    }

    pub(crate) fn remove(&mut self, map: Map, key: &[u8]) {
        self.maps[map.0].entries.remove(key);
    }
}

/// Whoever makes a map, or does something with each entry, compares keys, which may be long.
fn keys_length(entries: &Entries) -> usize {
    entries.keys().map(Text::len).sum()
}

fn pay(left: &mut usize, count: usize, failure: Failure) -> Outcome<()> {
    *left = left.checked_sub(count).ok_or(failure)?;
    Ok(())
}
