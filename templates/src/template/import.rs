//! The data of a server to values of a rendering.

use secrecy::ExposeSecret as _;

use crate::data::{self, Data};
use crate::runtime::{Context, Entries, ListType, MapType, Outcome, Text, Value};

/// The map that `.` is.
pub(crate) fn data(context: &mut Context, data: &Data) -> Outcome {
    let mut entries = Entries::new();
    for (key, value) in data.iter() {
        let key = text(context, key)?;
        let value = self::value(context, value)?;
        context.enter(&mut entries, key, value)?;
    }
    context.map(MapType::Any, entries)
}

/// A text of the data, which may be longer than one that a function makes.
fn text(context: &mut Context, text: &str) -> Outcome<Text> {
    context.pay_for_text(text.len())?;
    Ok(Text::new(text))
}

/// Recursion is bounded by the depth that [`Data`] is read with.
fn value(context: &mut Context, value: &data::Value) -> Outcome {
    Ok(match value {
        data::Value::Null => Value::Nil,
        data::Value::Bool(boolean) => Value::Bool(*boolean),
        data::Value::Number(text) => Value::Number(self::text(context, text.expose_secret())?),
        data::Value::Text(text) => Value::Text(self::text(context, text.expose_secret())?),
        data::Value::List(list) => {
            let mut items = context.room_for(list.len())?;
            for item in list {
                items.push(self::value(context, item)?);
            }
            context.list_of(ListType::Any, items)?
        }
        data::Value::Map(map) => data(context, map)?,
    })
}
