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

    /// Pays for `count` bytes.
    pub(crate) fn produce(&mut self, count: usize) -> Outcome<()> {
        pay(&mut self.bytes_left, count, Failure::TooMuchData)
    }

    /// Pays for a search by a regular expression.
    pub(crate) fn search(&mut self, work: usize) -> Outcome<()> {
        pay(&mut self.regex_work_left, work, Failure::RegexTooMuchWork)
    }

    /// A text made by a function.
    pub(crate) fn text(&mut self, bytes: impl Into<Vec<u8>>) -> Outcome {
        let text = Text::new(bytes);
        if text.len() > limits::TEXT {
            return Err(Failure::TextTooLong);
        }
        self.produce(text.len())?;
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
        let size = size_of::<MapNode>() + entries.len() * size_of::<(Text, Value)>();
        self.produce(size)?;
        self.maps.push(MapNode { entries, map_type });
        Ok(Value::Map(Map(self.maps.len() - 1)))
    }

    pub(crate) fn entries(&self, map: Map) -> &Entries {
        &self.maps[map.0].entries
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

fn pay(left: &mut usize, count: usize, failure: Failure) -> Outcome<()> {
    *left = left.checked_sub(count).ok_or(failure)?;
    Ok(())
}
