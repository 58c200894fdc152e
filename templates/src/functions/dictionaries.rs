//! Maps.

use super::entry::{Arguments, Function, Group, any, integer, map, text};
use super::search::split;
use crate::go::format;
use crate::runtime::{Context, Entries, Failure, ListType, Map, MapType, Outcome, Text, Value};

pub(super) const GROUP: Group = Group {
    title: "Maps",
    functions: &[
        Function::new("dict", &[], dict).rest(any("entries")).doc(
            "A map of keys and values, one after the other.",
            r#"${dict "a" 1 "b" 2 | toJson}"#,
            r#"{"a":1,"b":2}"#,
        ),
        Function::new("get", &[map("map"), text("key")], get).doc(
            "The value of a key; an empty text, if there is none.",
            r#"${get (dict "a" 1) "a"}"#,
            "1",
        ),
        Function::new("set", &[map("map"), text("key"), any("value")], set).doc(
            "Puts a value into the map, and gives the map.",
            r#"${set (dict "a" 1) "b" 2 | toJson}"#,
            r#"{"a":1,"b":2}"#,
        ),
        Function::new("unset", &[map("map"), text("key")], unset).doc(
            "Takes a key out of the map, and gives the map.",
            r#"${unset (dict "a" 1 "b" 2) "a" | toJson}"#,
            r#"{"b":2}"#,
        ),
        Function::new("hasKey", &[map("map"), text("key")], has_key).doc(
            "Whether the map has the key.",
            r#"${hasKey (dict "a" 1) "b"}"#,
            "false",
        ),
        Function::new("keys", &[], keys).rest(map("maps")).doc(
            "The keys of all maps, sorted within each.",
            r#"${keys (dict "b" 1 "a" 2)}"#,
            "[a b]",
        ),
        Function::new("values", &[map("map")], values).doc(
            "The values of a map, in the order of their keys.",
            r#"${values (dict "b" 1 "a" 2)}"#,
            "[2 1]",
        ),
        Function::new("pick", &[map("map")], pick)
            .rest(text("keys"))
            .doc(
                "The map with these keys alone.",
                r#"${pick (dict "a" 1 "b" 2) "a" | toJson}"#,
                r#"{"a":1}"#,
            ),
        Function::new("omit", &[map("map")], omit)
            .rest(text("keys"))
            .doc(
                "The map without these keys.",
                r#"${omit (dict "a" 1 "b" 2) "a" | toJson}"#,
                r#"{"b":2}"#,
            ),
        Function::new("pluck", &[text("key")], pluck)
            .rest(map("maps"))
            .doc(
                "The values that the maps have for a key.",
                r#"${pluck "a" (dict "a" 1) (dict "b" 2) (dict "a" 3)}"#,
                "[1 3]",
            ),
        Function::new("dig", &[any("key"), any("default"), any("map")], dig)
            .rest(any("more"))
            .doc(
                "What lies under the keys, one after the other; the default, if a key is missing.",
                r#"${dig "a" "b" "none" (dict "a" (dict "b" 1))}"#,
                "1",
            ),
        Function::new("split", &[text("separator"), text("text")], split_map).doc(
            "The parts of the text between separators, as a map with the keys `_0`, `_1`, ….",
            r#"${(split "," "a,b")._1}"#,
            "b",
        ),
        Function::new(
            "splitn",
            &[text("separator"), integer("most"), text("text")],
            splitn,
        )
        .doc(
            "As `split`, into at most so many parts.",
            r#"${(splitn "," 2 "a,b,c")._1}"#,
            "b,c",
        ),
    ],
};

fn dict(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut entries = Entries::new();
    for pair in arguments.rest(0).chunks(2) {
        let key = format::text_of(context, &pair[0])?;
        let value = pair.get(1).cloned().unwrap_or_else(|| Value::text(""));
        context.enter(&mut entries, key, value)?;
    }
    context.map(MapType::Any, entries)
}

fn get(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let value = context.get(arguments.map(0)?, arguments.text(1)?.bytes())?;
    Ok(value.unwrap_or_else(|| Value::text("")))
}

fn set(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let map = arguments.map(0)?;
    context.insert(map, arguments.text(1)?.clone(), arguments.any(2)?.clone())?;
    Ok(Value::Map(map))
}

fn unset(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let map = arguments.map(0)?;
    context.remove(map, arguments.text(1)?.bytes());
    Ok(Value::Map(map))
}

fn has_key(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let value = context.get(arguments.map(0)?, arguments.text(1)?.bytes())?;
    Ok(Value::Bool(value.is_some()))
}

fn keys(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let maps = (0..arguments.rest(0).len()).map(|index| arguments.map(index));
    let maps: Vec<Map> = maps.collect::<Outcome<_>>()?;
    let count = maps.iter().map(|map| context.entries(*map).len()).sum();
    let mut keys = context.room_for(count)?;
    for map in maps {
        keys.extend(context.entries(map).keys().cloned().map(Value::Text));
    }
    context.list_of(ListType::Texts, keys)
}

fn values(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let map = arguments.map(0)?;
    let mut values = context.room_for(context.entries(map).len())?;
    values.extend(context.entries(map).values().cloned());
    context.list_of(ListType::Any, values)
}

fn texts_of<'a>(arguments: &Arguments<'a>, from: usize) -> Outcome<Vec<&'a Text>> {
    (from..arguments.rest(0).len())
        .map(|index| arguments.text(index))
        .collect()
}

fn pick(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let map = arguments.map(0)?;
    let mut picked = Entries::new();
    for key in texts_of(arguments, 1)? {
        if let Some(value) = context.get(map, key.bytes())? {
            context.enter(&mut picked, key.clone(), value)?;
        }
    }
    context.map(MapType::Any, picked)
}

fn omit(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut entries = context.copy_of_entries(arguments.map(0)?)?;
    for key in texts_of(arguments, 1)? {
        entries.remove(key);
    }
    context.map(MapType::Any, entries)
}

fn pluck(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let key = arguments.text(0)?.bytes();
    let mut plucked = Vec::new();
    for index in 1..arguments.rest(0).len() {
        if let Some(value) = context.get(arguments.map(index)?, key)? {
            context.push(&mut plucked, value)?;
        }
    }
    context.list_of(ListType::Any, plucked)
}

fn dig(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let [keys @ .., default, map] = arguments.rest(0) else {
        return Failure::because("it takes keys, a default and a map");
    };
    let mut value = map.clone();
    for key in keys {
        let (Value::Map(map), Value::Text(key)) = (&value, key) else {
            return Failure::because("it takes keys that are texts, a default and a map of maps");
        };
        match context.get(*map, key.bytes())? {
            Some(inner) => value = inner,
            None => return Ok(default.clone()),
        }
    }
    Ok(value)
}

fn split_map(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (separator, text) = (arguments.text(0)?.bytes(), arguments.text(1)?.bytes());
    numbered(context, split(separator, text, None))
}

fn splitn(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let most = usize::try_from(arguments.integer(1)?).ok();
    let (separator, text) = (arguments.text(0)?.bytes(), arguments.text(2)?.bytes());
    numbered(context, split(separator, text, most))
}

fn numbered<'t>(context: &mut Context, parts: impl Iterator<Item = &'t [u8]>) -> Outcome {
    let mut entries = Entries::new();
    for (index, part) in parts.enumerate() {
        let key = context.make_text(format!("_{index}"))?;
        let part = context.text(part)?;
        context.enter(&mut entries, key, part)?;
    }
    context.map(MapType::Texts, entries)
}
