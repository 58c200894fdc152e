//! Lists made of other lists: sorted, without duplicates, in chunks.

use super::entry::{Arguments, Function, Group, any, integer, list};
use super::lists_texts::{list_of_texts, texts};
use crate::runtime::truth::is_empty;
use crate::runtime::{Context, Failure, ListType, Outcome, Text, Value, equal};

pub(super) const GROUP: Group = Group {
    title: "Lists made of lists",
    functions: &[
        Function::new("sortAlpha", &[any("list")], sort_alpha).doc(
            "The items as texts, sorted by their bytes.",
            r#"${list "b" "a" "c" | sortAlpha}"#,
            "[a b c]",
        ),
        Function::new("reverse", &[list("list")], reverse)
            .aliases(&["mustReverse"])
            .doc(
                "The items in the opposite order.",
                "${list 1 2 3 | reverse}",
                "[3 2 1]",
            ),
        Function::new("compact", &[list("list")], compact)
            .aliases(&["mustCompact"])
            .doc(
                "The items that are not empty.",
                r#"${list 1 "" nil 2 | compact}"#,
                "[1 2]",
            ),
        Function::new("uniq", &[list("list")], uniq)
            .aliases(&["mustUniq"])
            .doc(
                "The items without repetitions.",
                "${list 1 2 1 3 2 | uniq}",
                "[1 2 3]",
            ),
        Function::new("without", &[list("list")], without)
            .aliases(&["mustWithout"])
            .rest(any("items"))
            .doc("The items but these.", "${without (list 1 2 3) 1 3}", "[2]"),
        Function::new("has", &[any("item"), any("list")], has)
            .aliases(&["mustHas"])
            .doc(
                "Whether the item is in the list.",
                "${has 2 (list 1 2 3)}",
                "true",
            ),
        Function::new("chunk", &[integer("size"), list("list")], chunk)
            .aliases(&["mustChunk"])
            .doc(
                "The items in lists of that size.",
                "${list 1 2 3 4 5 | chunk 2}",
                "[[1 2] [3 4] [5]]",
            ),
    ],
};

fn sort_alpha(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut texts = texts(context, arguments.any(0)?)?;
    // Each is compared so often, and two may differ at their ends only.
    let comparisons = texts.len().checked_ilog2().unwrap_or(0) as usize + 1;
    let length: usize = texts.iter().map(Text::len).sum();
    context.read(length.saturating_mul(comparisons))?;
    texts.sort_unstable();
    list_of_texts(context, texts)
}

fn reverse(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let items = arguments.list(0)?.items();
    let mut reversed = context.room_for(items.len())?;
    reversed.extend(items.iter().rev().cloned());
    context.list_of(ListType::Any, reversed)
}

fn compact(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut kept = Vec::new();
    for item in arguments.list(0)?.items() {
        context.step(1)?;
        context.look_at(item)?;
        if !is_empty(context, item) {
            context.push(&mut kept, item.clone())?;
        }
    }
    context.list_of(ListType::Any, kept)
}

/// Whether the item is among these.
fn is_among(context: &mut Context, items: &[Value], item: &Value) -> Outcome<bool> {
    for other in items {
        if equal(context, other, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn uniq(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut kept = Vec::new();
    for item in arguments.list(0)?.items() {
        if !is_among(context, &kept, item)? {
            context.push(&mut kept, item.clone())?;
        }
    }
    context.list_of(ListType::Any, kept)
}

fn without(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut kept = Vec::new();
    for item in arguments.list(0)?.items() {
        if !is_among(context, arguments.rest(1), item)? {
            context.push(&mut kept, item.clone())?;
        }
    }
    context.list_of(ListType::Any, kept)
}

fn has(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    match arguments.any(1)? {
        Value::Nil => Ok(Value::Bool(false)),
        Value::List(list) => is_among(context, list.items(), arguments.any(0)?).map(Value::Bool),
        _ => Failure::because("only a list has items; `contains` looks into texts"),
    }
}

fn chunk(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let size = usize::try_from(arguments.integer(0)?)
        .ok()
        .filter(|size| *size > 0);
    let size = size.ok_or(Failure::Because("the size must be at least 1"))?;
    let items = arguments.list(1)?.items();
    let mut chunks = context.room_for(items.len().div_ceil(size))?;
    for items in items.chunks(size) {
        chunks.push(context.list(ListType::Any, items)?);
    }
    context.list_of(ListType::Lists, chunks)
}
