//! Lists: making them, and taking parts of them.

use super::entry::{Arguments, Function, Group, any, list, text};
use crate::go::cast;
use crate::runtime::text::Text;
use crate::runtime::{Buffer, Context, Failure, List, ListType, Map, Numeric, Outcome, Value};
use crate::template::evaluate::truth;

pub(super) const GROUP: Group = Group {
    title: "Lists",
    functions: &[
        Function::new("list", &[], make).aliases(&["tuple"]).rest(any("items")).doc(
            "A list of the arguments.",
            r#"${list 1 "a" true}"#,
            "[1 a true]",
        ),
        Function::new("first", &[list("list")], first).aliases(&["mustFirst"]).doc(
            "The first item; nil, if there is none.",
            r#"${list "a" "b" | first}"#,
            "a",
        ),
        Function::new("last", &[list("list")], last).aliases(&["mustLast"]).doc(
            "The last item; nil, if there is none.",
            r#"${list "a" "b" | last}"#,
            "b",
        ),
        Function::new("rest", &[list("list")], rest).aliases(&["mustRest"]).doc(
            "All items but the first.",
            "${list 1 2 3 | rest}",
            "[2 3]",
        ),
        Function::new("initial", &[list("list")], initial).aliases(&["mustInitial"]).doc(
            "All items but the last.",
            "${list 1 2 3 | initial}",
            "[1 2]",
        ),
        Function::new("append", &[list("list"), any("item")], append)
            .aliases(&["push", "mustAppend", "mustPush"])
            .doc("The list with one more item.", "${append (list 1 2) 3}", "[1 2 3]"),
        Function::new("prepend", &[list("list"), any("item")], prepend)
            .aliases(&["mustPrepend"])
            .doc("The list with one more item before it.", "${prepend (list 1 2) 0}", "[0 1 2]"),
        Function::new("concat", &[], concat).rest(list("lists")).doc(
            "One list of the items of all.",
            "${concat (list 1 2) (list 3)}",
            "[1 2 3]",
        ),
        Function::new("slice", &[any("list")], slice)
            .aliases(&["mustSlice"])
            .rest(any("positions"))
            .doc(
                "The items from the first position up to the second; of a text, the bytes.",
                r#"${slice (list 1 2 3 4) 1 3} ${slice "abcd" 2}"#,
                "[2 3] cd",
            ),
        Function::new("index", &[any("value")], index).rest(any("keys")).doc(
            "The item at a position, the entry of a map, or of what is inside them; a missing entry is nil.",
            r#"${index (list "a" "b") 1} ${index (dict "a-b" (list 7 8)) "a-b" 0}"#,
            "b 7",
        ),
        Function::new("len", &[any("value")], len).doc(
            "How many items a list or map has, and how many bytes a text.",
            r#"${len (list 1 2)} ${len "abc"}"#,
            "2 3",
        ),
        Function::new("join", &[text("separator"), any("list")], join).doc(
            "The items as text with the separator between them; nil is left out.",
            r#"${list 1 "a" nil 2 | join "-"}"#,
            "1-a-2",
        ),
        Function::new("toStrings", &[any("list")], to_strings).doc(
            "The items as texts; nil is left out.",
            "${toStrings (list 1 2) | toJson}",
            r#"["1","2"]"#,
        ),
        Function::new("splitList", &[text("separator"), text("text")], split_list).doc(
            "The parts of the text between separators, as a list.",
            r#"${splitList "," "a,b,c" | last}"#,
            "c",
        ),
    ],
};

fn make(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    context.list(ListType::Any, arguments.rest(0).to_vec())
}

fn first(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(arguments
        .list(0)?
        .items()
        .first()
        .cloned()
        .unwrap_or(Value::Nil))
}

fn last(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(arguments
        .list(0)?
        .items()
        .last()
        .cloned()
        .unwrap_or(Value::Nil))
}

/// A part of a list; of an empty list, what Go calls a nil slice.
fn part(context: &mut Context, list: &List, part: Option<&[Value]>) -> Outcome {
    match part {
        Some(items) if !list.items().is_empty() => context.list(ListType::Any, items.to_vec()),
        _ => context.list(ListType::Nil, Vec::new()),
    }
}

fn rest(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let list = arguments.list(0)?;
    part(context, list, list.items().get(1..))
}

fn initial(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let list = arguments.list(0)?;
    part(
        context,
        list,
        list.items().split_last().map(|(_, initial)| initial),
    )
}

fn append(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut items = arguments.list(0)?.items().to_vec();
    items.push(arguments.any(1)?.clone());
    context.list(ListType::Any, items)
}

fn prepend(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut items = vec![arguments.any(1)?.clone()];
    items.extend_from_slice(arguments.list(0)?.items());
    context.list(ListType::Any, items)
}

fn concat(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut items = Vec::new();
    for index in 0..arguments.rest(0).len() {
        let list = arguments.list(index)?;
        context.step(list.items().len())?;
        items.extend_from_slice(list.items());
    }
    let list_type = if items.is_empty() {
        ListType::Nil
    } else {
        ListType::Any
    };
    context.list(list_type, items)
}

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
            context.list(list.list_type(), part.to_vec())
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
                Value::Integer(byte.into(), crate::runtime::IntegerType::Byte)
            }
            Value::Map(map) => entry(context, *map, key)?,
            _ => return Failure::because("only a list, a map or a text has items"),
        };
    }
    Ok(value)
}

fn entry(context: &Context, map: Map, key: &Value) -> Outcome {
    let Value::Text(key) = key else {
        return Failure::because("the key of a map must be a text");
    };
    let missing = match context.map_type(map) {
        crate::runtime::MapType::Any => Value::Nil,
        crate::runtime::MapType::Texts => Value::text(""),
    };
    Ok(context.entries(map).get(key).cloned().unwrap_or(missing))
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

/// The items as texts without nil; what is no list is the only item.
pub(super) fn texts(context: &mut Context, value: &Value) -> Outcome<Vec<Text>> {
    let items = match value {
        Value::List(list) => list.items(),
        Value::Nil => &[],
        single => std::slice::from_ref(single),
    };
    let mut texts = Vec::with_capacity(items.len());
    for item in items.iter().filter(|item| !matches!(item, Value::Nil)) {
        context.step(1)?;
        texts.push(crate::go::format::text_of(context, item)?);
    }
    Ok(texts)
}

fn join(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let separator = arguments.text(0)?.bytes();
    let mut output = Buffer::new();
    for (index, text) in texts(context, arguments.any(1)?)?.iter().enumerate() {
        if index > 0 {
            output.push(separator)?;
        }
        output.push(text.bytes())?;
    }
    context.finish(output)
}

fn to_strings(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let texts = texts(context, arguments.any(0)?)?;
    context.list(
        ListType::Texts,
        texts.into_iter().map(Value::Text).collect(),
    )
}

fn split_list(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let parts = split(context, arguments.text(0)?, arguments.text(1)?, None)?;
    context.texts(parts)
}

/// The parts between separators, the last one with the rest where there are more than `most`. An
/// empty separator splits between characters.
pub(super) fn split<'t>(
    context: &mut Context,
    separator: &Text,
    text: &'t Text,
    most: Option<usize>,
) -> Outcome<Vec<&'t [u8]>> {
    let mut parts = Vec::new();
    let mut rest = text.bytes();
    let is_last = |parts: &Vec<_>| most.is_some_and(|most| parts.len() + 1 >= most);
    if separator.is_empty() {
        while let Some((_, width)) = crate::runtime::text::first_rune(rest) {
            context.step(1)?;
            let end = if is_last(&parts) { rest.len() } else { width };
            parts.push(&rest[..end]);
            rest = &rest[end..];
        }
        return Ok(parts);
    }
    while let Some(at) = super::strings::find(rest, separator.bytes()) {
        if is_last(&parts) {
            break;
        }
        context.step(1)?;
        parts.push(&rest[..at]);
        rest = &rest[at + separator.len()..];
    }
    parts.push(rest);
    Ok(parts)
}

/// Whether a value is empty in the sense of `default`.
pub(super) fn is_empty(context: &Context, value: &Value) -> bool {
    !truth(context, value)
}
