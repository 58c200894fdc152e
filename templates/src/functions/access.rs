//! Items of lists, entries of maps, bytes of texts.

use super::entry::{Arguments, Function, Group, any};
use crate::go::cast;
use crate::runtime::{Context, Failure, IntegerType, Map, MapType, Numeric, Outcome, Value};

pub(super) const GROUP: Group = Group {
    title: "Items and lengths",
    functions: &[
        Function::new("slice", &[any("list")], slice)
            .aliases(&["mustSlice"])
            .rest(any("positions"))
            .doc(
                "The items from the first position up to the second; of a text, the bytes.",
                r#"${slice (list 1 2 3 4) 1 3} ${slice "abcd" 2}"#,
                "[2 3] cd",
            ),
        Function::new("index", &[any("value")], index).rest(any("keys")).doc(
            "The item at a position, the entry of a map, or of a value inside them; a missing entry is nil.",
            r#"${index (list "a" "b") 1} ${index (dict "a-b" (list 7 8)) "a-b" 0}"#,
            "b 7",
        ),
        Function::new("len", &[any("value")], len).doc(
            "How many items a list or map has, and how many bytes a text.",
            r#"${len (list 1 2)} ${len "abc"}"#,
            "2 3",
        ),
    ],
};

const RANGE: Failure = Failure::Because("a position is out of range");

fn position(value: &Value) -> Outcome<usize> {
    match value {
        Value::Integer(..) | Value::Number(_) => match Numeric::of(value) {
            Some(Numeric::Integer(integer)) => usize::try_from(integer).map_err(|_| RANGE),
            _ => Failure::because("a position must be an integer"),
        },
        _ => Failure::because("a position must be an integer"),
    }
}

fn slice(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let bound = |index: usize, default: usize| match arguments.rest(1).get(index) {
        None => Ok(default),
        Some(value) => usize::try_from(cast::to_i64(value)).map_err(|_| RANGE),
    };
    match arguments.any(0)? {
        Value::List(list) => {
            let items = list.items();
            if items.is_empty() {
                return Ok(Value::Nil);
            }
            let range = bound(0, 0)?..bound(1, items.len())?;
            let part = items.get(range).ok_or(RANGE)?;
            context.list(list.list_type(), part)
        }
        Value::Text(text) => {
            let range = bound(0, 0)?..bound(1, text.len())?;
            context.text(text.bytes().get(range).ok_or(RANGE)?)
        }
        _ => Failure::because("only a list or a text has parts"),
    }
}

fn index(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut value = arguments.any(0)?.clone();
    if matches!(value, Value::Nil) {
        return Failure::because("nil has no items");
    }
    for key in arguments.rest(1) {
        value = match &value {
            Value::List(list) => list.items().get(position(key)?).ok_or(RANGE)?.clone(),
            Value::Text(text) => {
                let byte = *text.bytes().get(position(key)?).ok_or(RANGE)?;
                Value::Integer(byte.into(), IntegerType::Byte)
            }
            Value::Map(map) => entry(context, *map, key)?,
            _ => return Failure::because("only a list, a map or a text has items"),
        };
    }
    Ok(value)
}

fn entry(context: &mut Context, map: Map, key: &Value) -> Outcome {
    let Value::Text(key) = key else {
        return Failure::because("the key of a map must be a text");
    };
    let missing = match context.map_type(map) {
        MapType::Any => Value::Nil,
        MapType::Texts => Value::text(""),
    };
    Ok(context.get(map, key.bytes())?.unwrap_or(missing))
}

fn len(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let length = match arguments.any(0)? {
        Value::List(list) => list.items().len(),
        Value::Map(map) => context.entries(*map).len(),
        Value::Text(text) | Value::Number(text) => text.len(),
        _ => return Failure::because("only a list, a map or a text has a length"),
    };
    Ok(Value::int(i64::try_from(length).unwrap_or(i64::MAX)))
}
