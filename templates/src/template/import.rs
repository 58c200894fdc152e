//! The data of a server to values of a rendering.

use secrecy::ExposeSecret as _;

use crate::data::{self, Data};
use crate::runtime::{Context, ListType, MapType, Outcome, Text, Value};

/// The map that `.` is.
pub(crate) fn data(context: &mut Context, data: &Data) -> Outcome {
    let mut entries = std::collections::BTreeMap::new();
    for (key, value) in data.iter() {
        entries.insert(Text::new(key), self::value(context, value)?);
    }
    context.map(MapType::Any, entries)
}

/// Recursion is bounded by the depth that [`Data`] is read with. The texts are not charged: they
/// are there already.
pub(crate) fn value(context: &mut Context, value: &data::Value) -> Outcome {
    Ok(match value {
        data::Value::Null => Value::Nil,
        data::Value::Bool(boolean) => Value::Bool(*boolean),
        data::Value::Number(text) => Value::Number(Text::new(text.expose_secret())),
        data::Value::Text(text) => Value::Text(Text::new(text.expose_secret())),
        data::Value::List(list) => {
            let mut items = Vec::with_capacity(list.len());
            for item in list {
                items.push(self::value(context, item)?);
            }
            context.list(ListType::Any, items)?
        }
        data::Value::Map(map) => data(context, map)?,
    })
}
