//! JSON text to values, paid for while it is read: a text of a few bytes may stand for a large value.

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::value::RawValue;

use crate::runtime::{Context, Entries, Failure, ListType, MapType, Outcome, Value, limits};

/// What the text says; nothing, if it is no JSON. Numbers stay as they are written.
pub(super) fn read(context: &mut Context, text: &str) -> Outcome<Option<Value>> {
    match read_value(context, text, 0) {
        Ok(value) => Ok(Some(value)),
        Err(Stop::Syntax) => Ok(None),
        Err(Stop::Failed(failure)) => Err(failure),
    }
}

/// Why reading ended early.
enum Stop {
    Syntax,
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Each level reads the levels below it once more, and pays for that.
fn read_value(context: &mut Context, text: &str, depth: usize) -> Result<Value, Stop> {
    if depth > limits::JSON_DEPTH {
        return Err(Failure::TooDeep.into());
    }
    context.read(text.len())?;
    let text = text.trim_ascii();
    Ok(match text.bytes().next() {
        Some(b'{' | b'[') => read_nested(context, text, depth)?,
        Some(b'"') => context.text(typed::<String>(text)?)?,
        Some(b't' | b'f') => Value::Bool(typed(text)?),
        Some(b'n') => {
            typed::<()>(text)?;
            Value::Nil
        }
        // `serde_json` checks what is a number; nothing is computed from it.
        Some(b'-' | b'0'..=b'9') => {
            Value::Number(context.make_text(typed::<&RawValue>(text)?.get())?)
        }
        _ => return Err(Stop::Syntax),
    })
}

fn typed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Stop> {
    serde_json::from_str(text).map_err(|_| Stop::Syntax)
}

fn read_nested(context: &mut Context, text: &str, depth: usize) -> Result<Value, Stop> {
    let mut stop = None;
    let mut json = serde_json::Deserializer::from_str(text);
    let nested = Nested {
        context,
        depth,
        stop: &mut stop,
    };
    let value = json
        .deserialize_any(nested)
        .and_then(|value| json.end().map(|()| value));
    value.map_err(|_| stop.unwrap_or(Stop::Syntax))
}

/// A list or a map. Its items come one after the other, so that none is held that is not paid for.
struct Nested<'c> {
    context: &'c mut Context,
    depth: usize,
    stop: &'c mut Option<Stop>,
}

impl Nested<'_> {
    /// Keeps the reason for later: `serde_json` has no place for it.
    fn keep<T, E: de::Error>(&mut self, result: Result<T, Stop>) -> Result<T, E> {
        result.map_err(|stop| {
            *self.stop = Some(stop);
            E::custom("")
        })
    }

    fn item<E: de::Error>(&mut self, raw: &RawValue) -> Result<Value, E> {
        let item = read_value(self.context, raw.get(), self.depth + 1);
        self.keep(item)
    }
}

impl<'de> Visitor<'de> for Nested<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut array: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(raw) = array.next_element::<&RawValue>()? {
            let item = self.item(raw)?;
            let pushed = self.context.push(&mut items, item);
            self.keep(pushed.map_err(Stop::from))?;
        }
        let list = self.context.list_of(ListType::Any, items);
        self.keep(list.map_err(Stop::from))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Value, A::Error> {
        let mut entries = Entries::new();
        while let Some(key) = object.next_key::<String>()? {
            let key = self.context.make_text(key);
            let key = self.keep(key.map_err(Stop::from))?;
            let value = self.item(object.next_value::<&RawValue>()?)?;
            let entered = self.context.enter(&mut entries, key, value);
            self.keep(entered.map_err(Stop::from))?;
        }
        let map = self.context.map(MapType::Any, entries);
        self.keep(map.map_err(Stop::from))
    }
}
